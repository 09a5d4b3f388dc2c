//! What rxml makes of bytes inside a stream.

use rxml::error::EndOrError;
use rxml::{Event, Parse, Parser};

use crate::element::Element;

/// What became of bytes given to the parser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A whole first-level element, which took so many bytes.
    Element(Element, usize),
    /// No end of an element was found, nor anything wrong.
    Incomplete,
    /// Text where no element had begun.
    Text,
    /// The end of the stream.
    StreamEnd,
    /// The parser refuses.
    Refused(String),
}

/// A stream as receivers have it. Ours has the prefix `stream`, but nobody else's needs to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Surroundings {
    Client,
    ClientWithOtherPrefix,
    Component,
}

impl Surroundings {
    fn header(self) -> &'static str {
        match self {
            Self::Client => {
                "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
            }
            Self::ClientWithOtherPrefix => {
                "<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams'>"
            }
            Self::Component => {
                "<stream:stream xmlns='jabber:component:accept' \
                 xmlns:stream='http://etherx.jabber.org/streams'>"
            }
        }
    }
}

/// Reads the first element of `bytes` as the next one of a stream.
pub(super) fn first_element(bytes: &[u8], surroundings: Surroundings) -> Outcome {
    let mut parser = Parser::new();
    let mut header = surroundings.header().as_bytes();
    match parser.parse(&mut header, false) {
        Ok(Some(Event::StartElement(..))) => read(&mut parser, bytes),
        other => Outcome::Refused(format!("the stream header itself: {other:?}")),
    }
}

/// Reads the opening tag of a document, after an optional declaration.
pub(super) fn opening_tag(mut bytes: &[u8]) -> Result<Element, String> {
    let mut parser = Parser::new();
    loop {
        match parser.parse(&mut bytes, false) {
            Ok(Some(Event::XmlDeclaration(..))) => {}
            Ok(Some(Event::StartElement(_, (namespace, name), attributes))) => {
                return Ok(Element::new(&namespace, &name, attributes));
            }
            other => return Err(format!("{other:?}")),
        }
    }
}

fn read(parser: &mut Parser, bytes: &[u8]) -> Outcome {
    let mut rest = bytes;
    let mut open: Vec<Element> = Vec::new();
    loop {
        match parser.parse(&mut rest, false) {
            Ok(Some(Event::StartElement(_, (namespace, name), attributes))) => {
                open.push(Element::new(&namespace, &name, attributes));
            }
            Ok(Some(Event::Text(_, text))) => match open.last_mut() {
                Some(inner) => inner.text.push_str(&text),
                None => return Outcome::Text,
            },
            Ok(Some(Event::EndElement(_))) => {
                let Some(done) = open.pop() else { return Outcome::StreamEnd };
                match open.last_mut() {
                    Some(outer) => outer.children.push(done),
                    None => return Outcome::Element(done, bytes.len().saturating_sub(rest.len())),
                }
            }
            Ok(Some(Event::XmlDeclaration(..)) | None) => return Outcome::StreamEnd,
            Err(EndOrError::NeedMoreData) => return Outcome::Incomplete,
            Err(EndOrError::Error(error)) => return Outcome::Refused(error.to_string()),
        }
    }
}
