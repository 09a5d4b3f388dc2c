//! A real gateway in a process of its own, with simulated modems.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use tokio::process::Command;

use crate::daemon::Daemon;
use crate::modem_simulator::{Habits, ModemSimulator, Network, Sim};
use crate::program;
use crate::server_process::DOMAIN;

/// How long the gateway may take until it is connected.
const PATIENCE: Duration = Duration::from_secs(30);

/// The gateway's domain.
pub const SMS_DOMAIN: &str = "sms.posthouse.test";
/// What it shares with the server.
pub const SECRET: &str = "geheim";

/// A gateway that can be killed and started again; it ends when this is dropped.
#[derive(Debug)]
pub struct GatewayProcess {
    // The gateway ends before its folder is removed.
    daemon: Option<Daemon>,
    folder: tempfile::TempDir,
    /// The phones' network.
    pub network: Network,
    /// The modems; they go on when the gateway ends.
    pub modems: Vec<ModemSimulator>,
}

/// What has to stand in the server's settings for the gateway.
#[must_use]
pub fn server_settings() -> String {
    format!("[[components]]\ndomain = \"{SMS_DOMAIN}\"\nsecret = \"{SECRET}\"\n")
}

impl GatewayProcess {
    /// Prepares a gateway with so many modems, joined to a server when its component address is named. It does
    /// not run yet.
    ///
    /// # Errors
    /// No port is free, or the gateway has not been built.
    pub async fn prepare(modems: usize, habits: Habits, server: Option<&str>) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("gateway-").tempdir()?;
        let network = Network::default();
        let mut settings = "country = \"+86\"\n".to_owned();
        if let Some(address) = server {
            settings += &format!(
                "[server]\naddress = \"{address}\"\ndomain = \"{DOMAIN}\"\ncomponent = \"{SMS_DOMAIN}\"\n\
                 secret = \"{SECRET}\"\n"
            );
        }
        let mut simulators = Vec::new();
        for number in 1..=modems {
            let name = format!("modem{number}");
            let modem = ModemSimulator::tcp(&name, &network, Sim::default(), habits).await?;
            settings += &format!("[[modems]]\nname = \"{name}\"\nport = \"{}\"\n", modem.port());
            simulators.push(modem);
        }
        std::fs::write(folder.path().join("gateway.toml"), settings).context("gateway.toml")?;
        Ok(Self { daemon: None, folder, network, modems: simulators })
    }

    /// Adds lines to the settings; they count from the next start.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_settings(&self, lines: &str) -> anyhow::Result<()> {
        let file = self.data().join("gateway.toml");
        let text = std::fs::read_to_string(&file).context("gateway.toml")?;
        std::fs::write(&file, text + lines).context("gateway.toml")
    }

    /// Waits until the gateway has connected to the server once.
    ///
    /// # Errors
    /// It does not.
    pub async fn is_connected(&self) -> anyhow::Result<()> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !self.log().contains("connected to the server") {
            anyhow::ensure!(tokio::time::Instant::now() < deadline, "no line to the server:\n{}", self.log());
            // It is another process: nothing tells but its log.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Starts the gateway on the data that is there.
    ///
    /// # Errors
    /// It has not been built.
    pub fn run(&mut self) -> anyhow::Result<()> {
        let log = std::fs::File::options().create(true).append(true).open(self.log_file())?;
        let mut command = Command::new(program::built("posthouse-gateway")?);
        command.arg("run").arg("--data").arg(self.data()).stdout(log.try_clone()?).stderr(log);
        self.daemon = Some(Daemon::start(&mut command)?);
        Ok(())
    }

    /// Runs one command on this gateway's data; whether it succeeded, and all it said.
    ///
    /// # Errors
    /// It has not been built.
    pub async fn administer(&self, words: &[&str]) -> anyhow::Result<(bool, String)> {
        let mut command = Command::new(program::built("posthouse-gateway")?);
        let output = command.args(words).arg("--data").arg(self.data()).output().await?;
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
        Ok((output.status.success(), said.concat()))
    }

    /// Ends the gateway with `kill -9`.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        match self.daemon.take() {
            Some(daemon) => daemon.kill().await,
            None => Ok(()),
        }
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// What the gateway wrote to its log, since it was prepared.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.data().join("gateway.log")
    }
}
