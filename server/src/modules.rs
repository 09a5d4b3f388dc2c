//! Features, one file or folder each; [`pipeline`] says who does what, and in which order.

pub mod archive;
pub mod carbons;
pub mod client_state;
pub mod message_ids;
pub mod offline;
pub mod pipeline;
