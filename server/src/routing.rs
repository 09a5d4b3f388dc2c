//! How a stanza finds its way: one passage, eight steps (ARCHITECTURE.md).

pub mod capabilities;
mod held;
pub mod iq;
pub mod passage;
pub mod session;
pub mod sessions;
pub mod stages;
pub mod stanza_error;
