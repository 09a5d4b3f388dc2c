//! Finds the end of the next first-level element of a stream and checks it on the way.

mod characters;
mod content;
mod declarations;
mod name;
mod tag;

use super::head::{Head, Span, StreamNamespace};
pub(super) use characters::{is_space, leading_space};
use name::Name;

/// What a peer may send in one stanza. Sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest first-level element.
    pub stanza_bytes: usize,
    /// Deepest nesting, the first-level element counting as 1.
    pub depth: usize,
    /// Most attributes on one element, namespace declarations included.
    pub attributes: usize,
}

/// What the scanner found at the start of the buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The element is not complete; call again with the same bytes and more behind them.
    Incomplete,
    /// White space between stanzas (a keep-alive): drop `length` bytes.
    Whitespace {
        /// Bytes to drop.
        length: usize,
    },
    /// One complete first-level element in the first `length` bytes.
    Stanza {
        /// Bytes of the element.
        length: usize,
        /// What the start tag says.
        head: Head,
    },
    /// The closing tag of the stream, in the first `length` bytes.
    StreamEnd {
        /// Bytes of the tag.
        length: usize,
    },
}

/// Why a stream cannot go on (RFC 6120 section 4.9.3 and 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// `not-well-formed`.
    #[error("not well-formed at byte {0}")]
    NotWellFormed(usize),
    /// `restricted-xml`: comment, processing instruction, DTD, unknown entity.
    #[error("restricted XML at byte {0}")]
    RestrictedXml(usize),
    /// `bad-namespace-prefix`: a prefix that the stanza itself does not declare.
    #[error("undeclared namespace prefix at byte {0}")]
    UndeclaredPrefix(usize),
    /// `unsupported-encoding`: not UTF-8.
    #[error("not UTF-8 at byte {0}")]
    NotUtf8(usize),
    /// `policy-violation`: one of the [`Limits`].
    #[error("over a limit at byte {0}")]
    OverLimit(usize),
}

/// The longest attribute value, in bytes. Parsers in use by clients give up on longer ones, and a receiver
/// must not lose its stream over what we passed on.
const LONGEST_VALUE: usize = 8_000;

/// Offsets are kept in 32 bits.
const LONGEST_ELEMENT: usize = 1 << 30;

/// The longest stream end tag, white space included.
const LONGEST_STREAM_END: usize = 256;

/// How many elements inside one another may declare prefixes; real stanzas have one or two.
pub(super) const MOST_DECLARING: usize = 8;

/// Resumable: a half-received stanza is never scanned twice.
///
/// Accepts what a strict XML parser accepts and XMPP allows (RFC 6120 section 11), and beyond that
/// only elements that can be copied into another stream as they are: every prefix is declared inside the
/// element itself, except `xml`, and `stream` when the first-level element itself has that prefix.
#[derive(Debug)]
pub struct Scanner {
    limits: Limits,
    stream: StreamNamespace,
    state: State,
    /// Everything before it is checked, apart from its encoding.
    position: usize,
    head: Head,
    /// The value of `xmlns` on the first-level element.
    default_declaration: Span,
    open: Vec<Open>,
    attributes: Vec<Attribute>,
    declarations: Vec<Declaration>,
    /// How many open elements declare prefixes.
    declaring: usize,
    /// The opening tag of a stream is all there is to read.
    is_header: bool,
    failed: Option<ScanError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a first-level element.
    Between,
    /// Before the opening tag of a stream.
    Header,
    /// Between the tags of an element.
    Content,
    /// Inside a CDATA section.
    CharacterData,
    /// In a start tag, behind the name or an attribute.
    Tag,
    /// Behind the name of an attribute.
    Equals,
    /// Behind the `=` of an attribute.
    Quote,
    /// Inside the value of an attribute, which ends with this byte.
    Value(u8),
    /// Behind the name in an end tag.
    EndTag,
}

/// An element whose end tag is to come.
#[derive(Debug, Clone, Copy)]
struct Open {
    name: Name,
    /// How many declarations were in force outside of it.
    declarations: usize,
}

/// An attribute of the start tag under way.
#[derive(Debug, Clone, Copy)]
struct Attribute {
    name: Name,
    value_start: usize,
    value_end: usize,
}

/// A prefix in force.
#[derive(Debug, Clone, Copy)]
struct Declaration {
    prefix_start: usize,
    prefix_end: usize,
    value_start: usize,
    value_end: usize,
}

enum Step {
    /// Something was read.
    Next,
    /// The bytes ended.
    More,
    /// The element ended before this offset.
    End(usize),
}

impl Scanner {
    /// A scanner that stands before the first stanza of a stream whose default namespace is `jabber:client`.
    pub fn new(limits: Limits) -> Self {
        Self::with_namespace(limits, StreamNamespace::Client)
    }

    /// A scanner that stands before the first stanza of a stream whose default namespace is
    /// `jabber:component:accept` (XEP-0114). It takes stanzas in `jabber:client` as well.
    pub fn for_component(limits: Limits) -> Self {
        Self::with_namespace(limits, StreamNamespace::Component)
    }

