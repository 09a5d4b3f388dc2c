//! What has happened to a notice, in XML.

use std::fmt::Write;

use posthouse_protocol::wire::{escape, escape_attribute};
use serde::Deserialize;

use crate::storage::notices::{Event, EventKind};

/// A chosen action, as it is kept.
#[derive(Debug, Default, Deserialize)]
struct Chosen {
    action: String,
    #[serde(default)]
    values: serde_json::Map<String, serde_json::Value>,
}

/// More about it, inside the element of the event: what was chosen and filled in, or the words that are kept.
pub(super) fn detail(event: &Event) -> String {
    if event.kind != EventKind::Acted {
        let is_empty = event.detail.is_empty();
        return if is_empty { String::new() } else { format!("<detail>{}</detail>", escape(&event.detail)) };
    }
    let chosen: Chosen = serde_json::from_str(&event.detail).unwrap_or_default();
    let mut text = format!("<chosen action='{}'>", escape_attribute(&chosen.action));
    for (name, value) in &chosen.values {
        let value = escape(value.as_str().unwrap_or_default());
        let _ = write!(text, "<value name='{}'>{value}</value>", escape_attribute(name));
    }
    text + "</chosen>"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn said(kind: EventKind, detail: &str) -> String {
        super::detail(&Event { kind, time: Timestamp::default(), detail: detail.to_owned() })
    }

    #[test]
    fn a_choice_is_told_with_what_was_filled_in() {
        assert_eq!(
            said(EventKind::Acted, r#"{"action":"no","values":{"why":"人手<不够"}}"#),
            "<chosen action='no'><value name='why'>人手&lt;不够</value></chosen>"
        );
        assert_eq!(said(EventKind::Replied, "a & b"), "<detail>a &amp; b</detail>");
        assert_eq!(said(EventKind::Read, ""), "");
    }
}
