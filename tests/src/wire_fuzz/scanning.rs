//! The scanner finds the same however the bytes arrive, and refuses nothing without a reason of its own.

use bytes::Bytes;
use posthouse_protocol::wire::{Frame, Head, Limits, Progress, ScanError, Scanner};

use super::reference::{self, Outcome, Surroundings};
use crate::random_input::Randomness;
use crate::random_input::{Finding, Traits};

/// Generous limits, and tight ones that are reached.
const LIMITS: [Limits; 2] = [
    Limits { stanza_bytes: 20_000, depth: 40, attributes: 60 },
    Limits { stanza_bytes: 300, depth: 4, attributes: 5 },
];

/// The result of scanning an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scan {
    /// Where each stanza starts, how long it is, and what its start tag says.
    found: Vec<(usize, usize, Head)>,
    /// Where the part starts that holds no whole stanza.
    pub(super) rest: usize,
    pub(super) end: End,
    pub(super) stanzas: Vec<Stanza>,
}

/// How the scan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Incomplete,
    Closed(usize),
    Refused(ScanError),
}

/// A stanza that was accepted.
#[derive(Debug, Clone)]
pub(super) struct Stanza(pub(super) Frame);

impl PartialEq for Stanza {
    fn eq(&self, other: &Self) -> bool {
        self.0.bytes() == other.0.bytes()
    }
}

impl Eq for Stanza {}

/// Scans in one piece, byte by byte, and in a few ways in between.
pub(super) fn check(input: &[u8], choices: &mut Randomness) -> Result<Scan, Finding> {
    let limits = if choices.once_in(4) { LIMITS[1] } else { LIMITS[0] };
    let whole = scan(input, limits, &mut || usize::MAX);
    let split = |name: &str, size: &mut dyn FnMut() -> usize| {
        let split = scan(input, limits, size);
        match split == whole {
            true => Ok(()),
            false => Err(Finding::new(
                "the same bytes give the same result in any pieces",
                format!("in one piece: {}\n{name}: {}", whole.summary(), split.summary()),
            )),
        }
    };
    split("byte by byte", &mut || 1)?;
    split("in small pieces", &mut || choices.below(9).saturating_add(1))?;
    split("in large pieces", &mut || choices.below(200).saturating_add(1))?;
    Ok(whole)
}

/// Scans with the generous limits.
#[cfg(test)]
pub(super) fn check_generously(input: &[u8]) -> Scan {
    scan(input, LIMITS[0], &mut || usize::MAX)
}

/// `size` says how many bytes arrive next.
fn scan(input: &[u8], limits: Limits, size: &mut dyn FnMut() -> usize) -> Scan {
    let mut scanner = Scanner::new(limits);
    let mut scan = Scan { found: Vec::new(), rest: 0, end: End::Incomplete, stanzas: Vec::new() };
    let mut arrived = 0_usize;
    loop {
        let buffer = input.get(scan.rest..arrived).unwrap_or_default();
        match scanner.scan(buffer) {
            Ok(Progress::Incomplete) if arrived >= input.len() => return scan,
            Ok(Progress::Incomplete) => arrived = arrived.saturating_add(size()).min(input.len()),
            Ok(Progress::Whitespace { length }) => scan.rest = scan.rest.saturating_add(length),
            Ok(Progress::Stanza { length, head }) => {
                let bytes = Bytes::copy_from_slice(buffer.get(..length).unwrap_or_default());
                scan.stanzas.push(Stanza(Frame::new(bytes, head.clone())));
                scan.found.push((scan.rest, length, head));
                scan.rest = scan.rest.saturating_add(length);
            }
            Ok(Progress::StreamEnd { length }) => {
                scan.end = End::Closed(length);
                return scan;
            }
            Err(error) => {
                scan.end = End::Refused(error);
                return scan;
            }
        }
    }
}

