//! Single sign-on as tabs, browsers and business systems meet it: a real server, its port for browsers, and systems that
//! know people by its word alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a scene stops at the first surprise"
)]

mod cas;
mod cross_origin;
mod endings;
mod entrance;
mod house;
mod links;
mod open_id;
#[cfg(target_os = "linux")]
mod parties;
mod proof;
mod proxies;
mod registration;
mod trial;
mod wire_rules;
