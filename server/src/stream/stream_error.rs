//! Stream errors (RFC 6120 section 4.9) and what leads to them.

use posthouse_protocol::wire::{ScanError, StreamHeaderError};

/// A condition that ends the stream (RFC 6120 section 4.9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreamError {
    BadNamespacePrefix,
    Conflict,
    HostUnknown,
    InternalServerError,
    InvalidNamespace,
    NotAuthorized,
    NotWellFormed,
    PolicyViolation,
    RestrictedXml,
    SystemShutdown,
    UnsupportedEncoding,
    UnsupportedStanzaType,
    UnsupportedVersion,
    /// The client acknowledged more than it was sent (XEP-0198 section 4).
    HandledCountTooHigh,
}

impl StreamError {
    fn name(self) -> &'static str {
        match self {
            Self::BadNamespacePrefix => "bad-namespace-prefix",
            Self::Conflict => "conflict",
            Self::HostUnknown => "host-unknown",
            Self::InternalServerError => "internal-server-error",
            Self::InvalidNamespace => "invalid-namespace",
            Self::NotAuthorized => "not-authorized",
            Self::NotWellFormed => "not-well-formed",
            Self::PolicyViolation => "policy-violation",
            Self::RestrictedXml => "restricted-xml",
            Self::SystemShutdown => "system-shutdown",
            Self::UnsupportedEncoding => "unsupported-encoding",
            Self::UnsupportedStanzaType => "unsupported-stanza-type",
            Self::UnsupportedVersion => "unsupported-version",
            Self::HandledCountTooHigh => "undefined-condition",
        }
    }

    /// The error element and the end of the stream.
    pub(crate) fn write(self) -> Vec<u8> {
        let application = match self {
            Self::HandledCountTooHigh => "<handled-count-too-high xmlns='urn:xmpp:sm:3'/>",
            _ => "",
        };
        format!(
            "<stream:error><{} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>{application}</stream:error></stream:stream>",
            self.name()
        )
        .into_bytes()
    }
}

impl From<ScanError> for StreamError {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::NotWellFormed(_) => Self::NotWellFormed,
            ScanError::RestrictedXml(_) => Self::RestrictedXml,
            ScanError::UndeclaredPrefix(_) => Self::BadNamespacePrefix,
            ScanError::NotUtf8(_) => Self::UnsupportedEncoding,
            ScanError::OverLimit(_) => Self::PolicyViolation,
        }
    }
}

impl From<StreamHeaderError> for StreamError {
    fn from(error: StreamHeaderError) -> Self {
        match error {
            StreamHeaderError::NotWellFormed => Self::NotWellFormed,
            StreamHeaderError::InvalidNamespace => Self::InvalidNamespace,
            StreamHeaderError::TooLong => Self::PolicyViolation,
        }
    }
}
