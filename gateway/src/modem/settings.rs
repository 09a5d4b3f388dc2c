//! What the administrator says about a modem, and how long things may take.

use std::time::Duration;

use crate::at::Patience;
use crate::transport::PortAddress;

/// One modem's settings.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// Its name, for people and in the store.
    pub name: String,
    /// Where it is plugged in.
    pub port: PortAddress,
    /// The SIM's PIN, if it wants one.
    pub pin: Option<String>,
    /// It may be restarted by command when nothing else helps. Some modems come back as something else.
    pub may_reset: bool,
    /// How long things may take.
    pub timing: Timing,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("name", &self.name)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// How long things may take, and how often they are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// The modem by itself, and its prompt.
    pub modem: Duration,
    /// The SIM or a memory.
    pub sim: Duration,
    /// The network.
    pub network: Duration,
    /// A modem that may be asleep: one try of three.
    pub attention: Duration,
    /// The line is quiet after this time without a byte.
    pub quiet: Duration,
    /// How often the memory is read though nothing was announced.
    pub sweep: Duration,
    /// How often signal and registration are asked for.
    pub look: Duration,
    /// How often a modem out of service is tried again.
    pub retry: Duration,
    /// The first and the longest pause before a port is opened again.
    pub reopen: (Duration, Duration),
    /// How long the receiver may take to keep a text.
    pub keeping: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            modem: Duration::from_secs(5),
            sim: Duration::from_secs(20),
            network: Duration::from_secs(120),
            attention: Duration::from_secs(1),
            quiet: Duration::from_millis(200),
            sweep: Duration::from_secs(60),
            look: Duration::from_secs(120),
            retry: Duration::from_secs(60),
            reopen: (Duration::from_secs(1), Duration::from_secs(15)),
            keeping: Duration::from_secs(30),
        }
    }
}

impl Timing {
    /// How long somebody may think.
    pub fn of(&self, patience: Patience) -> Duration {
        match patience {
            Patience::Modem => self.modem,
            Patience::Sim => self.sim,
            Patience::Network => self.network,
        }
    }
}
