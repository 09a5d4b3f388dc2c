//! `backup`: everything a server needs, as of one moment, in one file; the server may run meanwhile.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::backup_file::{self, BackupFile, OUTSIDE_CERTIFICATE, OUTSIDE_KEY, Source};
use super::folder::{
    CA_CERTIFICATE, CA_KEY, CERTIFICATE, DATABASE, KEY, SETTINGS, SIGN_ON_KEYS, write_private,
};
use super::{CommandError, DataFolder, now, say};
use crate::config::Config;
use crate::storage::maintenance::Inspection;

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// New file, such as posthouse.zip, or a folder in which one is made that is named after domain and time
    target: PathBuf,
    #[command(flatten)]
    folder: DataFolder,
    /// Another settings file than DIR/server.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Backup {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let settings = self.config.clone().unwrap_or_else(|| self.folder.file(SETTINGS));
        let config = Config::read(&settings, &self.folder.data)?;
        let time = now()?;
        let target = self.file(&config.domain, time);
        if target.exists() {
            return Err(CommandError::Refused(format!(
                "{} is there already; choose another name or remove it",
                target.display()
            )));
        }
        let drafts = Drafts::beside(&target);
        copy_database(&self.folder.file(DATABASE), &drafts.database)?;
        let sources = self.sources(settings, &config, &drafts.database);
        let made = time.format(&time::format_description::well_known::Rfc3339).unwrap_or_default();
        backup_file::write(&drafts.file, &config.domain, made, &sources)?;
        BackupFile::open(&drafts.file)?.verify()?;
        fs::rename(&drafts.file, &target)
            .map_err(CommandError::file(format!("{} cannot be made", target.display())))?;
        let contents = Inspection::open(&drafts.database)?.contents()?;
        let bytes = fs::metadata(&target).map(|data| data.len()).unwrap_or_default();
        say(&format!(
            "{}: {} people, {} accounts, {} messages, {bytes} bytes, verified.\n\
             It holds keys and all messages: keep it where only you can read it.",
            target.display(),
            contents.people,
            contents.accounts,
            contents.messages,
        ))
    }

    fn file(&self, domain: &str, time: time::OffsetDateTime) -> PathBuf {
        if !self.target.is_dir() {
            return self.target.clone();
        }
        let format = time::macros::format_description!("[year]-[month]-[day]-[hour][minute][second]");
        let time = time.format(format).unwrap_or_default();
        self.target.join(format!("posthouse-{domain}-{time}.zip"))
    }

    fn sources(&self, settings: PathBuf, config: &Config, database: &Path) -> Vec<Source> {
        let file = |name| Source { name, path: self.folder.file(name) };
        let mut sources = vec![Source { name: DATABASE, path: database.to_owned() }];
        for name in [CERTIFICATE, KEY, CA_CERTIFICATE, CA_KEY, SIGN_ON_KEYS] {
            // The CA's key may be kept elsewhere, and a bought certificate has no CA here.
            sources.extend(Some(file(name)).filter(|source| source.path.is_file()));
        }
        for (name, path) in [(OUTSIDE_CERTIFICATE, &config.tls.certificate), (OUTSIDE_KEY, &config.tls.key)] {
            if !sources.iter().any(|source| source.path == *path) {
                sources.push(Source { name, path: path.clone() });
            }
        }
        sources.push(Source { name: SETTINGS, path: settings });
        sources
    }
}

fn copy_database(database: &Path, copy: &Path) -> Result<(), CommandError> {
    let inspection = Inspection::open(database)?;
    // SQLite takes an empty file as the target, and its permissions stay.
    write_private(copy, b"")?;
    inspection.copy_to(copy)?;
    let problems = Inspection::open(copy)?.problems()?;
    if problems.is_empty() {
        return Ok(());
    }
    Err(CommandError::Refused(format!(
        "the database is damaged and was not backed up ({}); keep your older backups and run \
         `posthouse-server doctor`",
        problems.join("; ")
    )))
}

/// Files on the way; gone in the end whatever happens.
struct Drafts {
    file: PathBuf,
    database: PathBuf,
}

impl Drafts {
    fn beside(target: &Path) -> Self {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let process = std::process::id();
        Self {
            file: target.with_file_name(format!(".{name}.{process}.part")),
            database: target.with_file_name(format!(".{name}.{process}.db")),
        }
    }
}

impl Drop for Drafts {
    fn drop(&mut self) {
        // Renamed or never made: nothing to remove.
        let _ = fs::remove_file(&self.file);
        let _ = fs::remove_file(&self.database);
    }
}
