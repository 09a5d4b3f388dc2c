//! Where the interesting parts of a first-level start tag lie.

use super::StanzaKind;

/// The namespace of streams (RFC 6120 section 4.8.1).
pub(super) const STREAMS: &str = "http://etherx.jabber.org/streams";
/// The prefix `xml` always stands for it.
pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The prefix `xmlns` always stands for it.
pub(super) const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// The default namespace of a stream: what an element without prefix and declaration is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamNamespace {
    /// `jabber:client`
    Client,
    /// `jabber:component:accept` (XEP-0114)
    Component,
}

impl StreamNamespace {
    /// The namespace name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "jabber:client",
            Self::Component => "jabber:component:accept",
        }
    }
}

/// A piece of an element; `EMPTY` when the element has none. Offsets from the element's `<`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(super) const EMPTY: Self = Self { start: u32::MAX, end: u32::MAX };

    /// Offsets beyond 4 GiB do not occur: the scanner refuses such elements.
    #[inline]
    pub(super) fn new(start: usize, end: usize) -> Self {
        match (u32::try_from(start), u32::try_from(end)) {
            (Ok(start), Ok(end)) => Self { start, end },
            _ => Self::EMPTY,
        }
    }

    #[inline]
    pub(super) fn start(self) -> usize {
        usize::try_from(self.start).unwrap_or(usize::MAX)
    }

    #[inline]
    pub(super) fn end(self) -> usize {
        usize::try_from(self.end).unwrap_or(usize::MAX)
    }

    #[inline]
    pub(super) fn is_present(self) -> bool {
        self.start != u32::MAX
    }

    /// The bytes of the piece.
    #[inline]
    pub(super) fn of(self, element: &[u8]) -> Option<&[u8]> {
        element.get(self.start()..self.end())
    }

    /// The piece as text; the scanner has checked that it is UTF-8.
    #[inline]
    pub(super) fn text(self, element: &[u8]) -> Option<&str> {
        std::str::from_utf8(self.of(element)?).ok()
    }
}

/// Where the namespace of the element is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ElementNamespace {
    /// Nowhere: the default namespace of the stream.
    Stream,
    /// By the prefix `stream` of the stream header.
    Streams,
    /// By the prefix `xml`.
    Xml,
    /// In this declaration.
    Declared(Span),
}

/// Where the interesting parts of a start tag lie; offsets into the element's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Which stanza it is.
    pub kind: StanzaKind,
    pub(super) stream: StreamNamespace,
    pub(super) namespace: ElementNamespace,
    /// The name with its prefix.
    pub(super) name: Span,
    /// The name without its prefix.
    pub(super) local: Span,
    pub(super) to: Span,
    pub(super) from: Span,
    pub(super) id: Span,
    pub(super) type_: Span,
    pub(super) lang: Span,
    /// Behind the start tag's `>`.
    pub(super) tag_end: u32,
}

impl Head {
    pub(super) fn new(stream: StreamNamespace) -> Self {
        Self {
            kind: StanzaKind::Nonza,
            stream,
            namespace: ElementNamespace::Stream,
            name: Span::EMPTY,
            local: Span::EMPTY,
            to: Span::EMPTY,
            from: Span::EMPTY,
            id: Span::EMPTY,
            type_: Span::EMPTY,
            lang: Span::EMPTY,
            tag_end: 0,
        }
    }

    /// Remembers where the value of an attribute lies, if it is one of the interesting ones.
    #[inline]
    pub(super) fn note(&mut self, name: &[u8], value: Span) {
        match name {
            b"to" => self.to = value,
            b"from" => self.from = value,
            b"id" => self.id = value,
            b"type" => self.type_ = value,
            b"xml:lang" => self.lang = value,
            _ => {}
        }
    }

    pub(super) fn tag_end(&self) -> usize {
        usize::try_from(self.tag_end).unwrap_or(usize::MAX)
    }

    pub(super) fn set_tag_end(&mut self, end: usize) {
        self.tag_end = u32::try_from(end).unwrap_or(u32::MAX);
    }

    /// The namespace of the element.
    pub(super) fn namespace<'a>(&self, element: &'a [u8]) -> &'a str {
        match self.namespace {
            ElementNamespace::Stream => self.stream.name(),
            ElementNamespace::Streams => STREAMS,
            ElementNamespace::Xml => XML,
            ElementNamespace::Declared(value) => value.text(element).unwrap_or_default(),
        }
    }

    /// Which of the stanzas a name in a namespace is, on a stream with that default namespace.
    pub(super) fn kind_of(&self, element: &[u8]) -> StanzaKind {
        let is_stanza_namespace = match self.namespace {
            ElementNamespace::Stream => true,
            ElementNamespace::Streams | ElementNamespace::Xml => false,
            ElementNamespace::Declared(value) => {
                let namespace = value.of(element).unwrap_or_default();
                namespace == b"jabber:client"
                    || (self.stream == StreamNamespace::Component && namespace == b"jabber:component:accept")
            }
        };
        match self.local.of(element) {
            Some(b"message") if is_stanza_namespace => StanzaKind::Message,
            Some(b"presence") if is_stanza_namespace => StanzaKind::Presence,
            Some(b"iq") if is_stanza_namespace => StanzaKind::Iq,
            _ => StanzaKind::Nonza,
        }
    }
}
