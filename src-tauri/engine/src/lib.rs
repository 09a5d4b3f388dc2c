//! The Posthouse client without a window: connection, store, search, outbox.
//!
//! The window sees [`commands`], [`events`] and [`model`]; it never sees XML.

pub mod commands;
pub mod error;
pub mod events;
pub mod model;
