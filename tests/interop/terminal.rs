//! A program in a terminal of its own: what is typed, and what stands on the screen.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::process::Command;

/// How long anything may take to appear.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the screen is looked at.
const GLANCE: Duration = Duration::from_millis(50);

/// A terminal; the program ends when this is dropped.
pub(crate) struct Terminal {
    folder: tempfile::TempDir,
}

impl Terminal {
    /// Starts a program with a home of its own and these variables.
    ///
    /// # Errors
    /// There is no tmux, or it does not start.
    pub(crate) async fn open(program: &str, variables: &[(&str, &Path)]) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("terminal-").tempdir()?;
        let terminal = Self { folder };
        let home = terminal.folder.path().join("home");
        std::fs::create_dir(&home)?;
        let mut command = terminal.tmux();
        command.args(["new-session", "-d", "-x", "140", "-y", "45", program]);
        command.env("HOME", &home).env("TERM", "xterm-256color").env("LC_ALL", "C.UTF-8");
        for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "TMUX"] {
            command.env_remove(name);
        }
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        run(&mut command).await?;
        Ok(terminal)
    }

    fn tmux(&self) -> Command {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(self.folder.path().join("tmux")).args(["-f", "/dev/null"]);
        command
    }

    /// Types a line and sends it off.
    ///
    /// # Errors
    /// The program has ended.
    pub(crate) async fn enter(&self, line: &str) -> anyhow::Result<()> {
        run(self.tmux().args(["send-keys", "-l", line])).await?;
        run(self.tmux().args(["send-keys", "Enter"])).await?;
        Ok(())
    }

    /// What stands on the screen.
    ///
    /// # Errors
    /// The program has ended.
    pub(crate) async fn screen(&self) -> anyhow::Result<String> {
        run(self.tmux().args(["capture-pane", "-p"])).await
    }

    /// Waits until the screen is as it should be, and answers with it.
    ///
    /// # Errors
    /// That does not happen in time; the error has the screen.
    pub(crate) async fn shows(&self, what: &str, fits: impl Fn(&str) -> bool) -> anyhow::Result<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen().await?;
            if fits(&screen) {
                return Ok(screen);
            }
            anyhow::ensure!(Instant::now() < deadline, "the terminal does not show {what}:\n{screen}");
            tokio::time::sleep(GLANCE).await;
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let socket = self.folder.path().join("tmux");
        // It may have ended by itself.
        let _ = std::process::Command::new("tmux")
            .arg("-S")
            .arg(socket)
            .arg("kill-server")
            .stderr(Stdio::null())
            .status();
    }
}

async fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.stdin(Stdio::null()).output().await.context("tmux")?;
    let wrong = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{wrong}");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
