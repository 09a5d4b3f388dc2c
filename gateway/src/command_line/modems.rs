//! `modems`: what is plugged in, and which port of each modem answers.

use clap::Args;

use super::{CommandError, block_on, say};
use crate::modem::{Probe, probe};
use crate::transport::{PortAddress, ports};

/// Arguments of `modems`.
#[derive(Debug, Args)]
pub(crate) struct Modems {
    /// A port to ask beside those that are found: a name or tcp://host:port; may be repeated
    #[arg(long = "port", value_name = "PORT")]
    ports: Vec<String>,
    /// Bits a second
    #[arg(long, default_value_t = 115_200)]
    baud: u32,
}

impl Modems {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        block_on(self.show())
    }

    async fn show(self) -> Result<(), CommandError> {
        let found = ports().map_err(CommandError::file("the ports cannot be listed"))?;
        if found.is_empty() && self.ports.is_empty() {
            return say(
                "This computer has no serial or USB port. A modem behind a terminal server: --port tcp://host:port",
            );
        }
        for port in found {
            let device = port.usb.map(|usb| {
                let name = usb.name.unwrap_or_default();
                format!(" (USB {:04x}:{:04x} {name})", usb.vendor, usb.product)
            });
            self.ask(&port.path, &device.unwrap_or_default()).await?;
        }
        for port in &self.ports {
            self.ask(port, "").await?;
        }
        Ok(())
    }

    async fn ask(&self, port: &str, device: &str) -> Result<(), CommandError> {
        let address = PortAddress::parse(port, self.baud);
        match probe(&address, None).await {
            Probe::NoPort(cause) => say(&format!("{port}{device}: {cause}")),
            Probe::NoAnswer => say(&format!("{port}{device}: no modem answers")),
            Probe::Modem { state, identity, signal } => {
                let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "?".to_owned());
                let signal = signal.map_or_else(|| "?".to_owned(), |signal| format!("{signal} dBm"));
                say(&format!("{port}{device}: {}", identity.model))?;
                say(&format!("  IMEI {}  IMSI {}", word(&identity.imei), word(&identity.imsi)))?;
                say(&format!("  operator {}  signal {signal}", word(&identity.operator)))?;
                say(&format!("  {}", state.advice()))
            }
        }
    }
}
