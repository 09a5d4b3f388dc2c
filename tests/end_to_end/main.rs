//! Scenes with the real server in a process of its own and the real client without a window.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a scene stops at the first surprise")]

mod absence;
mod badges;
mod gateway;
mod history;
mod notices;
mod office;
mod outbox;
mod password;
mod presence;
mod queries;
mod sign_in;
mod states;
mod tree;
mod two_computers;
