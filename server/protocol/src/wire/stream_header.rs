//! The opening `<stream:stream>` tag (RFC 6120 section 4.7), read and written.

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
    /// The default namespace: `jabber:client` or `jabber:component:accept`.
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

impl StreamHeader {
    /// Reads an optional XML declaration and the header. `Ok(None)`: not complete yet.
    /// With the header comes the number of bytes it took.
    ///
    /// # Errors
    /// The stream has to be closed with the stream error that [`StreamHeaderError`] stands for.
    pub fn read(buffer: &[u8], longest: usize) -> Result<Option<(Self, usize)>, StreamHeaderError> {
        let _ = (buffer, longest);
        Ok(None)
    }

    /// The bytes of this header, XML declaration first.
    pub fn write(&self) -> Vec<u8> {
        Vec::new()
    }
}
