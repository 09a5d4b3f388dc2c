//! `restore`: makes a data folder out of a backup, all of it or nothing.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::backup_file::{BackupFile, OUTSIDE_CERTIFICATE, OUTSIDE_KEY};
use super::folder::{DATABASE, SETTINGS, entry, make_private_folder};
use super::{CommandError, DataFolder, remark, say};
use crate::config::Config;
use crate::storage::maintenance::{Inspection, prepare_restored};

/// Folder in the data folder for files that are not verified yet.
const STAGING: &str = ".restoring";

/// Arguments of `restore`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// Backup that `posthouse-server backup` has written
    file: PathBuf,
    #[command(flatten)]
    folder: DataFolder,
}

impl Restore {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        self.refuse_if_in_use()?;
        let mut backup = BackupFile::open(&self.file)?;
        backup.verify()?;
        let is_new = !self.folder.data.exists();
        make_private_folder(&self.folder.data)?;
        let staging = self.folder.file(STAGING);
        let restored = self.restore(&mut backup, &staging);
        // On success it is empty by now.
        let _ = fs::remove_dir_all(&staging);
        if restored.is_err() && is_new {
            // Only goes when nothing of others has come into it.
            let _ = fs::remove_dir(&self.folder.data);
        }
        restored?;
        self.report(&backup)
    }

    fn refuse_if_in_use(&self) -> Result<(), CommandError> {
        let data = self.folder.data.display();
        if self.folder.has_running_server() {
            return Err(CommandError::Refused(format!(
                "a server runs on {data} (process {}); stop it, and restore into another folder",
                self.folder.running_process().unwrap_or_default()
            )));
        }
        let Ok(entries) = fs::read_dir(&self.folder.data) else { return Ok(()) };
        // A file system of its own has that folder from the start.
        let mut others = entries.filter_map(Result::ok).filter(|entry| entry.file_name() != "lost+found");
        match others.next() {
            None => Ok(()),
            Some(_) => Err(CommandError::Refused(format!(
                "{data} is not empty; restore into a new folder, or move the old one away first"
            ))),
        }
    }

    fn restore(&self, backup: &mut BackupFile, staging: &Path) -> Result<(), CommandError> {
        make_private_folder(staging)?;
        let names = backup.extract(staging)?;
        Config::read(&staging.join(SETTINGS), staging)?;
        self.prepare_database(&staging.join(DATABASE))?;
        let mut moved = Vec::new();
        for name in names {
            let target = self.folder.file(name);
            if let Err(error) = fs::rename(staging.join(name), &target) {
                moved.iter().for_each(|path: &PathBuf| {
                    let _ = fs::remove_file(path);
                });
                return Err(CommandError::file(format!("{} cannot be made", target.display()))(error));
            }
            moved.push(target);
        }
        Ok(())
    }

    fn prepare_database(&self, database: &Path) -> Result<(), CommandError> {
        let inspection = Inspection::open(database)?;
        let (found, known) = inspection.version()?;
        if found > known {
            return Err(CommandError::Refused(format!(
                "{} was made by a newer program (tables of version {found}, this one knows {known}); restore \
                 it with that one",
                self.file.display()
            )));
        }
        let problems = inspection.problems()?;
        if !problems.is_empty() {
            let problems = problems.join("; ");
            return Err(CommandError::Refused(format!("the database in the backup is damaged: {problems}")));
        }
        drop(inspection);
        let source = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let entry = entry("restore", &source, "");
        Ok(prepare_restored(database, &entry)?)
    }

    fn report(&self, backup: &BackupFile) -> Result<(), CommandError> {
        let config = self.folder.settings()?;
        for (name, path) in [(OUTSIDE_CERTIFICATE, &config.tls.certificate), (OUTSIDE_KEY, &config.tls.key)] {
            if !path.is_file() && self.folder.file(name).is_file() {
                remark(&format!(
                    "{} is not on this computer; its copy is {name} in the data folder: put it there, or name \
                     it under [tls] in {SETTINGS}",
                    path.display()
                ));
            }
        }
        let contents = Inspection::open(&self.folder.file(DATABASE))?.contents()?;
        let (data, list) = (self.folder.data.display(), backup.list());
        say(&format!(
            "{data} is as {} was at {}: {} people, {} accounts, {} messages.\n\
             Next: posthouse-server doctor --data {data}",
            list.domain, list.made, contents.people, contents.accounts, contents.messages,
        ))
    }
}
