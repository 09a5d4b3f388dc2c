//! The Posthouse client without a window: connection, store, search, outbox.
//!
//! The window sees [`commands`], [`events`] and [`model`]; it never sees XML.

pub mod clock;
pub mod commands;
#[allow(dead_code, unused_imports, reason = "the session that uses it is being written")]
mod connection;
pub mod error;
pub mod events;
pub mod model;
pub mod secrets;
#[allow(dead_code, unused_imports, reason = "the session that uses it is being written")]
mod store;
