//! The opening `<stream:stream>` tag (RFC 6120 section 4.7), read and written.

use super::head::STREAMS;
use super::scanner::{is_space, leading_space};
use super::text::{escape_attribute, unescape_attribute};
use super::walk::{Attributes, WrittenAttribute};
use super::{Limits, ScanError, Scanner};

/// What a peer's stream header says. All values unescaped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StreamHeader {
    /// Host the peer wants to talk to.
    pub to: Option<String>,
    /// Who the peer says it is.
    pub from: Option<String>,
    /// Stream id (in answers, and in XEP-0114).
    pub id: Option<String>,
    /// `xml:lang`.
    pub lang: Option<String>,
    /// `version`, as in `1.0`; `None` before XMPP 1.0.
    pub version: Option<(u8, u8)>,
    /// The default namespace: `jabber:client` or `jabber:component:accept`; empty when there is none.
    pub default_namespace: String,
}

/// Why the header is no stream header of ours (RFC 6120 section 4.9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StreamHeaderError {
    /// `not-well-formed` or `restricted-xml`.
    #[error("not a well-formed stream header")]
    NotWellFormed,
    /// `invalid-namespace`: not `http://etherx.jabber.org/streams`.
    #[error("wrong stream namespace")]
    InvalidNamespace,
    /// `policy-violation`.
    #[error("the stream header is too long")]
    TooLong,
}

/// More attributes no stream header has.
const MOST_ATTRIBUTES: usize = 32;

impl StreamHeader {
    /// Reads an optional XML declaration and the header. `Ok(None)`: not complete yet.
    /// With the header comes the number of bytes it took.
    ///
    /// White space before it is skipped: clients send it between login and the new header. Attributes we do
    /// not know, other prefixes than `stream` and either kind of quotes are fine.
    ///
    /// # Errors
    /// The stream has to be closed with the stream error that [`StreamHeaderError`] stands for.
    pub fn read(buffer: &[u8], longest: usize) -> Result<Option<(Self, usize)>, StreamHeaderError> {
        let view = buffer.get(..longest).unwrap_or(buffer);
        let incomplete = || if view.len() >= longest { Err(StreamHeaderError::TooLong) } else { Ok(None) };
        let Some(start) = start_of_tag(view)? else {
            return incomplete();
        };
        let tag = view.get(start..).unwrap_or_default();
        let limits = Limits { stanza_bytes: usize::MAX, depth: 1, attributes: MOST_ATTRIBUTES };
        let (head, length) = match Scanner::scan_header(tag, limits) {
            Ok(Some(found)) => found,
            Ok(None) => return incomplete(),
            Err(ScanError::OverLimit(_)) => return Err(StreamHeaderError::TooLong),
            Err(ScanError::UndeclaredPrefix(_)) => return Err(StreamHeaderError::InvalidNamespace),
            Err(_) => return Err(StreamHeaderError::NotWellFormed),
        };
        if head.namespace(tag) != STREAMS {
            return Err(StreamHeaderError::InvalidNamespace);
        }
        if head.local.of(tag) != Some(b"stream") {
            return Err(StreamHeaderError::NotWellFormed);
        }
        let mut header = Self::default();
        for attribute in Attributes::of(tag, head.name.end()) {
            header.take(attribute.name, unescape_attribute(attribute.value_text()).into_owned());
        }
        Ok(Some((header, start.saturating_add(length))))
    }

    fn take(&mut self, name: &[u8], value: String) {
        match name {
            b"to" => self.to = Some(value),
            b"from" => self.from = Some(value),
            b"id" => self.id = Some(value),
            b"xml:lang" => self.lang = Some(value),
            b"version" => self.version = version(&value),
            b"xmlns" => self.default_namespace = value,
            _ => {}
        }
    }

    /// The bytes of this header, XML declaration first.
    pub fn write(&self) -> Vec<u8> {
        let mut text = String::with_capacity(256);
        text.push_str("<?xml version='1.0'?><stream:stream");
        let mut attribute = |name: &str, value: &str| {
            for part in [" ", name, "='", &escape_attribute(value), "'"] {
                text.push_str(part);
            }
        };
        attribute("xmlns", &self.default_namespace);
        attribute("xmlns:stream", STREAMS);
        let values = [("from", &self.from), ("to", &self.to), ("id", &self.id), ("xml:lang", &self.lang)];
        for (name, value) in values {
            if let Some(value) = value {
                attribute(name, value);
            }
        }
        if let Some((major, minor)) = self.version {
            attribute("version", &format!("{major}.{minor}"));
        }
        text.push('>');
        text.into_bytes()
    }
}

/// RFC 6120 section 4.7.5: two numbers, leading zeros ignored.
fn version(value: &str) -> Option<(u8, u8)> {
    let (major, minor) = value.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Skips white space and an XML declaration.
fn start_of_tag(view: &[u8]) -> Result<Option<usize>, StreamHeaderError> {
    const DECLARATION: &[u8] = b"<?xml";
    let space = leading_space(view);
    let rest = view.get(space..).unwrap_or_default();
    let Some(behind) = rest.strip_prefix(DECLARATION) else {
        return Ok(if DECLARATION.starts_with(rest) { None } else { Some(space) });
    };
    let Some(length) = memchr::memmem::find(behind, b"?>") else {
        return Ok(None);
    };
    let inside = behind.get(..length).unwrap_or_default();
    if !is_good_declaration(inside) {
        return Err(StreamHeaderError::NotWellFormed);
    }
    let end = space.saturating_add(DECLARATION.len()).saturating_add(length).saturating_add(2);
    let more_space = leading_space(view.get(end..).unwrap_or_default());
    Ok(Some(end.saturating_add(more_space)))
}

/// Version 1.0, then UTF-8 if an encoding is named, then perhaps `standalone` (XML 1.0 section 2.8,
/// RFC 6120 section 11.5 and 11.6).
fn is_good_declaration(inside: &[u8]) -> bool {
    // The walker stops at a `/` or `>`; none belongs here.
    if inside.iter().any(|byte| !byte.is_ascii() || matches!(byte, b'<' | b'>' | b'/' | b'&')) {
        return false;
    }
    let mut last = Part::Start;
    let mut end = 0;
    for attribute in Attributes::of(inside, 0) {
        let part = match attribute.name {
            b"version" if attribute.value == b"1.0" => Part::Version,
            b"encoding" if attribute.value.eq_ignore_ascii_case(b"utf-8") => Part::Encoding,
            b"standalone" if matches!(attribute.value, b"yes" | b"no") => Part::Standalone,
            _ => return false,
        };
        let is_in_order = part > last && (last != Part::Start || part == Part::Version);
        let is_apart = inside.get(attribute.start).is_some_and(|byte| is_space(*byte));
        if !is_in_order || !is_apart || !is_well_written(inside, &attribute) {
            return false;
        }
        (last, end) = (part, attribute.end);
    }
    last != Part::Start && inside.get(end..).is_some_and(|rest| rest.iter().all(|byte| is_space(*byte)))
}

/// Parts of an XML declaration, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Start,
    Version,
    Encoding,
    Standalone,
}

/// Nothing but one `=` and white space between name and value.
fn is_well_written(inside: &[u8], attribute: &WrittenAttribute<'_>) -> bool {
    let name_end = attribute
        .start
        .saturating_add(leading_space(inside.get(attribute.start..).unwrap_or_default()))
        .saturating_add(attribute.name.len());
    let quote = attribute.value_start.saturating_sub(1);
    let between = inside.get(name_end..quote).unwrap_or_default();
    between.trim_ascii() == b"="
}
