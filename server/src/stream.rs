//! The door for clients: listeners, TLS, negotiation, and the connection of each session (RFC 6120).

mod accepting;
pub mod admission;
mod connection;
pub mod credentials;
pub mod door;
mod element_reader;
mod features;
pub mod listener;
mod names;
mod negotiation;
mod pace;
mod resumption;
mod sasl;
pub mod scram;
mod shutdown;
mod stream_error;
pub mod tls;
