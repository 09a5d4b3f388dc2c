//! What business systems do over HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a scene stops at the first surprise"
)]

mod door;
