//! How a stanza finds its way: one passage, eight steps (ARCHITECTURE.md).

pub mod accounts;
pub mod audience;
pub mod capabilities;
pub mod forwarded;
mod held;
pub mod iq;
mod message_traits;
pub mod passage;
pub mod session;
pub mod sessions;
pub mod stages;
pub mod stanza_error;
