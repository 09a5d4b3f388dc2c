//! Scenes and simulators.

pub mod browser;
pub mod business_site;
pub mod business_system;
pub mod chaos;
pub mod component;
pub mod daemon;
#[cfg(target_os = "linux")]
pub mod desktop;
pub mod element;
pub mod gateway_chaos;
pub mod gateway_fuzz;
pub mod gateway_process;
pub mod modem_simulator;
pub mod notice_chaos;
pub mod office_automation;
pub mod people;
pub mod port;
pub mod program;
pub mod random_input;
pub mod raw_client;
pub mod server_process;
pub mod webhook_receiver;
pub mod wire_fuzz;
