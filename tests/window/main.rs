//! Scenes in the app's real window: each on a desktop of its own, with a server of its own.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a scene stops at the first surprise")]

mod conversation;
mod notices;
mod notification;
mod office;
mod queries;
mod restart;
mod sign_in;
mod tabs;
mod tree;
