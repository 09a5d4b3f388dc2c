//! Read this page to know who does what to a stanza, and in which order.

pub mod messages;
pub mod people;

pub use crate::routing::steps::{IqTable, NamespaceClaimedTwice, Pipeline};
