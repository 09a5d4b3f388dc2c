//! What becomes of a stanza.

/// What became of a stanza; goes into the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A session, component or handler of the server has it.
    Delivered,
    /// An undelivered step took it: `phone` or `stored`.
    Kept(&'static str),
    /// The sender got an error.
    Refused,
    /// Nobody was to be told.
    Dropped,
}
