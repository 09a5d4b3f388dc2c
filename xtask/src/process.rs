//! Running other programs: aloud, quietly, or in the background until dropped.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::{interrupt, project};

/// How often a running program is looked after.
const PULSE: Duration = Duration::from_millis(50);
/// How long a program has to end after a polite request.
const PATIENCE: Duration = Duration::from_secs(8);

/// A command in the root folder of the project.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(project::root());
    command
}

/// `cargo` with arguments.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = command("cargo");
    cargo.args(arguments);
    cargo
}

/// Runs a command to its end; its output goes to the terminal.
///
/// # Errors
/// It cannot be started, fails, or Ctrl-C was pressed.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = shown(command);
    let mut running = Running::start(command)?;
    let status = running.wait()?;
    anyhow::ensure!(status.success(), "failed ({status}): {name}");
    Ok(())
}

/// Runs a command to its end and answers with what it wrote to its standard output.
///
/// # Errors
/// It cannot be started or fails.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let name = shown(command);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot be started: {name}"))?;
    anyhow::ensure!(output.status.success(), "failed ({}): {name}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program of this name is installed.
pub(crate) fn exists(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// A command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    let line = words.join(" ");
    match command.get_current_dir() {
        Some(folder) if folder != project::root() => {
            format!("(cd {} && {line})", relative(folder).display())
        }
        _ => line,
    }
}

fn relative(folder: &Path) -> &Path {
    folder.strip_prefix(project::root()).unwrap_or(folder)
}

/// A program in the background; it ends when this is dropped.
pub(crate) struct Running {
    child: Child,
    name: String,
}

impl Running {
    /// Starts a command.
    ///
    /// # Errors
    /// It cannot be started.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let name = shown(command);
        let child =
            command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot be started: {name}"))?;
        Ok(Self { child, name })
    }

    /// Waits for the end of the program.
    ///
    /// # Errors
    /// Ctrl-C was pressed.
    pub(crate) fn wait(&mut self) -> anyhow::Result<ExitStatus> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            anyhow::ensure!(!interrupt::is_pending(), "stopped by Ctrl-C");
            std::thread::sleep(PULSE);
        }
    }

    /// How the program ended, when it has.
    ///
    /// # Errors
    /// The system does not answer.
    pub(crate) fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        self.child.try_wait().with_context(|| format!("cannot be waited for: {}", self.name))
    }

    /// Asks the program to end, and ends it when it does not.
    fn stop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        if cfg!(unix) {
            let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
            let deadline = Instant::now() + PATIENCE;
            while Instant::now() < deadline {
                if matches!(self.child.try_wait(), Ok(Some(_))) {
                    return;
                }
                std::thread::sleep(PULSE);
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}
