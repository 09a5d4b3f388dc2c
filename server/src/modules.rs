//! Features, one file or folder each; [`pipeline`] says who does what, and in which order.

pub mod pipeline;
