//! Simulated modems at pseudo terminals, and the network behind them.

use std::path::Path;
use std::time::Duration;

use posthouse_tests::modem_simulator::{Habits, ModemSimulator, Network, Sim};
use tempfile::TempDir;

/// How long a gateway may take to find its modems.
const BEGINNING: Duration = Duration::from_secs(60);

/// A modem that was told nothing for so long is at rest.
const REST: Duration = Duration::from_millis(1_500);

pub(crate) struct Yard {
    pub(crate) network: Network,
    pub(crate) modems: Vec<ModemSimulator>,
    folder: TempDir,
}

impl Yard {
    /// So many modems, whose network takes so long for a text.
    pub(crate) fn with(count: usize, network_time: Duration) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("yard-").tempdir()?;
        let network = Network::default();
        let habits = Habits { network_time, ..Habits::default() };
        let mut modems = Vec::new();
        for number in 1..=count {
            let link = folder.path().join(format!("tty{number}"));
            let name = format!("modem{number}");
            modems.push(ModemSimulator::pty(&name, &link, &network, Sim::default(), habits)?);
        }
        Ok(Self { network, modems, folder })
    }

    /// For spools and settings.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Commands that all modems were given.
    pub(crate) fn commands(&self) -> u64 {
        self.modems.iter().map(ModemSimulator::commands).sum()
    }

    /// Waits until every modem was asked something and all have a rest, or the gateway never lets them rest.
    pub(crate) async fn until_begun(&self) -> anyhow::Result<()> {
        let all_asked = async {
            while self.modems.iter().any(|modem| modem.commands() < 5) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(BEGINNING, all_asked)
            .await
            .map_err(|_| anyhow::anyhow!("a modem is not used"))?;
        // A peer that polls without end is never at rest.
        for _ in 0..4 {
            let before = self.commands();
            tokio::time::sleep(REST).await;
            if self.commands() == before {
                break;
            }
        }
        Ok(())
    }
}
