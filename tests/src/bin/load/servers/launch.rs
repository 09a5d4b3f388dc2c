//! Starts a foreign program with its own folder and enough open files, and waits until it is ready.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use posthouse_tests::daemon::Daemon;
use tokio::process::Command;

use super::{Keeper, Kind, OPEN_FILES, Server};
use crate::process::Process;

/// How long a program may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program and its folder.
#[derive(Debug)]
pub(super) struct Launched {
    // The program ends before its folder is removed.
    daemon: Daemon,
    folder: tempfile::TempDir,
}

impl Launched {
    /// A program that runs already.
    pub(super) fn of(daemon: Daemon, folder: tempfile::TempDir) -> Self {
        Self { daemon, folder }
    }

    /// Runs a program whose output goes to a file in its folder.
    pub(super) fn start(
        folder: tempfile::TempDir,
        program: &str,
        arguments: &[&str],
        environment: &[(&str, PathBuf)],
    ) -> anyhow::Result<Self> {
        let log = std::fs::File::create(folder.path().join("output.log"))?;
        let mut command = Command::new("sh");
        // As many files as the system lets us have.
        let raise =
            format!("ulimit -n {OPEN_FILES} 2>/dev/null || ulimit -n $(ulimit -Hn); exec \"$0\" \"$@\"");
        command.args(["-c", &raise, program]).args(arguments).current_dir(folder.path());
        command.stdout(log.try_clone()?).stderr(log);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        Ok(Self { daemon: Daemon::start(&mut command)?, folder })
    }

    /// Waits until the program listens, and until the file it makes is there.
    pub(super) async fn ready(
        mut self,
        kind: Kind,
        address: SocketAddr,
        file: Option<&Path>,
    ) -> anyhow::Result<Server> {
        let deadline = Instant::now() + PATIENCE;
        let is_ready = || {
            file.is_none_or(Path::is_file)
                && std::net::TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
        };
        while !is_ready() {
            let early = self.daemon.ended(Duration::from_millis(100)).await;
            anyhow::ensure!(early.is_err(), "{kind} ended:\n{}", self.output());
            anyhow::ensure!(Instant::now() < deadline, "{kind} does not listen:\n{}", self.output());
        }
        let process = Process(self.daemon.id().with_context(|| format!("{kind} has ended"))?);
        Ok(Server { kind, address, process, keeper: Keeper::Other(Box::new(self)) })
    }

    fn output(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("output.log")).unwrap_or_default()
    }
}

/// A folder for a program's configuration and data.
pub(super) fn folder(kind: Kind) -> anyhow::Result<tempfile::TempDir> {
    let prefix = format!("load-{}-", kind.to_string().to_lowercase());
    tempfile::Builder::new().prefix(&prefix).tempdir().context("no folder")
}

/// A port of this computer that nobody listens at.
pub(super) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