/// What rxml would have taken has to be refused for a reason that rxml does not know.
pub(super) fn check_refusal(input: &[u8], scan: &Scan) -> Result<(), Finding> {
    let rest = input.get(scan.rest..).unwrap_or_default();
    let reference = reference::first_element(rest, Surroundings::Client);
    let Outcome::Element(element, length) = &reference else { return Ok(()) };
    let is_stream = element.name == "stream" && element.namespace == "http://etherx.jabber.org/streams";
    let is_explained = match scan.end {
        // Limits, and elements that cannot be copied into another stream.
        End::Refused(ScanError::OverLimit(_) | ScanError::UndeclaredPrefix(_)) => true,
        // Namespaces that are not written plainly, and carriage returns in attribute values.
        // An empty CDATA section between stanzas is nothing to a parser, and yet it does not belong there.
        End::Refused(ScanError::RestrictedXml(_)) => {
            rest.contains(&b'&') || has_control(rest) || rest.starts_with(b"<![CDATA[")
        }
        // A stream in a stream, and the two namespaces that have their prefixes for good.
        // COMPAT(rxml 0.14): takes a second declaration beside the first.
        End::Refused(ScanError::NotWellFormed(at)) => {
            let is_repeated = rest.get(at..).is_some_and(|there| there.starts_with(b"xmlns"));
            is_stream || names_reserved(rest) || is_repeated
        }
        End::Refused(ScanError::NotUtf8(_)) | End::Incomplete | End::Closed(_) => false,
    };
    if is_explained {
        return Ok(());
    }
    Err(Finding::new(
        "what a parser takes is refused for a reason only",
        format!("rxml takes {length} bytes as {element:?}\nthe scanner: {:?}", scan.end),
    ))
}

/// COMPAT(rxml 0.14): takes the two as default namespaces (Namespaces in XML 1.0 section 3 forbids it).
fn names_reserved(bytes: &[u8]) -> bool {
    let reserved: [&[u8]; 2] = [b"http://www.w3.org/XML/1998/namespace", b"http://www.w3.org/2000/xmlns/"];
    reserved.iter().any(|name| bytes.windows(name.len()).any(|part| part == *name))
}

fn has_control(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| *byte < b' ')
}

impl Scan {
    fn summary(&self) -> String {
        format!("{:?}, then {:?} from byte {}", self.found, self.end, self.rest)
    }

    /// The name of the refusal, as in the folders of the corpus.
    pub(super) fn error(&self) -> Option<&'static str> {
        match self.end {
            End::Incomplete | End::Closed(_) => None,
            End::Refused(ScanError::NotWellFormed(_)) => Some("not-well-formed"),
            End::Refused(ScanError::RestrictedXml(_)) => Some("restricted-xml"),
            End::Refused(ScanError::UndeclaredPrefix(_)) => Some("undeclared-prefix"),
            End::Refused(ScanError::NotUtf8(_)) => Some("not-utf8"),
            End::Refused(ScanError::OverLimit(_)) => Some("over-limit"),
        }
    }

    /// Nothing is left but, perhaps, what follows the end of the stream.
    #[cfg(test)]
    pub(super) fn is_used_up(&self, input: &[u8]) -> bool {
        match self.end {
            End::Incomplete => self.rest == input.len(),
            End::Closed(_) => true,
            End::Refused(_) => false,
        }
    }

    fn stopped_at(&self) -> usize {
        match self.end {
            End::Incomplete | End::Closed(_) => 0,
            End::Refused(
                ScanError::NotWellFormed(at)
                | ScanError::RestrictedXml(at)
                | ScanError::UndeclaredPrefix(at)
                | ScanError::NotUtf8(at)
                | ScanError::OverLimit(at),
            ) => at,
        }
    }

    pub(super) fn traits(&self, input: &[u8]) -> Traits {
        let at = self.rest.saturating_add(self.stopped_at());
        let near = input.get(at.saturating_sub(2)..at.saturating_add(2).min(input.len())).unwrap_or_default();
        let shape: Vec<u8> = input
            .iter()
            .filter(|byte| matches!(byte, b'<' | b'>' | b'/' | b'&' | b'!' | b'?' | b':' | b'=' | 0x80..))
            .map(|byte| (*byte).min(0x80))
            .take(12)
            .collect();
        let mut around: Vec<u8> = near.iter().map(|byte| class(*byte)).collect();
        around.extend_from_slice(&shape);
        Traits {
            accepted: self.stanzas.len().min(4),
            error: self.error(),
            around: Randomness::of(&around).number(),
        }
    }
}

/// Letters, digits and wide characters are all the same.
fn class(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' => b'a',
        b'0'..=b'9' => b'0',
        0x80.. => 0x80,
        other => other,
    }
}
