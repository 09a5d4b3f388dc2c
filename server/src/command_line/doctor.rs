//! `doctor`: walks through a data folder and says of each thing whether it is in order, and if not, what to do.

use clap::Args;

use super::folder::SETTINGS;
use super::settings::check_settings;
use super::{CommandError, DataFolder, now, say};
use crate::config::Config;
use crate::findings::{Finding, Report};

mod certificate;
mod database;
mod files;
mod ports;
mod system;

/// Arguments of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = "Each line begins with ok, WARNING or FAILED. Exit code 1 when something has FAILED.")]
pub(crate) struct Doctor {
    #[command(flatten)]
    folder: DataFolder,
    /// Another settings file than DIR/server.toml
    #[arg(long, value_name = "FILE")]
    config: Option<std::path::PathBuf>,
}

impl Doctor {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let mut report = Report::default();
        let now = now()?;
        let path = self.config.clone().unwrap_or_else(|| self.folder.file(SETTINGS));
        let config = Config::read(&path, &self.folder.data).map_err(CommandError::from);
        report.add("settings", settings(&path, config.as_ref()));
        for finding in files::check(&self.folder, config.as_ref().ok()) {
            report.add("files", finding);
        }
        if let Ok(config) = &config {
            for finding in certificate::check(config, &self.folder, now) {
                report.add("certificate", finding);
            }
        }
        let about_the_database = database::check(&self.folder, config.as_ref().ok(), now);
        let is_clock_wrong = about_the_database.iter().any(|(what, _)| *what == "clock");
        for (what, finding) in about_the_database {
            report.add(what, finding);
        }
        report.add("disk", system::disk(&self.folder));
        if !is_clock_wrong {
            report.add("clock", system::clock());
        }
        if let Ok(config) = &config {
            for finding in ports::check(config, &self.folder) {
                report.add("ports", finding);
            }
        }
        say(&report.text())?;
        match report.failures() {
            0 => Ok(()),
            1 => Err(CommandError::Refused("1 thing has failed".to_owned())),
            count => Err(CommandError::Refused(format!("{count} things have failed"))),
        }
    }
}

fn settings(path: &std::path::Path, config: Result<&Config, &CommandError>) -> Finding {
    let problem = match config {
        Ok(config) => match check_settings(path, config) {
            Ok(warnings) if warnings.is_empty() => {
                return Finding::ok(format!("{} for {}", path.display(), config.domain));
            }
            Ok(warnings) => return Finding::warning(warnings.join("; "), "change it when it is not meant"),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    };
    Finding::failed(problem.replace('\n', "; "), "mend the line and run `posthouse-server check-config`")
}
