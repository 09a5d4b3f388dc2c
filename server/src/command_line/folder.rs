//! The data folder: its files, and how commands get at the database.

use std::fs::{self, File, OpenOptions};
use std::future::Future;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{CommandError, DataFolder};
use crate::clock::Clock;
use crate::config::Config;
use crate::organization::editor::Editor;
use crate::storage::Database;
use crate::storage::audit::AuditEntry;

/// Settings.
pub(crate) const SETTINGS: &str = "server.toml";
/// Database.
pub(crate) const DATABASE: &str = "posthouse.db";
/// The server's certificate chain.
pub(crate) const CERTIFICATE: &str = "certificate.pem";
/// The server's key.
pub(crate) const KEY: &str = "key.pem";
/// The private CA's certificate, to be given to clients.
pub(crate) const CA_CERTIFICATE: &str = "ca.pem";
/// The private CA's key.
pub(crate) const CA_KEY: &str = "ca-key.pem";

/// The keys that sign tokens of single sign-on.
pub(crate) use crate::sign_on::KEY_FILE as SIGN_ON_KEYS;

impl DataFolder {
    /// Path of a file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.data.join(name)
    }

    /// The settings.
    pub(crate) fn settings(&self) -> Result<Config, CommandError> {
        Ok(Config::read(&self.file(SETTINGS), &self.data)?)
    }

    /// The database, which must be there already.
    pub(crate) fn database(&self) -> Result<Database, CommandError> {
        let file = self.file(DATABASE);
        if !file.is_file() {
            let hint =
                format!("run `posthouse-server init --data {} --domain NAME` first", self.data.display());
            return Err(CommandError::Refused(format!("{} is not there; {hint}", file.display())));
        }
        Ok(Database::open(&file)?)
    }

    /// An editor in the name of the person at the keyboard.
    pub(crate) fn editor(&self) -> Result<Editor, CommandError> {
        Ok(Editor::new(self.database()?, Arc::new(Clock::System), actor()))
    }
}

/// Who is at the keyboard, for the audit log: the owner of the process as the system names it.
#[cfg(unix)]
pub(crate) fn actor() -> String {
    use std::os::unix::fs::MetadataExt;
    let id = fs::metadata("/proc/self").map(|data| data.uid()).ok();
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = id.and_then(|id| {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (fields.nth(1)? == id.to_string()).then(|| name.to_owned())
        })
    });
    match (name, id) {
        (Some(name), _) => format!("command line ({name})"),
        (None, Some(id)) => format!("command line (uid {id})"),
        (None, None) => "command line".to_owned(),
    }
}

/// Who is at the keyboard, for the audit log.
#[cfg(not(unix))]
pub(crate) fn actor() -> String {
    "command line".to_owned()
}

/// What the person at the keyboard does now, for the audit log.
pub(crate) fn entry(action: &str, subject: &str, detail: &str) -> AuditEntry {
    AuditEntry {
        time: Clock::System.now(),
        actor: actor(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail: detail.to_owned(),
    }
}

/// Runs one command's asynchronous part.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> Result<T, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(CommandError::file("a runtime cannot be started"))?;
    Ok(runtime.block_on(future))
}

/// A new file that only its owner may read.
pub(crate) fn new_private(path: &Path) -> Result<File, CommandError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(CommandError::file(format!("{} cannot be made", path.display())))
}

/// Writes a new file that only its owner may read.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> Result<(), CommandError> {
    let mut file = new_private(path)?;
    file.write_all(content)
        .and_then(|()| file.sync_all())
        .map_err(CommandError::file(format!("{} cannot be written", path.display())))
}

/// Makes a folder that only its owner may enter.
pub(crate) fn make_private_folder(path: &Path) -> Result<(), CommandError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(CommandError::file(format!("{} cannot be made", path.display())))
}
