//! The Posthouse client without a window: connection, store, search, outbox.
//!
//! The window sees [`commands`], [`events`] and [`model`]; it never sees XML.

mod attention;
pub mod business_tabs;
pub mod clock;
pub mod commands;
mod connection;
mod connection_test;
mod conversations;
pub mod engine;
pub mod error;
pub mod events;
mod gateway;
mod history_sync;
mod incoming;
mod mailbox;
pub mod model;
mod notice_timeline;
mod notices;
mod organization;
mod outgoing;
mod own_password;
mod presence;
mod query_contact;
mod read_markers;
mod requests;
pub mod secrets;
mod server_time;
mod session;
mod store;
mod typing;
