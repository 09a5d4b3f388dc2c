//! Scenes and simulators.

pub mod daemon;
#[cfg(target_os = "linux")]
pub mod desktop;
pub mod modem_simulator;
pub mod people;
pub mod program;
pub mod server_process;
