//! `[[modems]]` of `gateway.toml`: where a modem is and what its SIM may send.

use serde::Deserialize;

use crate::modem::{Settings, Timing};
use crate::pool::{Limits, Place};
use crate::transport::PortAddress;

/// A modem.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModemConfig {
    /// Its name.
    pub name: String,
    /// Where it is plugged in.
    pub port: String,
    /// Bits a second.
    #[serde(default = "usual_baud")]
    pub baud: u32,
    /// The SIM's PIN.
    #[serde(default)]
    pub pin: String,
    /// Beginnings of the numbers it is for.
    #[serde(default)]
    pub prefixes: Vec<String>,
    /// Most messages in a minute.
    #[serde(default)]
    pub per_minute: Option<usize>,
    /// Most messages in an hour.
    #[serde(default)]
    pub per_hour: Option<usize>,
    /// Most messages in a day.
    #[serde(default)]
    pub per_day: Option<usize>,
    /// It may be restarted by command.
    #[serde(default)]
    pub may_reset: bool,
}

impl std::fmt::Debug for ModemConfig {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ModemConfig")
            .field("name", &self.name)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

fn usual_baud() -> u32 {
    115_200
}

impl ModemConfig {
    /// As the modem's task wants it.
    pub fn settings(&self) -> Settings {
        Settings {
            name: self.name.clone(),
            port: PortAddress::parse(&self.port, self.baud),
            pin: Some(self.pin.clone()).filter(|pin| !pin.is_empty()),
            may_reset: self.may_reset,
            timing: Timing::default(),
        }
    }

    /// Its place in the pool.
    pub fn place(&self) -> Place {
        Place {
            settings: self.settings(),
            prefixes: self.prefixes.clone(),
            limits: Limits { minute: self.per_minute, hour: self.per_hour, day: self.per_day },
        }
    }
}
