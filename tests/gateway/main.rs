//! The gateway with simulated modems.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a scene stops at the first surprise"
)]

mod carrier;
mod chat;
mod codes;
mod foreign;
mod house;
mod inbox;
mod kills;
mod limits;
mod modem;
mod office;
mod outbox;
mod relay;
mod smsc;
mod spread;
mod world;