    /// A scanner that stands before the first stanza of a stream with this default namespace.
    pub fn with_namespace(limits: Limits, stream: StreamNamespace) -> Self {
        Self {
            limits,
            stream,
            state: State::Between,
            position: 0,
            head: Head::new(stream),
            default_declaration: Span::EMPTY,
            open: Vec::new(),
            attributes: Vec::new(),
            declarations: Vec::new(),
            declaring: 0,
            is_header: false,
            failed: None,
        }
    }

    /// The limits in force.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Replaces the limits, as after login.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Gives back what a big element made the scanner allocate, as before a long idle time.
    pub fn release_memory(&mut self) {
        self.open.shrink_to_fit();
        self.attributes.shrink_to_fit();
        self.declarations.shrink_to_fit();
    }

    /// Looks at `buffer`, which starts where the last found element ended.
    ///
    /// # Errors
    /// The stream has to be closed with the stream error that the [`ScanError`] stands for. Every later
    /// call fails alike.
    pub fn scan(&mut self, buffer: &[u8]) -> Result<Progress, ScanError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let progress = match self.state {
            State::Between => self.scan_between(buffer),
            _ => self.scan_element(buffer),
        };
        if let Err(error) = progress {
            self.failed = Some(error);
        }
        progress
    }

    /// Reads the opening tag of a stream at the start of `buffer`: where things lie in it, and its length.
    pub(super) fn scan_header(buffer: &[u8], limits: Limits) -> Result<Option<(Head, usize)>, ScanError> {
        let mut scanner = Self::new(limits);
        scanner.state = State::Header;
        scanner.is_header = true;
        match scanner.scan_element(buffer)? {
            Progress::Stanza { length, head } => Ok(Some((head, length))),
            Progress::Incomplete | Progress::Whitespace { .. } | Progress::StreamEnd { .. } => Ok(None),
        }
    }

    fn scan_between(&mut self, buffer: &[u8]) -> Result<Progress, ScanError> {
        match buffer {
            [] | [b'<'] => Ok(Progress::Incomplete),
            [b'<', b'/', ..] => scan_stream_end(buffer),
            [b'<', ..] => {
                self.state = State::Content;
                self.scan_element(buffer)
            }
            _ => match leading_space(buffer) {
                0 => Err(ScanError::NotWellFormed(0)),
                length => Ok(Progress::Whitespace { length }),
            },
        }
    }

    fn scan_element(&mut self, buffer: &[u8]) -> Result<Progress, ScanError> {
        // Never looking beyond the limit makes the answer the same however the bytes arrive.
        let longest = self.limits.stanza_bytes.min(LONGEST_ELEMENT);
        let view = buffer.get(..longest).unwrap_or(buffer);
        loop {
            match self.step(view)? {
                Step::Next => {}
                Step::More if view.len() >= longest => return Err(ScanError::OverLimit(longest)),
                Step::More => return Ok(Progress::Incomplete),
                Step::End(length) => return self.finish(view, length),
            }
        }
    }

    fn step(&mut self, view: &[u8]) -> Result<Step, ScanError> {
        match self.state {
            State::Between | State::Content => self.content(view),
            State::Header => self.start_tag(view, 0),
            State::CharacterData => Ok(self.character_data(view)),
            State::Tag => self.tag(view),
            State::Equals => self.equals(view),
            State::Quote => self.quote(view),
            State::Value(quote) => self.value(view, quote),
            State::EndTag => self.end_tag_space(view),
        }
    }

    /// The encoding is checked here, over the whole element at once: that is many times faster than on
    /// the way, and no byte of a longer sequence looks like markup.
    fn finish(&mut self, view: &[u8], length: usize) -> Result<Progress, ScanError> {
        characters::check_characters(view.get(..length).unwrap_or_default())?;
        self.state = State::Between;
        self.position = 0;
        let head = std::mem::replace(&mut self.head, Head::new(self.stream));
        self.default_declaration = Span::EMPTY;
        Ok(Progress::Stanza { length, head })
    }
}

/// Reads `</stream:stream>`; the prefix is the peer's choice.
fn scan_stream_end(buffer: &[u8]) -> Result<Progress, ScanError> {
    let view = buffer.get(..LONGEST_STREAM_END).unwrap_or(buffer);
    let incomplete = || match view.len() {
        LONGEST_STREAM_END => Err(ScanError::OverLimit(LONGEST_STREAM_END)),
        _ => Ok(Progress::Incomplete),
    };
    let Some(name) = Name::read(view, 2)? else {
        return incomplete();
    };
    if name.local(view) != b"stream" {
        return Err(ScanError::NotWellFormed(2));
    }
    let behind = view.get(name.end..).unwrap_or_default();
    let space = leading_space(behind);
    match behind.get(space) {
        None => incomplete(),
        Some(b'>') => Ok(Progress::StreamEnd { length: name.end.saturating_add(space).saturating_add(1) }),
        Some(_) => Err(ScanError::NotWellFormed(name.end.saturating_add(space))),
    }
}
