//! A real server in a process of its own, with data of its own, on free ports of this computer.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use base64::Engine;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::daemon::Daemon;
use crate::port::Port;
use crate::program;

/// How long the server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where a listener asks for a port; it gets one of its own before the server starts.
const ANY_PORT: &str = "127.0.0.1:0";

/// The lists of listening addresses in the configuration.
const DOORS: [&str; 7] = ["starttls", "direct_tls", "any", "component", "http", "https", "metrics"];

/// The domain of every scene.
pub const DOMAIN: &str = "posthouse.test";

/// A server that listens; it ends when this is dropped.
#[derive(Debug)]
pub struct ServerProcess {
    // The server ends before its folder is removed.
    daemon: Option<Daemon>,
    folder: tempfile::TempDir,
    // They are this server's while it is stopped, too: a restarted one is found again.
    ports: Vec<Port>,
}

impl ServerProcess {
    /// Sets up a server with nobody in it and starts it.
    ///
    /// # Errors
    /// The server has not been built or does not start.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with("").await
    }

    /// Like [`ServerProcess::start`], with more at the end of its settings.
    ///
    /// # Errors
    /// The server has not been built or does not start.
    pub async fn start_with(settings: &str) -> anyhow::Result<Self> {
        let mut server = Self::prepare().await?;
        server.add_settings(settings)?;
        server.run().await?;
        Ok(server)
    }

    /// Sets up a server with nobody in it that does not run yet.
    ///
    /// # Errors
    /// The server has not been built.
    pub async fn prepare() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("server-").tempdir()?;
        let server = Self { daemon: None, folder, ports: Vec::new() };
        server.administer(&["init", "--domain", DOMAIN], None).await?;
        let any_port = [ANY_PORT];
        let any_port = json!({
            "starttls": any_port, "direct_tls": any_port, "any": any_port, "component": any_port
        });
        listen(&server.data().join("server.toml"), &any_port)?;
        Ok(server)
    }

    /// Changes settings by their keys, values written as in `server.toml`; counts from the next start.
    ///
    /// # Errors
    /// There is no such key.
    pub fn configure(&self, settings: &[(&str, &str)]) -> anyhow::Result<()> {
        let file = self.data().join("server.toml");
        for (wanted, value) in settings {
            let mut is_found = false;
            rewrite(&file, |key| {
                is_found |= key == *wanted;
                (key == *wanted).then(|| (*value).to_owned())
            })?;
            anyhow::ensure!(is_found, "server.toml has no {wanted}");
        }
        Ok(())
    }

    /// Adds lines at the end of the settings; they count from the next start.
    ///
    /// # Errors
    /// The settings cannot be written.
    pub fn add_settings(&self, lines: &str) -> anyhow::Result<()> {
        let file = self.data().join("server.toml");
        let text = std::fs::read_to_string(&file).context("server.toml")?;
        std::fs::write(&file, format!("{text}\n{lines}")).context("server.toml")
    }

    /// Adds lines to the table `[visibility]`; counts from the next start.
    ///
    /// # Errors
    /// The settings cannot be written.
    pub fn add_visibility(&self, lines: &str) -> anyhow::Result<()> {
        let file = self.data().join("server.toml");
        let text = std::fs::read_to_string(&file).context("server.toml")?;
        let (before, after) = text.split_once("[visibility]\n").context("server.toml has no [visibility]")?;
        std::fs::write(&file, format!("{before}[visibility]\n{lines}\n{after}")).context("server.toml")
    }

    /// Starts the server on the data that is there.
    ///
    /// # Errors
    /// It does not start.
    pub async fn run(&mut self) -> anyhow::Result<()> {
        self.settle_ports()?;
        let addresses = self.data().join("addresses.json");
        // What is left of an earlier run says nothing about this one.
        let _ = std::fs::remove_file(&addresses);
        let log = std::fs::File::create(self.folder.path().join("server.log"))?;
        let mut command = Command::new(program::built("posthouse-server")?);
        command.arg("run").arg("--data").arg(self.data()).stdout(log.try_clone()?).stderr(log);
        let mut daemon = Daemon::start(&mut command)?;
        let deadline = Instant::now() + PATIENCE;
        while !addresses.is_file() {
            let early = daemon.ended(Duration::from_millis(50)).await;
            anyhow::ensure!(early.is_err(), "the server ended:\n{}", self.log());
            anyhow::ensure!(Instant::now() < deadline, "the server does not listen:\n{}", self.log());
        }
        self.daemon = Some(daemon);
        Ok(())
    }

    /// A port that is this server's as long as it has its data.
    ///
    /// # Errors
    /// None is free.
    pub fn take_port(&mut self) -> anyhow::Result<u16> {
        let port = Port::take()?;
        let number = port.number();
        self.ports.push(port);
        Ok(number)
    }

    /// Gives ports to the listeners that ask for any.
    fn settle_ports(&mut self) -> anyhow::Result<()> {
        let file = self.data().join("server.toml");
        let mut text = std::fs::read_to_string(&file).context("server.toml")?;
        while text.contains(ANY_PORT) {
            let address = format!("127.0.0.1:{}", self.take_port()?);
            text = text.replacen(ANY_PORT, &address, 1);
        }
        std::fs::write(&file, text).context("server.toml")
    }

    fn addresses(&self) -> anyhow::Result<Value> {
        let file = std::fs::read(self.data().join("addresses.json")).context("addresses.json")?;
        serde_json::from_slice(&file).context("addresses.json")
    }

    /// Ends the server in good order.
    ///
    /// # Errors
    /// It goes on.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        match self.daemon.take() {
            Some(daemon) => daemon.stop().await,
            None => Ok(()),
        }
    }

    /// Ends the server with `kill -9`: nothing is written, nobody is told.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        match self.daemon.take() {
            Some(daemon) => daemon.kill().await,
            None => Ok(()),
        }
    }

    /// Reads a sheet of departments and people into the running server.
    ///
    /// # Errors
    /// The server refuses the sheet; the error has its words.
    pub async fn import(&self, sheet: &Path) -> anyhow::Result<String> {
        let sheet = sheet.to_str().context("the sheet's name is no text")?;
        self.administer(&["import", sheet], None).await
    }

    /// Adds one person.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn add_person(
        &self,
        id: &str,
        name: &str,
        department: &str,
        password: &str,
    ) -> anyhow::Result<String> {
        let words = ["user", "add", id, "--name", name, "--department", department, "--password-stdin"];
        self.administer(&words, Some(password)).await
    }

    /// Runs one administration command on this server's data.
    ///
    /// # Errors
    /// It fails; the error has its words.
    pub async fn administer(&self, words: &[&str], input: Option<&str>) -> anyhow::Result<String> {
        let mut command = Command::new(program::built("posthouse-server")?);
        command.args(words).arg("--data").arg(self.data()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = command.spawn().context("posthouse-server cannot be started")?;
        if let (Some(mut pipe), Some(input)) = (child.stdin.take(), input) {
            pipe.write_all(format!("{input}\n").as_bytes()).await?;
        }
        let output = child.wait_with_output().await?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        anyhow::ensure!(
            output.status.success(),
            "posthouse-server {} failed:\n{said}{}",
            words.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(said)
    }

    /// Where the app connects to: host and port of the listener that takes every kind of client.
    ///
    /// # Errors
    /// The server has not said where it listens.
    pub fn address(&self) -> anyhow::Result<String> {
        self.address_of("any")
    }

    /// Host and port of one kind of listener, by its name in `server.toml`.
    ///
    /// # Errors
    /// The server has not said where it listens, or has no such listener.
    pub fn address_of(&self, door: &str) -> anyhow::Result<String> {
        let addresses = self.addresses()?;
        let first = addresses.get(door).and_then(|list| list.get(0)).and_then(Value::as_str);
        Ok(first.with_context(|| format!("the server listens on no `{door}` address"))?.to_owned())
    }

    /// The certificate authority that `init` made, a PEM file.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.data().join("ca.pem")
    }

    /// Hosts and ports of one kind of listener.
    ///
    /// # Errors
    /// The server has not said where it listens.
    pub fn addresses_of(&self, door: &str) -> anyhow::Result<Vec<String>> {
        let addresses = self.addresses()?;
        let list = addresses.get(door).and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Process number of the running server.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        self.daemon.as_ref().and_then(Daemon::id)
    }

    /// SHA-256 fingerprint, lower-case hexadecimal, of the certificate authority that `init` made.
    ///
    /// # Errors
    /// There is none.
    pub fn fingerprint(&self) -> anyhow::Result<String> {
        let file = self.authority();
        let pem = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let inside: String = pem
            .lines()
            .skip_while(|line| !line.starts_with("-----BEGIN CERTIFICATE"))
            .skip(1)
            .take_while(|line| !line.starts_with("-----END"))
            .collect();
        let certificate = base64::engine::general_purpose::STANDARD.decode(inside).context("ca.pem")?;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &certificate);
        Ok(digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Where components connect.
    ///
    /// # Errors
    /// The server has not said it.
    pub fn component_address(&self) -> anyhow::Result<String> {
        let addresses = self.addresses()?;
        let address =
            addresses.pointer("/component/0").and_then(Value::as_str).context("no door for components")?;
        Ok(address.to_owned())
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What the server wrote to its log.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }
}

/// Replaces every listening address of a configuration; doors that are not named are shut.
fn listen(configuration: &Path, addresses: &Value) -> anyhow::Result<()> {
    rewrite(configuration, |key| {
        let is_door = DOORS.contains(&key);
        is_door.then(|| addresses.get(key).cloned().unwrap_or_else(|| json!([])).to_string())
    })
}

/// Gives those keys of a configuration another value for which `value_of` has one.
fn rewrite(configuration: &Path, mut value_of: impl FnMut(&str) -> Option<String>) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(configuration).context("server.toml")?;
    let mut changed = String::with_capacity(text.len());
    for line in text.lines() {
        let key = line.split('=').next().unwrap_or_default().trim();
        match value_of(key) {
            Some(value) => changed.push_str(&format!("{key} = {value}")),
            None => changed.push_str(line),
        }
        changed.push('\n');
    }
    std::fs::write(configuration, changed).context("server.toml")
}
