//! Every stanza the scanner takes is one that a receiver's parser takes and reads alike.

use posthouse_protocol::wire::{Frame, StanzaKind};

use super::edits;
use super::reference::{self, Outcome, Surroundings};
use super::scanning::Stanza;
use super::tree;
use crate::element::Element;
use crate::random_input::Finding;
use crate::random_input::Randomness;

const XML: &str = "http://www.w3.org/XML/1998/namespace";

pub(super) fn check(stanza: &Stanza, choices: &mut Randomness) -> Result<(), Finding> {
    let frame = &stanza.0;
    let element = receive(frame.bytes(), Surroundings::Client)?;
    if !frame.bytes().starts_with(b"<stream:") {
        let elsewhere = receive(frame.bytes(), Surroundings::ClientWithOtherPrefix)?;
        if elsewhere != element {
            return Err(Finding::new(
                "a stanza means the same in every stream",
                format!("{element:?}\n{elsewhere:?}"),
            ));
        }
    }
    tree::compare(&element, &frame.element())?;
    check_head(&element, frame)?;
    check_conversion(&element, frame)?;
    edits::check(&element, frame, choices)
}

/// What a receiver makes of a stanza; it has to be exactly one element.
pub(super) fn receive(bytes: &[u8], surroundings: Surroundings) -> Result<Element, Finding> {
    match reference::first_element(bytes, surroundings) {
        Outcome::Element(element, length) if length == bytes.len() => Ok(element),
        other => Err(Finding::new(
            "what the scanner takes a receiver takes",
            format!("in {surroundings:?}: {other:?}\n{}", String::from_utf8_lossy(bytes)),
        )),
    }
}

/// The accessors of the frame.
pub(super) fn check_head(element: &Element, frame: &Frame) -> Result<(), Finding> {
    let attribute = |name: &str| element.attributes.get(&(String::new(), name.to_owned())).cloned();
    let lang = element.attributes.get(&(XML.to_owned(), "lang".to_owned())).cloned();
    let kind = match (element.namespace.as_str(), element.name.as_str()) {
        ("jabber:client" | "jabber:component:accept", "message") => StanzaKind::Message,
        ("jabber:client" | "jabber:component:accept", "presence") => StanzaKind::Presence,
        ("jabber:client" | "jabber:component:accept", "iq") => StanzaKind::Iq,
        _ => StanzaKind::Nonza,
    };
    let is_foreign = element.namespace == "jabber:component:accept"
        && frame.stream_namespace() == posthouse_protocol::wire::StreamNamespace::Client;
    let kind = if is_foreign { StanzaKind::Nonza } else { kind };
    let expected = [attribute("to"), attribute("from"), attribute("id"), attribute("type"), lang]
        .map(Option::unwrap_or_default);
    let found = [frame.to(), frame.from(), frame.id(), frame.type_(), frame.lang()]
        .map(|value| value.unwrap_or_default().into_owned());
    let is_named = frame.name() == element.name && frame.namespace() == element.namespace;
    if is_named && frame.kind() == kind && expected == found {
        return Ok(());
    }
    Err(Finding::new(
        "the head says what the start tag says",
        format!("{frame:?}\n{} in {}, {found:?}\n{element:?}", frame.name(), frame.namespace()),
    ))
}

/// To a component and back.
fn check_conversion(element: &Element, frame: &Frame) -> Result<(), Finding> {
    let there = frame.to_component_namespace();
    if frame.kind() == StanzaKind::Nonza {
        return match there.bytes() == frame.bytes() {
            true => Ok(()),
            false => Err(Finding::new("nonzas are not converted", format!("{there:?}"))),
        };
    }
    let received = receive(there.bytes(), Surroundings::Component)?;
    let expected = converted(element, "jabber:component:accept");
    if received != expected {
        return Err(Finding::new(
            "a component gets the same stanza in its own namespace",
            format!("{received:?}\n{expected:?}\n{}", String::from_utf8_lossy(there.bytes())),
        ));
    }
    check_head(&received, &there)?;
    let back = there.to_client_namespace();
    let received = receive(back.bytes(), Surroundings::Client)?;
    // What was in the component's namespace all along comes back in ours.
    let expected = converted(&expected, "jabber:client");
    if received != expected {
        return Err(Finding::new(
            "what comes back from a component is what went there",
            format!("{received:?}\n{expected:?}\n{}", String::from_utf8_lossy(back.bytes())),
        ));
    }
    check_head(&received, &back)
}

/// The element, and those of its children that share its namespace, and so on.
fn converted(element: &Element, namespace: &str) -> Element {
    let children = element.children.iter().map(|child| match child.namespace == element.namespace {
        true => converted(child, namespace),
        false => child.clone(),
    });
    Element { namespace: namespace.to_owned(), children: children.collect(), ..element.clone() }
}
