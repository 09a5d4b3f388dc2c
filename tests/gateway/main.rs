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
mod faults;
mod foreign;
mod hang;
mod house;
#[cfg(unix)]
mod identity;
mod inbox;
mod kills;
mod limits;
mod memories;
mod modem;
mod office;
mod outbox;
mod refusals;
mod relay;
mod retention;
mod smsc;
mod spread;
mod world;
