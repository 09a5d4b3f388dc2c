//! The commands of `posthouse-gateway`. Exit codes: 0 done, 1 refused or failed, 2 wrong usage.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod ask;
mod check;
mod costs;
mod doctor;
mod init;
mod modems;
mod run;
mod send;
mod status;

use crate::config::{Config, ConfigError};
use crate::store::StoreError;

/// Posthouse gateway: text messages through modems.
#[derive(Debug, Parser)]
#[command(
    name = "posthouse-gateway",
    version,
    after_help = "Exit codes: 0 done, 1 refused or failed (the reason is on standard error), 2 wrong usage."
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

/// Where the gateway keeps everything.
#[derive(Debug, clap::Args)]
pub(crate) struct DataFolder {
    /// Data folder, as made by `init`
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a data folder with commented settings
    Init(init::Init),
    /// Check the settings without starting the gateway
    Check(check::Check),
    /// Start the gateway
    Run(run::Run),
    /// Show the ports of this computer and the modems that answer there
    Modems(modems::Modems),
    /// Give the running gateway a text and wait for what becomes of it
    Send(send::Send),
    /// Try a query code out: show request, answer and text, and send nothing
    Ask(ask::Ask),
    /// Show how the running gateway is
    Status(status::Status),
    /// Show what people and applications texted, and what it cost
    Costs(costs::Costs),
    /// Look for what is wrong with modems, SIMs and the server, and say what to do
    Doctor(doctor::Doctor),
}

/// The settings' name in the data folder.
pub(crate) const SETTINGS: &str = "gateway.toml";

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The reason and what to do, as one text.
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Settings(#[from] ConfigError),
    #[error("the database does not answer: {0}")]
    Store(#[from] StoreError),
    #[error("{what}: {source}")]
    File { what: String, source: std::io::Error },
    #[error("the output cannot be written: {0}")]
    Output(std::io::Error),
}

impl CommandError {
    /// For `map_err`: says which file could not be used.
    pub(crate) fn file(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::File { what, source }
    }
}

impl DataFolder {
    /// A file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.data.join(name)
    }

    /// The settings in it.
    pub(crate) fn config(&self) -> Result<Config, CommandError> {
        Ok(Config::read(&self.file(SETTINGS))?)
    }
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => error.exit(),
    };
    match dispatch(line.command) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has closed the pipe, as `head` does: nothing is wrong.
        Err(CommandError::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Result<(), CommandError> {
    match command {
        Command::Init(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Run(command) => command.run(),
        Command::Modems(command) => command.run(),
        Command::Send(command) => command.run(),
        Command::Doctor(command) => command.run(),
        Command::Ask(command) => command.run(),
        Command::Costs(command) => command.run(),
        Command::Status(command) => command.run(),
    }
}

/// Writes a line.
pub(crate) fn say(text: &str) -> Result<(), CommandError> {
    writeln!(std::io::stdout(), "{text}").map_err(CommandError::Output)
}

/// Runs asynchronous work to its end.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CommandError::file("a runtime cannot be started"))?
        .block_on(work)
}
