//! The file of the signing keys: readable by its owner alone, replaced as a whole.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use posthouse_sign_on::keys::{KeyProblem, KeyRecord, KeyRing};
use posthouse_sign_on::moment::Moment;

/// Name of the file in the data folder.
pub const FILE: &str = "sign-on-keys.json";

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{} holds no signing keys: {source}. Bring it back from a backup, or move it away: new keys are made then", path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The crypto library does not take or make a key.
    #[error(transparent)]
    Key(#[from] KeyProblem),
}

/// Keys that sign tokens, and the file they are kept in.
#[derive(Debug)]
pub struct KeyFile {
    path: PathBuf,
    ring: RwLock<Arc<KeyRing>>,
    turning: Mutex<()>,
}

impl KeyFile {
    /// Reads the keys of a data folder; makes them when there are none.
    ///
    /// # Errors
    /// The file cannot be used, or keys cannot be made.
    pub fn open(data: &Path, now: Moment) -> Result<Self, KeyFileError> {
        let path = data.join(FILE);
        let ring = RwLock::new(Arc::new(Self::read(data)?));
        let keys = Self { path, ring, turning: Mutex::new(()) };
        keys.turn(now)?;
        Ok(keys)
    }

    /// The keys of a data folder as they are; none when there is no file.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn read(data: &Path) -> Result<KeyRing, KeyFileError> {
        let path = data.join(FILE);
        let records: Vec<KeyRecord> = match fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|source| KeyFileError::Content { path, source })?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(KeyFileError::File { path, source }),
        };
        Ok(KeyRing::open(records)?)
    }

    /// The keys in force.
    pub fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read())
    }

    /// Makes keys that are due and forgets those that are over.
    ///
    /// # Errors
    /// They cannot be made or written; then the old ones stay in force.
    pub fn turn(&self, now: Moment) -> Result<(), KeyFileError> {
        let _one_at_a_time = self.turning.lock();
        let ring = self.ring();
        let rotation = ring.rotation(now);
        if rotation.make.is_empty() && rotation.forget.is_empty() {
            return Ok(());
        }
        let kept = ring.records().filter(|record| !rotation.forget.contains(&record.id));
        let mut records: Vec<KeyRecord> = kept.cloned().collect();
        for (algorithm, from) in rotation.make {
            records.push(KeyRecord::generate(algorithm, from)?);
        }
        self.write(&records)?;
        *self.ring.write() = Arc::new(KeyRing::open(records)?);
        tracing::info!("the signing keys of single sign-on have changed");
        Ok(())
    }

    fn write(&self, records: &[KeyRecord]) -> Result<(), KeyFileError> {
        let content = serde_json::to_vec_pretty(records)
            .map_err(|source| KeyFileError::Content { path: self.path.clone(), source })?;
        let beside = self.path.with_extension("new");
        let written = private(&beside).and_then(|mut file| {
            file.write_all(&content)?;
            file.sync_all()
        });
        written
            .and_then(|()| fs::rename(&beside, &self.path))
            .map_err(|source| KeyFileError::File { path: self.path.clone(), source })
    }
}

/// A new file that only its owner can read.
fn private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use posthouse_sign_on::moment::Moment;

    use super::{FILE, KeyFile, KeyFileError};

    const NOW: Moment = Moment(1_795_766_400);

    #[test]
    fn keys_are_made_once_read_again_and_turned_before_they_are_too_old() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyFile::open(folder.path(), NOW).unwrap();
        let published = keys.ring().jwks();
        assert_eq!(published["keys"].as_array().unwrap().len(), 2);
        let again = KeyFile::open(folder.path(), NOW.plus(60)).unwrap();
        assert_eq!(again.ring().jwks(), published);
        again.turn(NOW.plus(89 * 86_400 + 1)).unwrap();
        assert_eq!(
            again.ring().jwks()["keys"].as_array().unwrap().len(),
            4,
            "the next ones are published early"
        );
        again.turn(NOW.plus(93 * 86_400)).unwrap();
        assert_eq!(again.ring().jwks()["keys"].as_array().unwrap().len(), 2);
        assert_ne!(KeyFile::open(folder.path(), NOW.plus(93 * 86_400)).unwrap().ring().jwks(), published);
    }

    #[cfg(unix)]
    #[test]
    fn threat_19_only_its_owner_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        KeyFile::open(folder.path(), NOW).unwrap();
        let mode = folder.path().join(FILE).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_an_error_and_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "what").unwrap();
        assert!(matches!(KeyFile::open(folder.path(), NOW), Err(KeyFileError::Content { .. })));
        assert_eq!(std::fs::read(folder.path().join(FILE)).unwrap(), b"what");
    }
}
