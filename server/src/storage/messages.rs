//! Messages: archive, stored messages and what has been delivered.

/// Names a stored message; larger is newer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoredId(pub i64);
