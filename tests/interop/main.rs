//! Scenes with clients nobody here wrote, each against a server process of its own. `cargo xtask interop`
//! installs the clients and plays the scenes; where the clients are missing, nothing else plays them.
#![cfg(target_os = "linux")]

mod dino;
mod gajim;
mod house;
mod our_client;
mod pictures;
mod profanity;
mod schemathesis;
mod scripts;
mod terminal;
