//! Calls of the description: what each wants, what it answers, and a line to try it.

use serde_json::Value;

use super::types::{example, name_of};
use super::{escaped, text, word};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// One call.
#[derive(Debug)]
pub(super) struct Call<'a> {
    method: &'static str,
    path: &'a str,
    operation: &'a Value,
}

/// All calls, path by path.
pub(super) fn all(whole: &Value) -> Vec<Call<'_>> {
    let paths = whole.get("paths").and_then(Value::as_object).into_iter().flatten();
    let calls = paths.flat_map(|(path, methods)| {
        METHODS
            .into_iter()
            .filter_map(move |method| methods.get(method).map(|operation| Call { method, path, operation }))
    });
    calls.collect()
}

impl Call<'_> {
    /// Its entry in the list of calls.
    pub(super) fn entry(&self) -> String {
        let (method, path) = (self.method.to_uppercase(), escaped(self.path));
        format!("<li><a href=\"#{}\"><b>{method}</b> {path}</a></li>", escaped(self.id()))
    }

    /// All about it.
    pub(super) fn section(&self, whole: &Value) -> String {
        let (method, path) = (self.method.to_uppercase(), escaped(self.path));
        let about = text(word(self.operation, "summary"));
        let more = text(word(self.operation, "description"));
        let parts = [self.parameters(), self.body(), self.answers(), self.line(whole)].concat();
        format!(
            "<section id=\"{}\"><h2><b>{method}</b> {path}</h2><p>{about}. {more}</p>{parts}</section>",
            escaped(self.id())
        )
    }

    fn id(&self) -> &str {
        word(self.operation, "operationId")
    }

    fn given(&self) -> impl Iterator<Item = &Value> {
        self.operation.get("parameters").and_then(Value::as_array).into_iter().flatten()
    }

    fn parameters(&self) -> String {
        let rows: String = self
            .given()
            .map(|given| {
                let place = match word(given, "in") {
                    "query" => "behind ?",
                    "header" => "header",
                    _ => "in the path",
                };
                let kind = given.get("schema").map(name_of).unwrap_or_default();
                let (name, about) = (escaped(word(given, "name")), text(word(given, "description")));
                format!("<tr><th><code>{name}</code></th><td>{kind}, {place}</td><td>{about}</td></tr>")
            })
            .collect();
        if rows.is_empty() { rows } else { format!("<h3>Wants</h3><table>{rows}</table>") }
    }

    fn body_content(&self) -> Option<&Value> {
        self.operation.pointer("/requestBody/content/application~1json")
    }

    fn body(&self) -> String {
        let schema = self.body_content().and_then(|content| content.get("schema"));
        schema.map_or_else(String::new, |schema| format!("<h3>Body</h3><p>{}</p>", name_of(schema)))
    }

    fn answers(&self) -> String {
        let answers = self.operation.get("responses").and_then(Value::as_object).into_iter().flatten();
        let rows: String = answers
            .map(|(status, answer)| {
                let kind =
                    answer.pointer("/content/application~1json/schema").map(name_of).unwrap_or_default();
                let about = text(word(answer, "description"));
                format!("<tr><th>{}</th><td>{kind}</td><td>{about}</td></tr>", escaped(status))
            })
            .collect();
        format!("<h3>Answers</h3><table>{rows}</table>")
    }

    /// For a shell.
    fn line(&self, whole: &Value) -> String {
        let mut path = self.path.to_owned();
        for given in self.given().filter(|given| word(given, "in") == "path") {
            let name = word(given, "name");
            let shown = given.get("example").and_then(Value::as_str);
            path = path.replace(&format!("{{{name}}}"), shown.unwrap_or("$ID"));
        }
        let mut line = match self.method {
            "get" => format!("curl \"$POSTHOUSE{path}\""),
            method => format!("curl -X {} \"$POSTHOUSE{path}\"", method.to_uppercase()),
        };
        line.push_str(" -H \"Authorization: Bearer $KEY\"");
        if self.given().any(|given| word(given, "name") == "If-Match") {
            line.push_str(" \\\n  -H \"If-Match: $ETAG\"");
        }
        if let Some(content) = self.body_content() {
            let body = content
                .get("example")
                .cloned()
                .or_else(|| content.get("schema").map(|schema| example(whole, schema, 6)))
                .unwrap_or_default();
            let body = serde_json::to_string_pretty(&body).unwrap_or_default();
            line.push_str(&format!(" \\\n  -d '{}'", body.replace('\'', "'\\''")));
        }
        format!("<h3>Try it</h3><pre>{}</pre>", escaped(&line))
    }
}
