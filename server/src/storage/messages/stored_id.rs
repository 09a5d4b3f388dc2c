//! What names a stored message.

use crate::clock::Timestamp;

/// Names a stored message; larger is newer. Microseconds since 1970 when it was accepted, made unique, so that
/// the time of a message and its place in every archive are one and the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoredId(pub i64);

impl StoredId {
    /// Reads the form that clients get; `None` when it was never given by us.
    pub fn parse(text: &str) -> Option<Self> {
        let id = text.parse::<i64>().ok().filter(|id| *id > 0)?;
        (id.to_string() == text).then_some(Self(id))
    }

    /// When the message was accepted.
    pub fn time(self) -> Timestamp {
        Timestamp(self.0)
    }
}

impl std::fmt::Display for StoredId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}
