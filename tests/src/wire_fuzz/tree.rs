//! Compares what our view of a stanza's bytes says with what a parser built from them.

use posthouse_protocol::wire::Child;

use crate::element::Element;
use crate::random_input::Finding;

/// Names, namespaces, attributes, text and order, all the way down.
pub(super) fn compare(element: &Element, child: &Child<'_>) -> Result<(), Finding> {
    let differs = |what: &str, ours: &str, theirs: &str| {
        Err(Finding::new(
            "names, namespaces, attributes and text are what a parser reads",
            format!("{what}: ours {ours:?}, theirs {theirs:?} in {}", String::from_utf8_lossy(child.bytes)),
        ))
    };
    if child.name != element.name {
        return differs("name", child.name, &element.name);
    }
    if child.namespace != element.namespace {
        return differs("namespace", child.namespace, &element.namespace);
    }
    for ((namespace, name), value) in &element.attributes {
        let ours = match namespace.as_str() {
            "" => child.attribute(name),
            _ => child.attribute_in(name, namespace),
        };
        if ours.as_deref() != Some(value) {
            return differs(name, &format!("{ours:?}"), value);
        }
    }
    let text = child.text();
    if text != element.text && !is_fold_of(&text, &element.text, child.bytes) {
        return differs("text", &text, &element.text);
    }
    let mut theirs = element.children.iter();
    for ours in child.children() {
        match theirs.next() {
            Some(inner) => compare(inner, &ours)?,
            None => return differs("children", ours.name, "no more"),
        }
    }
    match theirs.next() {
        Some(more) => differs("children", "no more", &more.name),
        None => Ok(()),
    }
}

/// COMPAT(rxml 0.14): leaves a carriage return behind a `]` in a CDATA section as it is (XML 1.0 section 2.11
/// makes it a line feed).
fn is_fold_of(ours: &str, theirs: &str, bytes: &[u8]) -> bool {
    let joined = |text: &str| text.replace(['\r', '\n'], "");
    bytes.windows(2).any(|two| two == b"]\r") && joined(theirs) == joined(ours)
}
