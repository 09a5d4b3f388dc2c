//! Who a component is: the header names its domain, the handshake shows that it knows the secret.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use posthouse_protocol::wire::{StreamHeader, StreamNamespace};
use subtle::ConstantTimeEq;

/// Why a component is turned away (RFC 6120 section 4.9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    HostUnknown,
    InvalidNamespace,
    NotAuthorized,
    Conflict,
    NotWellFormed,
    InvalidFrom,
}

impl Refusal {
    /// The error and the end of the stream.
    pub(super) fn write(self) -> String {
        let condition = match self {
            Self::HostUnknown => "host-unknown",
            Self::InvalidNamespace => "invalid-namespace",
            Self::NotAuthorized => "not-authorized",
            Self::Conflict => "conflict",
            Self::NotWellFormed => "not-well-formed",
            Self::InvalidFrom => "invalid-from",
        };
        format!(
            "<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
        )
    }
}

/// The domain a header asks for.
pub(super) fn domain(header: &StreamHeader) -> Result<&str, Refusal> {
    if header.default_namespace != StreamNamespace::Component.name() {
        return Err(Refusal::InvalidNamespace);
    }
    header.to.as_deref().ok_or(Refusal::HostUnknown)
}

/// Our answer to the header.
pub(super) fn answer(domain: &str, id: &str) -> Vec<u8> {
    StreamHeader {
        from: Some(domain.to_owned()),
        id: Some(id.to_owned()),
        default_namespace: StreamNamespace::Component.name().to_owned(),
        ..StreamHeader::default()
    }
    .write()
}

/// The handshake is the SHA-1 of the stream's id and the secret, in small hexadecimal digits (section 3.1).
pub(super) fn is_right(id: &str, secret: &str, shown: &str) -> bool {
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, format!("{id}{secret}").as_bytes());
    let expected: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    expected.as_bytes().ct_eq(shown.trim().as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::is_right;

    #[test]
    fn the_digest_is_that_of_id_and_secret() {
        // SHA-1 of "abc", which every table of test vectors has.
        assert!(is_right("ab", "c", "a9993e364706816aba3e25717850c26c9cd0d89d"));
        assert!(!is_right("ab", "d", "a9993e364706816aba3e25717850c26c9cd0d89d"));
        assert!(!is_right("ab", "c", ""));
    }
}
