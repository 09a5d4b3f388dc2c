//! What business systems do over HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a scene stops at the first surprise"
)]

mod answers;
mod badges;
mod components;
mod decisions;
mod description;
mod directory;
mod door;
mod house;
mod keys;
mod kills;
mod notices;
mod own_timelines;
mod relying_parties;
mod samples;
mod webhooks;
