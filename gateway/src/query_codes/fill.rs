//! Puts what is known about the asker into an address or into JSON: `{person}`, `{id}`, `{employee_number}`,
//! `{number}`, `{code}`. What is put in cannot change what stands around it.

use std::fmt::Write;

use serde_json::Value;

use super::Asker;

/// What can be put in.
const NAMES: [&str; 5] = ["person", "id", "employee_number", "number", "code"];

/// The directory does not have what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotKnown {
    /// No number in the personnel files.
    #[error("the directory has no employee number of this person")]
    EmployeeNumber,
    /// No phone.
    #[error("the directory has no mobile number of this person")]
    Number,
    /// No id: the server is older than this gateway.
    #[error("the server does not tell this person's id")]
    Id,
}

/// The names in braces, in their order; `Err` with one that means nothing.
pub(super) fn names(template: &str) -> Result<Vec<&'static str>, String> {
    let mut found = Vec::new();
    for piece in template.split('{').skip(1) {
        let (name, _) = piece.split_once('}').ok_or_else(|| piece.to_owned())?;
        found.push(*NAMES.iter().find(|known| **known == name).ok_or_else(|| name.to_owned())?);
    }
    Ok(found)
}

/// An address; what is put in is escaped.
pub(super) fn address(template: &str, asker: &Asker, code: &str) -> Result<String, NotKnown> {
    fill(template, asker, code, escaped)
}

/// JSON: only strings in it are filled in, and stay strings.
pub(super) fn json(template: &Value, asker: &Asker, code: &str) -> Result<Value, NotKnown> {
    Ok(match template {
        Value::String(text) => Value::String(fill(text, asker, code, str::to_owned)?),
        Value::Array(elements) => {
            Value::Array(elements.iter().map(|element| json(element, asker, code)).collect::<Result<_, _>>()?)
        }
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(name, value)| Ok((name.clone(), json(value, asker, code)?)))
                .collect::<Result<_, _>>()?,
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => template.clone(),
    })
}

/// The first mistake in the strings of a JSON template.
pub(super) fn check_json(template: &Value) -> Result<(), String> {
    match template {
        Value::String(text) => names(text).map(|_| ()),
        Value::Array(elements) => elements.iter().try_for_each(check_json),
        Value::Object(fields) => fields.values().try_for_each(check_json),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn fill(
    template: &str,
    asker: &Asker,
    code: &str,
    write: impl Fn(&str) -> String,
) -> Result<String, NotKnown> {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, after)) = behind.split_once('}') else {
            text.push('{');
            rest = behind;
            continue;
        };
        let value = match name {
            "person" => asker.person.as_str(),
            "id" if asker.id.is_empty() => return Err(NotKnown::Id),
            "id" => asker.id.as_str(),
            "employee_number" => asker.employee_number.as_deref().ok_or(NotKnown::EmployeeNumber)?,
            "number" => asker.number.as_deref().ok_or(NotKnown::Number)?,
            "code" => code,
            // The check at the start has refused every other name.
            _ => "",
        };
        text.push_str(&write(value));
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                safe.push(char::from(byte))
            }
            // Writing into a string cannot fail.
            _ => drop(write!(safe, "%{byte:02X}")),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Asker, NotKnown, address, check_json, json as fill_json, names};

    fn asker() -> Asker {
        Asker {
            person: "a&b=c/d".to_owned(),
            id: "p7".to_owned(),
            number: Some("+861".to_owned()),
            ..Asker::default()
        }
    }

    #[test]
    fn what_goes_into_an_address_cannot_change_it() {
        let url = address("http://x/{id}?p={person}&n={number}&c={code}", &asker(), "待办").unwrap();
        assert_eq!(url, "http://x/p7?p=a%26b%3Dc%2Fd&n=%2B861&c=%E5%BE%85%E5%8A%9E");
    }

    #[test]
    fn what_goes_into_json_stays_a_string() {
        let quote = Asker { person: "\"},{\"".to_owned(), ..asker() };
        let template = json!({ "who": ["{person}", 1], "n": { "x": "no {number}" } });
        let filled = fill_json(&template, &quote, "001").unwrap();
        assert_eq!(filled, json!({ "who": ["\"},{\"", 1], "n": { "x": "no +861" } }));
    }

    #[test]
    fn what_the_directory_does_not_have_is_no_empty_word() {
        assert_eq!(address("{employee_number}", &asker(), "1"), Err(NotKnown::EmployeeNumber));
        let nobody = Asker::default();
        assert_eq!(address("{number}", &nobody, "1"), Err(NotKnown::Number));
        assert_eq!(address("{id}", &nobody, "1"), Err(NotKnown::Id));
    }

    #[test]
    fn a_name_that_means_nothing_is_found_before_anybody_asks() {
        assert_eq!(names("http://x/{person}/{code}"), Ok(vec!["person", "code"]));
        assert_eq!(names("{persom}"), Err("persom".to_owned()));
        assert_eq!(names("{person"), Err("person".to_owned()), "a brace is missing");
        assert_eq!(check_json(&json!([{ "a": "{secret:x}" }])), Err("secret:x".to_owned()));
    }
}
