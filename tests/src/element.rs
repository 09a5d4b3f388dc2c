//! An XML element as rxml understands it, and a reader for the two directions of a stream.

use std::collections::BTreeMap;

use rxml::error::EndOrError;
use rxml::{Event, Parse, Parser};

/// An element with everything in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// Namespace.
    pub namespace: String,
    /// Local name.
    pub name: String,
    /// By namespace and name, without declarations.
    pub attributes: BTreeMap<(String, String), String>,
    /// All text directly inside.
    pub text: String,
    /// Child elements in order.
    pub children: Vec<Self>,
}

impl Element {
    /// The value of an attribute without namespace.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(&(String::new(), name.to_owned())).map(String::as_str)
    }

    /// The first direct child of that name and namespace.
    #[must_use]
    pub fn child(&self, name: &str, namespace: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name && child.namespace == namespace)
    }

    /// Whether it has a direct child of that name and namespace.
    #[must_use]
    pub fn has(&self, name: &str, namespace: &str) -> bool {
        self.child(name, namespace).is_some()
    }

    /// The first element of that name and namespace anywhere inside, depth first.
    #[must_use]
    pub fn find(&self, name: &str, namespace: &str) -> Option<&Self> {
        self.children.iter().find_map(|child| {
            let is_it = child.name == name && child.namespace == namespace;
            if is_it { Some(child) } else { child.find(name, namespace) }
        })
    }

    /// The text of the `<body/>` of a message; empty when there is none.
    #[must_use]
    pub fn body(&self) -> &str {
        self.child("body", "jabber:client").map(|body| body.text.as_str()).unwrap_or_default()
    }

    /// The condition of an error stanza; empty when it is none.
    #[must_use]
    pub fn condition(&self) -> &str {
        let error = self.children.iter().find(|child| child.name == "error");
        let condition = error.and_then(|error| {
            let named = |child: &&Self| child.namespace == "urn:ietf:params:xml:ns:xmpp-stanzas";
            error.children.iter().filter(named).find(|child| child.name != "text")
        });
        condition.map(|condition| condition.name.as_str()).unwrap_or_default()
    }

    pub(crate) fn new(namespace: &str, name: &str, attributes: rxml::AttrMap) -> Self {
        let attributes = attributes
            .into_iter()
            .map(|((namespace, name), value)| ((namespace.to_string(), name.to_string()), value))
            .collect();
        Self { namespace: namespace.to_owned(), name: name.to_owned(), attributes, ..Self::default() }
    }
}

/// Something whole in a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The opening tag.
    Header(Element),
    /// A first-level element.
    Element(Element),
    /// The closing tag.
    End,
}

/// Reads a stream as it arrives.
pub struct StreamReader {
    parser: Parser,
    has_header: bool,
    arrived: Vec<u8>,
    open: Vec<Element>,
}

impl std::fmt::Debug for StreamReader {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("StreamReader").field("has_header", &self.has_header).finish_non_exhaustive()
    }
}

impl Default for StreamReader {
    fn default() -> Self {
        Self { parser: Parser::new(), has_header: false, arrived: Vec::new(), open: Vec::new() }
    }
}

impl StreamReader {
    /// More bytes have arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.arrived.extend_from_slice(bytes);
    }

    /// Whether nothing is left of what arrived.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        self.arrived.is_empty() && self.open.is_empty()
    }

    /// The next whole piece; `None` until more arrives.
    ///
    /// # Errors
    /// What arrived is not well-formed.
    pub fn next_piece(&mut self) -> anyhow::Result<Option<Piece>> {
        loop {
            let mut rest = self.arrived.as_slice();
            let event = self.parser.parse(&mut rest, false);
            let used = self.arrived.len().saturating_sub(rest.len());
            self.arrived.drain(..used);
            match event {
                Ok(Some(event)) => {
                    if let Some(piece) = self.take(event)? {
                        return Ok(Some(piece));
                    }
                }
                Ok(None) | Err(EndOrError::NeedMoreData) => return Ok(None),
                Err(EndOrError::Error(error)) => {
                    anyhow::bail!("{error} at {:?}", String::from_utf8_lossy(&self.arrived))
                }
            }
        }
    }

    fn take(&mut self, event: Event) -> anyhow::Result<Option<Piece>> {
        match event {
            Event::XmlDeclaration(..) => Ok(None),
            Event::StartElement(_, (namespace, name), attributes) => {
                let element = Element::new(&namespace, &name, attributes);
                if !self.has_header {
                    self.has_header = true;
                    return Ok(Some(Piece::Header(element)));
                }
                self.open.push(element);
                Ok(None)
            }
            Event::Text(_, text) => {
                match self.open.last_mut() {
                    Some(inner) => inner.text.push_str(&text),
                    None => anyhow::ensure!(text.trim().is_empty(), "text between stanzas: {text:?}"),
                }
                Ok(None)
            }
            Event::EndElement(_) => {
                let Some(done) = self.open.pop() else { return Ok(Some(Piece::End)) };
                match self.open.last_mut() {
                    Some(outer) => {
                        outer.children.push(done);
                        Ok(None)
                    }
                    None => Ok(Some(Piece::Element(done))),
                }
            }
        }
    }
}
