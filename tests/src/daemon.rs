//! A program in the background that ends with the scene which started it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// How long a program may take to say its first word.
const FIRST_WORD: Duration = Duration::from_secs(30);
/// How long a program may take to end after a polite request.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running program.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
}

impl Daemon {
    /// Starts a program whose output nobody reads.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(command: &mut Command) -> anyhow::Result<Self> {
        let name = format!("{:?}", command.as_std().get_program());
        let child = command
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        Ok(Self { child })
    }

    /// Starts a program that reads something first.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start_with_input(command: &mut Command) -> anyhow::Result<(Self, ChildStdin)> {
        let name = format!("{:?}", command.as_std().get_program());
        let mut child = command
            .stdin(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        let input = child.stdin.take().with_context(|| format!("{name} has no input"))?;
        Ok((Self { child }, input))
    }

    /// Starts a program and waits for the first line it writes, which it answers with: an address or a number.
    ///
    /// # Errors
    /// It cannot be started, ends, or says nothing for half a minute.
    pub async fn start_and_listen(command: &mut Command) -> anyhow::Result<(Self, String)> {
        let name = format!("{:?}", command.as_std().get_program());
        let mut daemon = Self::start(command.stdout(Stdio::piped()))?;
        let output = daemon.child.stdout.take().with_context(|| format!("{name} has no output"))?;
        let mut lines = BufReader::new(output).lines();
        let line = tokio::time::timeout(FIRST_WORD, lines.next_line())
            .await
            .with_context(|| format!("{name} says nothing"))??
            .with_context(|| format!("{name} ended at once"))?;
        // Whatever else it writes is read and dropped, so that it never waits for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok((daemon, line))
    }

    /// Process number; `None` once it has ended.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Asks the program to end and waits until it has.
    ///
    /// # Errors
    /// It did not end.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        ask_to_end(self.child.id());
        match tokio::time::timeout(PATIENCE, self.child.wait()).await {
            Ok(ended) => ended.map(|_| ()).context("the program cannot be waited for"),
            Err(_) => self.child.kill().await.context("the program cannot be ended"),
        }
    }

    /// Ends the program with `kill -9`.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("the program cannot be killed")
    }

    /// Waits until the program ends by itself.
    ///
    /// # Errors
    /// It has not ended in time.
    pub async fn ended(&mut self, within: Duration) -> anyhow::Result<()> {
        tokio::time::timeout(within, self.child.wait()).await.context("the program did not end")??;
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // A display or a bus that is killed leaves its lock and socket files behind.
        ask_to_end(self.child.id());
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn ask_to_end(process: Option<u32>) {
    if let Some(process) = process {
        // It may have ended in the meantime.
        let _ = std::process::Command::new("kill").arg(process.to_string()).stderr(Stdio::null()).status();
    }
}
