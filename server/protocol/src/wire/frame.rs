//! One complete, checked first-level element: its bytes and what its start tag says.

use std::borrow::Cow;

use bytes::Bytes;

use super::child::Child;
use super::conversion;
use super::head::{Head, Span, StreamNamespace};
use super::text::unescape_attribute;
use super::walk::Attributes;
use super::{HeadEdit, Limits, Progress, ScanError, Scanner};

/// The three stanzas, and everything else (stream management, SASL, client state).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StanzaKind {
    /// `<message xmlns='jabber:client'/>`
    Message,
    /// `<presence xmlns='jabber:client'/>`
    Presence,
    /// `<iq xmlns='jabber:client'/>`
    Iq,
    /// Any other first-level element.
    Nonza,
}

/// A checked element. Cheap to clone: the bytes are shared.
#[derive(Debug, Clone)]
pub struct Frame {
    bytes: Bytes,
    head: Head,
}

/// For what we made or stored ourselves; the scanner of the connection has its own.
const OWN_LIMITS: Limits = Limits { stanza_bytes: usize::MAX, depth: 1_000, attributes: 1_000 };

impl Frame {
    /// A frame of what [`super::Scanner::scan`] found.
    pub fn new(bytes: Bytes, head: Head) -> Self {
        Self { bytes, head }
    }

    /// Scans one complete element of our own making or from the store. Without a declaration it is in
    /// `jabber:client`.
    ///
    /// # Errors
    /// The bytes are not exactly one well-formed element.
    pub fn parse(bytes: Bytes) -> Result<Self, ScanError> {
        Self::parse_in(bytes, StreamNamespace::Client)
    }

    /// Like [`Frame::parse`], for an element of a stream with this default namespace.
    ///
    /// # Errors
    /// The bytes are not exactly one well-formed element.
    pub fn parse_in(bytes: Bytes, stream: StreamNamespace) -> Result<Self, ScanError> {
        match Scanner::with_namespace(OWN_LIMITS, stream).scan(&bytes)? {
            Progress::Stanza { length, head } if length == bytes.len() => Ok(Self { bytes, head }),
            Progress::Stanza { length, .. } | Progress::StreamEnd { length } => {
                Err(ScanError::NotWellFormed(length))
            }
            Progress::Whitespace { .. } => Err(ScanError::NotWellFormed(0)),
            Progress::Incomplete => Err(ScanError::NotWellFormed(bytes.len())),
        }
    }

    /// The whole element.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub(super) fn head(&self) -> &Head {
        &self.head
    }

    /// The default namespace of the stream it belongs to.
    pub fn stream_namespace(&self) -> StreamNamespace {
        self.head.stream
    }

    /// Which stanza it is.
    pub fn kind(&self) -> StanzaKind {
        self.head.kind
    }

    /// Local name of the element.
    pub fn name(&self) -> &str {
        self.head.local.text(&self.bytes).unwrap_or_default()
    }

    /// Resolved namespace of the element.
    pub fn namespace(&self) -> &str {
        self.head.namespace(&self.bytes)
    }

    /// Unescaped `to`.
    pub fn to(&self) -> Option<Cow<'_, str>> {
        self.value(self.head.to)
    }

    /// Unescaped `from`.
    pub fn from(&self) -> Option<Cow<'_, str>> {
        self.value(self.head.from)
    }

    /// Unescaped `id`.
    pub fn id(&self) -> Option<Cow<'_, str>> {
        self.value(self.head.id)
    }

    /// Unescaped `type`.
    pub fn type_(&self) -> Option<Cow<'_, str>> {
        self.value(self.head.type_)
    }

    /// Unescaped `xml:lang`.
    pub fn lang(&self) -> Option<Cow<'_, str>> {
        self.value(self.head.lang)
    }

    fn value(&self, span: Span) -> Option<Cow<'_, str>> {
        span.text(&self.bytes).map(unescape_attribute)
    }

    /// Any other attribute without prefix, unescaped (nonzas: `h`, `previd`, `mechanism` …).
    pub fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        Attributes::of(&self.bytes, self.head.name.end())
            .find(|attribute| attribute.name == name.as_bytes())
            .map(|attribute| unescape_attribute(attribute.value_text()))
    }

    /// The unescaped text directly inside the element (SASL responses).
    pub fn text(&self) -> Cow<'_, str> {
        self.element().text()
    }

    /// The element itself, seen like its children.
    pub fn element(&self) -> Child<'_> {
        Child::root(self)
    }

    /// Direct children in order; nothing is built or copied.
    pub fn children(&self) -> impl Iterator<Item = Child<'_>> {
        self.element().children()
    }

    /// The first direct child of that name and namespace.
    pub fn child(&self, name: &str, namespace: &str) -> Option<Child<'_>> {
        self.element().child(name, namespace)
    }

    /// Starts a change of the start tag.
    pub fn edit(&self) -> HeadEdit<'_> {
        HeadEdit::new(self)
    }

    /// The same stanza for a stream whose default namespace is `jabber:client`. The stanza and those of its
    /// children that share its namespace change theirs; everything else keeps its own.
    #[must_use]
    pub fn to_client_namespace(&self) -> Self {
        conversion::convert(self, StreamNamespace::Client)
    }

    /// The same stanza for a stream whose default namespace is `jabber:component:accept` (XEP-0114).
    #[must_use]
    pub fn to_component_namespace(&self) -> Self {
        conversion::convert(self, StreamNamespace::Component)
    }
}
