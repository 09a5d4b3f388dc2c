//! Types of the description: their names, their fields, and an example of each.

use serde_json::{Map, Value, json};

use super::{escaped, text, word};

/// All named types, each with its fields or words.
pub(super) fn all(whole: &Value) -> String {
    let schemas = whole.pointer("/components/schemas").and_then(Value::as_object);
    let sections = schemas.into_iter().flatten().map(|(name, schema)| {
        let name = escaped(name);
        let about = text(word(schema, "description"));
        format!("<section id=\"{name}\"><h3>{name}</h3><p>{about}</p>{}</section>", fields(schema))
    });
    sections.collect()
}

/// The fields of an object as a table, the words of an enumeration as a list.
fn fields(schema: &Value) -> String {
    if let Some(fields) = schema.get("properties").and_then(Value::as_object) {
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let rows: String = fields
            .iter()
            .map(|(name, field)| {
                let mark = if required.contains(&name.as_str()) { " <em>always</em>" } else { "" };
                let about = text(word(field, "description"));
                format!(
                    "<tr><th><code>{}</code>{mark}</th><td>{}</td><td>{about}</td></tr>",
                    escaped(name),
                    name_of(field)
                )
            })
            .collect();
        return format!("<table>{rows}</table>");
    }
    format!("<p>{}</p>", name_of(schema))
}

/// What a value is, such as `list of Post` or `text, up to 200 characters`.
pub(super) fn name_of(schema: &Value) -> String {
    if let Some(name) = referred(schema) {
        return format!("<a href=\"#{0}\">{0}</a>", escaped(name));
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        let words: Vec<String> = words
            .iter()
            .filter_map(Value::as_str)
            .map(|word| format!("<code>{}</code>", escaped(word)))
            .collect();
        return words.join(" · ");
    }
    for kind in ["oneOf", "anyOf", "allOf"] {
        if let Some(choices) = schema.get(kind).and_then(Value::as_array) {
            let names = choices.iter().filter(|choice| word(choice, "type") != "null").map(name_of);
            return names.collect::<Vec<_>>().join(" · ");
        }
    }
    let name = match kind_of(schema) {
        "string" if word(schema, "format") == "date-time" => "time",
        "string" => "text",
        "integer" => "whole number",
        "number" => "number",
        "boolean" => "true or false",
        "array" => {
            let items = schema.get("items").map(name_of).unwrap_or_default();
            return format!("list of {items}{}", limits(schema));
        }
        "object" => {
            return match schema.get("additionalProperties") {
                Some(values) if values.is_object() => format!("{} by name", name_of(values)),
                _ => "object".to_owned(),
            };
        }
        _ => "anything",
    };
    format!("{name}{}", limits(schema))
}

fn limits(schema: &Value) -> String {
    let number = |name: &str| schema.get(name).and_then(Value::as_i64);
    let unit = |count: i64, one: &str| format!(", up to {count} {one}");
    // The least that the number type can hold is no limit that anybody wants to read.
    let between =
        number("minimum").zip(number("maximum")).map(|(least, most)| format!(", {least} to {most}"));
    let least = number("minimum").filter(|least| *least > 0).map(|least| format!(", at least {least}"));
    between
        .or(least)
        .or_else(|| number("maxLength").map(|count| unit(count, "characters")))
        .or_else(|| number("maxItems").map(|count| unit(count, "entries")))
        .unwrap_or_default()
}

/// The name of the type that a schema refers to.
fn referred(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit('/').next()
}

fn kind_of(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        Some(kind) => kind.as_str(),
        None => None,
    }
    .unwrap_or_default()
}

/// A value that fits, with the fields that must be there; types inside types end somewhere.
pub(super) fn example(whole: &Value, schema: &Value, depth: usize) -> Value {
    if let Some(given) = schema.get("example") {
        return given.clone();
    }
    if depth == 0 {
        return Value::Null;
    }
    if let Some(name) = referred(schema) {
        let found = whole.pointer(&format!("/components/schemas/{name}"));
        return found.map_or(Value::Null, |found| example(whole, found, depth.saturating_sub(1)));
    }
    if let Some(first) = schema.get("enum").and_then(Value::as_array).and_then(|words| words.first()) {
        return first.clone();
    }
    match kind_of(schema) {
        "string" => json!("…"),
        "integer" | "number" => json!(1),
        "boolean" => json!(true),
        "array" => {
            let item = schema.get("items").map(|items| example(whole, items, depth.saturating_sub(1)));
            Value::Array(item.into_iter().collect())
        }
        _ => {
            let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            let field = |name: &Value| {
                let name = name.as_str()?;
                let field = schema.get("properties")?.get(name)?;
                Some((name.to_owned(), example(whole, field, depth.saturating_sub(1))))
            };
            Value::Object(required.filter_map(field).collect::<Map<_, _>>())
        }
    }
}
