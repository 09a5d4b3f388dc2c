//! One complete, checked first-level element: its bytes and what its start tag says.

use std::borrow::Cow;

use bytes::Bytes;

use super::{HeadEdit, ScanError};

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

/// Where the interesting parts of a start tag lie; offsets into the element's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Which stanza it is.
    pub kind: StanzaKind,
}

/// A checked element. Cheap to clone: the bytes are shared.
#[derive(Debug, Clone)]
pub struct Frame {
    bytes: Bytes,
    head: Head,
}

/// A direct child element of a stanza.
#[derive(Debug, Clone, Copy)]
pub struct Child<'a> {
    /// Local name.
    pub name: &'a str,
    /// Resolved namespace.
    pub namespace: &'a str,
    /// The element from `<` to `>`.
    pub bytes: &'a [u8],
}

impl<'a> Child<'a> {
    /// The unescaped value of an attribute without prefix.
    pub fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        let _ = name;
        None
    }

    /// The unescaped text directly inside the element.
    pub fn text(&self) -> Cow<'a, str> {
        Cow::Borrowed("")
    }

    /// Its own direct children.
    pub fn children(&self) -> impl Iterator<Item = Child<'a>> + use<'a> {
        std::iter::empty()
    }
}

impl Frame {
    /// A frame of what [`super::Scanner::scan`] found.
    pub fn new(bytes: Bytes, head: Head) -> Self {
        Self { bytes, head }
    }

    /// Scans one complete element of our own making or from the store.
    ///
    /// # Errors
    /// The bytes are not exactly one well-formed element.
    pub fn parse(bytes: Bytes) -> Result<Self, ScanError> {
        let _ = bytes;
        Err(ScanError::NotWellFormed(0))
    }

    /// The whole element.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Which stanza it is.
    pub fn kind(&self) -> StanzaKind {
        self.head.kind
    }

    /// Local name of the element.
    pub fn name(&self) -> &str {
        ""
    }

    /// Resolved namespace of the element.
    pub fn namespace(&self) -> &str {
        ""
    }

    /// Unescaped `to`.
    pub fn to(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// Unescaped `from`.
    pub fn from(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// Unescaped `id`.
    pub fn id(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// Unescaped `type`.
    pub fn type_(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// Unescaped `xml:lang`.
    pub fn lang(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// Any other attribute without prefix, unescaped (nonzas: `h`, `previd`, `mechanism` …).
    pub fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        let _ = name;
        None
    }

    /// The unescaped text directly inside the element (SASL responses).
    pub fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    /// Direct children in order; nothing is built or copied.
    pub fn children(&self) -> impl Iterator<Item = Child<'_>> {
        std::iter::empty()
    }

    /// The first direct child of that name and namespace.
    pub fn child(&self, name: &str, namespace: &str) -> Option<Child<'_>> {
        self.children().find(|child| child.name == name && child.namespace == namespace)
    }

    /// Starts a change of the start tag.
    pub fn edit(&self) -> HeadEdit<'_> {
        HeadEdit::new(self)
    }
}
