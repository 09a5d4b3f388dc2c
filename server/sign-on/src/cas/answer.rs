//! Answers to validations: two lines of CAS 1, XML of CAS 2 and 3, JSON.

use serde_json::{Value, json};

use super::validation::{Failure, Valid};

/// Which answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `yes` or `no` (CAS 1).
    Lines,
    /// XML; with attributes in CAS 3.
    Xml {
        /// Tell attributes.
        attributes: bool,
    },
    /// JSON; with attributes in CAS 3.
    Json {
        /// Tell attributes.
        attributes: bool,
    },
}

impl Form {
    /// What `format` asks for at an endpoint of CAS 2 or 3; XML unless it is `JSON`.
    pub fn of(format: Option<&str>, attributes: bool) -> Self {
        match format {
            Some(format) if format.eq_ignore_ascii_case("json") => Self::Json { attributes },
            Some(_) | None => Self::Xml { attributes },
        }
    }

    /// `Content-Type`
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Lines => "text/plain; charset=utf-8",
            Self::Xml { .. } => "application/xml; charset=utf-8",
            Self::Json { .. } => "application/json",
        }
    }

    /// The body.
    pub fn body(self, outcome: &Result<Valid<'_>, Failure>) -> String {
        match (self, outcome) {
            (Self::Lines, Ok(valid)) => format!("yes\n{}\n", one_line(valid.user)),
            (Self::Lines, Err(_)) => "no\n\n".to_owned(),
            (Self::Xml { attributes }, Ok(valid)) => success_xml(valid, attributes),
            (Self::Xml { .. }, Err(failure)) => envelope(&format!(
                "<cas:authenticationFailure code=\"{}\">{}</cas:authenticationFailure>",
                failure.code(),
                escape(failure.sentence())
            )),
            (Self::Json { attributes }, outcome) => json_of(outcome, attributes).to_string(),
        }
    }
}

fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

pub(super) fn envelope(content: &str) -> String {
    format!("<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">{content}</cas:serviceResponse>\n")
}

/// Attributes in order; several values come one after the other (section 2.5.7).
fn attributes(valid: &Valid<'_>) -> Vec<(&'static str, Vec<String>)> {
    let person = valid.person;
    let optional = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
    vec![
        ("authenticationDate", vec![valid.auth_time.to_text()]),
        ("longTermAuthenticationRequestTokenUsed", vec!["false".to_owned()]),
        ("isFromNewLogin", vec![valid.is_from_new_login.to_string()]),
        ("subject", vec![person.subject.clone()]),
        ("uid", vec![person.login.clone()]),
        ("displayName", vec![person.name.clone()]),
        ("mail", optional(&person.email)),
        ("telephoneNumber", optional(&person.phone)),
        ("title", optional(&person.title)),
        ("department", person.departments.clone()),
        ("memberOf", person.groups().into_iter().map(str::to_owned).collect()),
    ]
}

fn success_xml(valid: &Valid<'_>, with_attributes: bool) -> String {
    let mut inside = String::new();
    if with_attributes {
        for (name, values) in attributes(valid) {
            for value in values {
                inside.push_str(&format!("<cas:{name}>{}</cas:{name}>", escape(&value)));
            }
        }
        inside = format!("<cas:attributes>{inside}</cas:attributes>");
    }
    envelope(&format!(
        "<cas:authenticationSuccess><cas:user>{}</cas:user>{inside}</cas:authenticationSuccess>",
        escape(valid.user)
    ))
}

fn json_of(outcome: &Result<Valid<'_>, Failure>, with_attributes: bool) -> Value {
    let inside = match outcome {
        Err(failure) => json!({
            "authenticationFailure": { "code": failure.code(), "description": failure.sentence() }
        }),
        Ok(valid) if with_attributes => {
            // Facts about the login are single, everything about the person is a list (section 2.5.6).
            let of_login = ["authenticationDate", "longTermAuthenticationRequestTokenUsed", "isFromNewLogin"];
            let told = attributes(valid).into_iter().filter(|(_, values)| !values.is_empty());
            let told: serde_json::Map<String, Value> = told
                .map(|(name, values)| match values.first() {
                    Some(value) if of_login.contains(&name) => (name.to_owned(), single(value)),
                    _ => (name.to_owned(), json!(values)),
                })
                .collect();
            json!({ "authenticationSuccess": { "user": valid.user, "attributes": told } })
        }
        Ok(valid) => json!({ "authenticationSuccess": { "user": valid.user } }),
    };
    json!({ "serviceResponse": inside })
}

fn single(value: &str) -> Value {
    match value {
        "true" => json!(true),
        "false" => json!(false),
        text => json!(text),
    }
}

/// Text for XML 1.0: markup is escaped, characters that XML cannot hold become U+FFFD.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\n' | '\r' => escaped.push_str(&format!("&#{};", u32::from(c))),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
