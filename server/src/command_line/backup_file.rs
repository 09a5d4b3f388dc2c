//! The file that `backup` writes and `restore` reads: a ZIP archive with a list of its files and their hashes.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::CommandError;
use super::folder::{
    CA_CERTIFICATE, CA_KEY, CERTIFICATE, DATABASE, KEY, SETTINGS, SIGN_ON_KEYS, new_private,
};

/// Copies of a certificate and key that the settings name somewhere else than in the data folder.
pub(crate) const OUTSIDE_CERTIFICATE: &str = "tls-certificate.pem";
pub(crate) const OUTSIDE_KEY: &str = "tls-key.pem";

/// All files that a backup may have.
const NAMES: [&str; 9] = [
    DATABASE,
    CERTIFICATE,
    KEY,
    CA_CERTIFICATE,
    CA_KEY,
    OUTSIDE_CERTIFICATE,
    OUTSIDE_KEY,
    SIGN_ON_KEYS,
    // Last: a folder without settings does not look finished.
    SETTINGS,
];

const LIST: &str = "backup.json";
/// Form of the list; a program refuses those it does not know.
const FORM: u32 = 1;

/// What a backup says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct List {
    form: u32,
    /// Version of the program that made it.
    pub(crate) program: String,
    /// The server's domain.
    pub(crate) domain: String,
    /// When it was made (RFC 3339).
    pub(crate) made: String,
    files: Vec<Listed>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Listed {
    name: String,
    bytes: u64,
    sha256: String,
}

/// A file to be put into a backup.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Name in the backup.
    pub(crate) name: &'static str,
    /// Where it is now.
    pub(crate) path: PathBuf,
}

/// Writes a new backup that only its owner may read.
pub(crate) fn write(
    path: &Path,
    domain: &str,
    made: String,
    sources: &[Source],
) -> Result<List, CommandError> {
    let mut list = List {
        form: FORM,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        domain: domain.to_owned(),
        made,
        files: Vec::new(),
    };
    let written = |error: zip::result::ZipError| {
        CommandError::Refused(format!("{} cannot be written: {error}", path.display()))
    };
    let mut archive = ZipWriter::new(new_private(path)?);
    for source in sources {
        archive.start_file(source.name, options()).map_err(written)?;
        let unreadable = CommandError::file(format!("{} cannot be copied", source.path.display()));
        let copied = File::open(&source.path).and_then(|mut file| copy(&mut file, &mut archive));
        let (bytes, sha256) = copied.map_err(unreadable)?;
        list.files.push(Listed { name: source.name.to_owned(), bytes, sha256 });
    }
    let text = serde_json::to_vec_pretty(&list)
        .map_err(|error| CommandError::Refused(format!("the list cannot be written: {error}")))?;
    let at = || CommandError::file(format!("{} cannot be written", path.display()));
    archive.start_file(LIST, options()).map_err(written)?;
    archive.write_all(&text).map_err(at())?;
    archive.finish().map_err(written)?.sync_all().map_err(at())?;
    Ok(list)
}

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .unix_permissions(0o600)
        .large_file(true)
}

/// Copies everything; answers the number of bytes and their SHA-256.
fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<(u64, String)> {
    let mut context = digest::Context::new(&digest::SHA256);
    let mut buffer = vec![0_u8; 256 * 1_024];
    let mut bytes = 0_u64;
    loop {
        let count = from.read(&mut buffer)?;
        let Some(part) = buffer.get(..count).filter(|part| !part.is_empty()) else { break };
        context.update(part);
        to.write_all(part)?;
        bytes = bytes.saturating_add(u64::try_from(count).unwrap_or_default());
    }
    let hash = context.finish();
    Ok((bytes, hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()))
}

/// A backup that is there.
#[derive(Debug)]
pub(crate) struct BackupFile {
    path: PathBuf,
    archive: ZipArchive<File>,
    list: List,
}

impl BackupFile {
    /// Opens a backup and reads its list.
    pub(crate) fn open(path: &Path) -> Result<Self, CommandError> {
        let file =
            File::open(path).map_err(CommandError::file(format!("{} cannot be read", path.display())))?;
        let broken = |why: String| {
            CommandError::Refused(format!("{} is no backup of Posthouse: {why}", path.display()))
        };
        let mut archive = ZipArchive::new(file).map_err(|error| broken(error.to_string()))?;
        let mut text = String::new();
        archive
            .by_name(LIST)
            .map_err(|error| broken(error.to_string()))?
            .take(1_000_000)
            .read_to_string(&mut text)
            .map_err(|error| broken(error.to_string()))?;
        let list: List = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
        if list.form != FORM {
            return Err(broken(format!(
                "its form is {}, this program knows {FORM}; use a newer one",
                list.form
            )));
        }
        for needed in [SETTINGS, DATABASE] {
            if !list.files.iter().any(|file| file.name == needed) {
                return Err(broken(format!("{needed} is missing")));
            }
        }
        Ok(Self { path: path.to_owned(), archive, list })
    }

    /// What it says about itself.
    pub(crate) fn list(&self) -> &List {
        &self.list
    }

    /// Compares every file with its hash.
    pub(crate) fn verify(&mut self) -> Result<(), CommandError> {
        for file in self.list.files.clone() {
            self.copy_out(&file, &mut io::sink())?;
        }
        Ok(())
    }

    /// Writes all files into a folder, comparing them with their hashes; answers their names, settings last.
    pub(crate) fn extract(&mut self, folder: &Path) -> Result<Vec<&'static str>, CommandError> {
        let mut names = Vec::new();
        for name in NAMES {
            let Some(file) = self.list.files.iter().find(|file| file.name == name).cloned() else { continue };
            let path = folder.join(name);
            let mut target = new_private(&path)?;
            self.copy_out(&file, &mut target)?;
            target.sync_all().map_err(CommandError::file(format!("{} cannot be written", path.display())))?;
            names.push(name);
        }
        Ok(names)
    }

    fn copy_out(&mut self, file: &Listed, target: &mut impl Write) -> Result<(), CommandError> {
        let broken = |why: String| {
            CommandError::Refused(format!("{} is damaged: {}: {why}", self.path.display(), file.name))
        };
        let mut entry = self.archive.by_name(&file.name).map_err(|error| broken(error.to_string()))?;
        let (bytes, sha256) = copy(&mut entry, target).map_err(|error| broken(error.to_string()))?;
        if bytes != file.bytes || sha256 != file.sha256 {
            return Err(broken("is not what the list says; take another backup".to_owned()));
        }
        Ok(())
    }
}
