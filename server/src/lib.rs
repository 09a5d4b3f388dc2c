//! The Posthouse server. [`startup::run`] is the way in; ARCHITECTURE.md is the map.

pub mod accounts;
pub mod clock;
pub mod command_line;
pub mod component;
pub mod config;
mod findings;
pub mod http;
pub mod metrics;
pub mod modules;
pub mod organization;
pub mod outbound;
pub mod routing;
pub mod sign_on;
pub mod startup;
pub mod storage;
pub mod stream;
