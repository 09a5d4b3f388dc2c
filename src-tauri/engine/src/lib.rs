//! The Posthouse client without a window: connection, store, search, outbox.
//!
//! The window sees [`commands`], [`events`] and [`model`]; it never sees XML.

mod attention;
pub mod clock;
pub mod commands;
#[allow(dead_code, unused_imports, reason = "the session that uses it is being written")]
mod connection;
#[allow(clippy::unused_async, dead_code, reason = "only its face stands here yet")]
mod connection_test;
mod conversations;
pub mod engine;
pub mod error;
pub mod events;
mod history_sync;
mod incoming;
mod mailbox;
pub mod model;
#[allow(clippy::unused_async, dead_code, reason = "only its face stands here yet")]
mod organization;
mod outgoing;
#[allow(clippy::unused_async, dead_code, reason = "only its face stands here yet")]
mod presence;
mod read_markers;
mod requests;
pub mod secrets;
mod server_time;
mod session;
#[allow(dead_code, unused_imports, reason = "the session that uses it is being written")]
mod store;
mod typing;
