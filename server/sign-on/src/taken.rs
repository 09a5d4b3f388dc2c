//! What came of taking something that may be used once.

/// The caller marks the record as spent in the same atomic step that reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken<T> {
    /// It was there, and nobody else has got it or will.
    Fresh(T),
    /// Somebody has used it before.
    Spent(T),
    /// There is no such thing, or not any more.
    Unknown,
}
