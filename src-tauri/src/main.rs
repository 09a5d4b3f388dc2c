//! The Posthouse desktop app: one window around the engine.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod application;
mod commands;
mod events;
mod keyring;
mod launch;
mod notifications;
mod second_start;
mod session;
mod tabs;
mod tray;
mod window;

use clap::Parser;

fn main() -> anyhow::Result<()> {
    let launch = launch::Launch::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info")),
        )
        .with_writer(std::io::stderr)
        .init();
    application::run(launch)
}
