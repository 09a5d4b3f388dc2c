//! The HTTP door. For now it tells figures and a sign of life; the only folder that knows the HTTP library.

mod metrics;
mod server;

pub use metrics::{Health, metrics};
pub use server::{Routes, serve};
