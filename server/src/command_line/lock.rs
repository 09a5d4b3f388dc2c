//! One server for one data folder: a lock on a file in it, which the system gives back when the process ends.

use std::fs::{File, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::thread;
use std::time::Duration;

use super::{CommandError, DataFolder};

/// The file that is locked; the number of the process stands in it.
pub(crate) const LOCK: &str = "server.lock";

/// How often and how long a server asks for the lock: `doctor` holds it for a moment.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// Held by a server while it runs.
#[derive(Debug)]
pub(crate) struct ServerLock {
    _file: File,
}

impl DataFolder {
    /// For a server that starts.
    pub(crate) fn lock(&self) -> Result<ServerLock, CommandError> {
        let path = self.file(LOCK);
        let at = || CommandError::file(format!("{} cannot be locked", path.display()));
        let mut file =
            File::options().create(true).truncate(false).read(true).write(true).open(&path).map_err(at())?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => {
                    let number = std::process::id().to_string();
                    file.set_len(0)
                        .and_then(|()| file.seek(SeekFrom::Start(0)))
                        .and_then(|_| file.write_all(number.as_bytes()))
                        .map_err(at())?;
                    return Ok(ServerLock { _file: file });
                }
                Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
                Err(TryLockError::Error(error)) => return Err(at()(error)),
            }
        }
        Err(CommandError::Refused(format!(
            "a server runs on {} already (process {}); stop it first",
            self.data.display(),
            self.running_process().unwrap_or_default()
        )))
    }

    /// Whether a server runs on this folder.
    pub(crate) fn has_running_server(&self) -> bool {
        let Ok(file) = File::open(self.file(LOCK)) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// Number of the process that runs on this folder.
    pub(crate) fn running_process(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.file(LOCK)).ok()?;
        (!text.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::DataFolder;

    #[test]
    fn a_folder_has_one_server_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder { data: folder.path().to_owned() };
        assert!(!data.has_running_server());
        let lock = data.lock().unwrap();
        assert!(data.has_running_server());
        let refusal = data.lock().unwrap_err().to_string();
        assert!(refusal.contains(&std::process::id().to_string()), "{refusal}");
        drop(lock);
        assert!(!data.has_running_server());
        data.lock().unwrap();
    }
}
