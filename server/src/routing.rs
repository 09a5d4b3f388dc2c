//! How a stanza finds its way: one passage, eight steps (ARCHITECTURE.md).

pub mod accounts;
pub mod addressee;
pub mod audience;
pub mod capabilities;
pub mod commands;
pub mod components;
pub mod contacts;
pub mod counts;
pub mod destinations;
pub mod durability;
pub mod forwarded;
mod held;
mod intake;
pub mod iq;
mod message_traits;
pub mod outcome;
pub mod passage;
pub mod replies;
pub mod reroute;
pub mod router;
pub mod session;
mod session_end;
pub mod sessions;
pub mod stages;
pub mod stanza_error;
pub mod steps;
pub mod verification_string;
