//! Fills in addresses and replies.

use std::fmt::Write;

use serde_json::Value;

/// The address to ask; what is put in is made safe for a URL.
pub(super) fn address(template: &str, number: &str, person: &str) -> String {
    template.replace("{number}", &escaped(number)).replace("{person}", &escaped(person))
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

/// The reply; a field that the answer does not have shows as a dash.
pub(super) fn reply(template: &str, fields: &Value) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, after)) = behind.split_once('}') else {
            text.push('{');
            rest = behind;
            continue;
        };
        match fields.get(name) {
            Some(Value::String(value)) => text.push_str(value),
            Some(Value::Null) | None => text.push('-'),
            Some(value) => text.push_str(&value.to_string()),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{address, reply};

    #[test]
    fn the_reply_of_the_office_system_is_made_as_it_was_asked_for() {
        let text = reply("在办公自动化系统中，您有{count}个待办任务。", &json!({ "count": 3 }));
        assert_eq!(text, "在办公自动化系统中，您有3个待办任务。");
    }

    #[test]
    fn missing_fields_and_open_braces_do_no_harm() {
        assert_eq!(reply("{a} {b} {c", &json!({ "a": "x{b}" })), "x{b} - {c");
    }

    #[test]
    fn what_goes_into_an_address_cannot_change_it() {
        let url = address("http://x/?p={person}&n={number}", "+861", "a&b=c/d");
        assert_eq!(url, "http://x/?p=a%26b%3Dc%2Fd&n=%2B861");
    }
}
