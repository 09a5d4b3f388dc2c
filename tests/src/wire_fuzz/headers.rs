//! Stream headers are read alike in any pieces, and as a parser reads them.

use posthouse_protocol::wire::StreamHeader;

use super::reference;
use crate::random_input::Finding;
use crate::random_input::Randomness;

const LONGEST: usize = 4_096;
const XML: &str = "http://www.w3.org/XML/1998/namespace";

pub(super) fn check(input: &[u8], choices: &mut Randomness) -> Result<(), Finding> {
    let whole = StreamHeader::read(input, LONGEST);
    for _ in 0..12 {
        let length = choices.below(input.len().saturating_add(1));
        let part = StreamHeader::read(input.get(..length).unwrap_or_default(), LONGEST);
        let is_consistent = match (&whole, &part) {
            (Ok(Some((_, needed))), Ok(None)) => length < *needed,
            (Ok(Some((_, needed))), Ok(Some(_))) => length >= *needed && part == whole,
            (Ok(None) | Err(_), Ok(None)) => true,
            (Err(one), Err(other)) => one == other,
            (Ok(_), Err(_)) | (Ok(None) | Err(_), Ok(Some(_))) => false,
        };
        if !is_consistent {
            return Err(Finding::new(
                "a stream header is the same in any pieces",
                format!("all: {whole:?}\nthe first {length} bytes: {part:?}"),
            ));
        }
    }
    match whole {
        Ok(Some((header, length))) => check_reading(input.get(..length).unwrap_or_default(), &header),
        Ok(None) | Err(_) => Ok(()),
    }
}

fn check_reading(bytes: &[u8], header: &StreamHeader) -> Result<(), Finding> {
    let differs = |detail: String| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        Err(Finding::new("a stream header is what a parser reads", format!("{detail}\n{header:?}\n{text}")))
    };
    let element = match reference::opening_tag(without_standalone_no(bytes.trim_ascii_start())) {
        Ok(element) => element,
        Err(error) => return differs(error),
    };
    let attribute = |namespace: &str, name: &str| {
        element.attributes.get(&(namespace.to_owned(), name.to_owned())).cloned()
    };
    if element.name != "stream" || element.namespace != "http://etherx.jabber.org/streams" {
        return differs(format!("{element:?}"));
    }
    let theirs = [attribute("", "to"), attribute("", "from"), attribute("", "id"), attribute(XML, "lang")];
    let ours = [header.to.clone(), header.from.clone(), header.id.clone(), header.lang.clone()];
    if theirs != ours {
        return differs(format!("{theirs:?}"));
    }
    // What we write we read; and we write these namespaces only.
    if !["jabber:client", "jabber:component:accept"].contains(&header.default_namespace.as_str()) {
        return Ok(());
    }
    let written = header.write();
    match StreamHeader::read(&written, usize::MAX) {
        Ok(Some((again, length))) if again == *header && length == written.len() => Ok(()),
        other => differs(format!("written and read again: {other:?}")),
    }
}

/// COMPAT(rxml 0.14): takes no document that says it does not stand alone; the tag behind is read all the same.
fn without_standalone_no(bytes: &[u8]) -> &[u8] {
    let end = bytes.windows(2).position(|two| two == b"?>").and_then(|at| at.checked_add(2));
    let Some((declaration, tag)) = end.and_then(|end| bytes.split_at_checked(end)) else { return bytes };
    let says_no = declaration.windows(4).any(|four| matches!(four, b"'no'" | b"\"no\""));
    if says_no { tag.trim_ascii_start() } else { bytes }
}
