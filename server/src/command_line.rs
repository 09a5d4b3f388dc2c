//! The commands of `posthouse-server`. Exit codes: 0 done, 1 refused or failed, 2 wrong usage.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod application;
mod audit;
mod backup;
mod backup_file;
mod certificates;
mod department;
mod doctor;
mod export;
mod folder;
mod host;
mod import;
mod init;
mod lock;
mod relying_party;
mod renewal;
mod restore;
mod run;
mod settings;
mod user;

use crate::accounts::password::PasswordError;
use crate::clock::Clock;
use crate::config::ConfigError;
use crate::organization::editor::EditError;
use crate::organization::fields::FieldProblem;
use crate::storage::StorageError;

/// Posthouse server: messages for one organisation.
#[derive(Debug, Parser)]
#[command(
    name = "posthouse-server",
    version,
    after_help = "Exit codes: 0 done, 1 refused or failed (the reason \
    is on standard error), 2 wrong usage."
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

/// Where the server keeps everything.
#[derive(Debug, clap::Args)]
pub(crate) struct DataFolder {
    /// Data folder, as made by `init`
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a data folder: settings, certificate, database, administrator
    Init(init::Init),
    /// Start the server
    Run(run::Run),
    /// Add, change, list and remove people
    #[command(subcommand)]
    User(user::User),
    /// Add, change, list and remove departments
    #[command(subcommand)]
    Department(department::DepartmentCommand),
    /// Add, change, list and remove business systems and their keys
    #[command(subcommand)]
    Application(application::Application),
    /// Register, change, list and remove business systems that sign people in on the server's word
    #[command(subcommand)]
    RelyingParty(relying_party::RelyingPartyCommand),
    /// Bring a sheet of departments and people (CSV or XLSX) into the organisation
    Import(import::Import),
    /// Write the organisation as a sheet that `import` reads back
    Export(export::Export),
    /// Write everything into one file; the server may run meanwhile
    Backup(backup::Backup),
    /// Make a data folder out of a backup
    Restore(restore::Restore),
    /// Make a new certificate for the server with the CA of the data folder
    RenewCertificate(renewal::RenewCertificate),
    /// Check the settings without starting the server
    CheckConfig(settings::CheckConfig),
    /// Show who did what: the audit log
    Audit(audit::Audit),
    /// Look for what is wrong with a data folder and say what to do
    Doctor(doctor::Doctor),
}

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The reason and what to do, as one text.
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Field(#[from] FieldProblem),
    #[error("{0}")]
    Edit(#[from] EditError),
    #[error("{0}")]
    Password(#[from] PasswordError),
    #[error("{0}")]
    Settings(#[from] ConfigError),
    #[error("the database does not answer: {0}. `posthouse-server doctor` looks for the cause")]
    Storage(#[from] StorageError),
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
            // There is nowhere to complain when standard error is gone.
            let _ = writeln!(std::io::stderr(), "posthouse-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Result<(), CommandError> {
    match command {
        Command::Init(init) => init.run(),
        Command::Run(run) => run.run(),
        Command::User(user) => user.run(),
        Command::Department(department) => department.run(),
        Command::Application(application) => application.run(),
        Command::RelyingParty(party) => party.run(),
        Command::Import(import) => import.run(),
        Command::Export(export) => export.run(),
        Command::Backup(backup) => backup.run(),
        Command::Restore(restore) => restore.run(),
        Command::RenewCertificate(renewal) => renewal.run(),
        Command::CheckConfig(check) => check.run(),
        Command::Audit(audit) => audit.run(),
        Command::Doctor(doctor) => doctor.run(),
    }
}

/// The time by the computer's clock.
pub(crate) fn now() -> Result<time::OffsetDateTime, CommandError> {
    time::OffsetDateTime::from_unix_timestamp(Clock::System.now().seconds())
        .map_err(|error| CommandError::Refused(format!("the clock is wrong: {error}")))
}

/// Writes lines to standard output.
pub(crate) fn say(text: &str) -> Result<(), CommandError> {
    let mut output = std::io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.write_all(b"\n")).map_err(CommandError::Output)
}

/// Writes a remark to standard error, so that it does not mix with what a script reads.
pub(crate) fn remark(text: &str) {
    // A remark that nobody can read is no reason to fail.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Writes a value as JSON to standard output.
pub(crate) fn say_json(value: &serde_json::Value) -> Result<(), CommandError> {
    let text =
        serde_json::to_string_pretty(value).map_err(|error| CommandError::Refused(error.to_string()))?;
    say(&text)
}
