//! Opens a file, brings it to the newest shape, and runs questions and changes on threads that may wait.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::migrations::Migration;
use crate::error::{EngineError, EngineErrorCode};

/// How long another process may hold the file.
const BUSY: Duration = Duration::from_secs(5);

/// Prepared statements kept for each connection.
const STATEMENTS: usize = 128;

/// Why the store does not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The folder or file cannot be made or read.
    #[error("the store's file: {0}")]
    File(#[source] std::io::Error),
    /// SQLite refuses.
    #[error("the store: {0}")]
    Database(#[source] rusqlite::Error),
    /// The file was written by a newer program.
    #[error("the store has shape {found}; this program knows shapes up to {known}")]
    FromTheFuture {
        /// Number of the file's last step.
        found: u32,
        /// Number of this program's last step.
        known: u32,
    },
    /// The program is ending.
    #[error("the program is ending")]
    Ending,
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store fails");
        Self { code: EngineErrorCode::StoreFailed, detail: String::new() }
    }
}

/// One file. Clones are the same file.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    /// Reads do not wait for a change that is being synced.
    reading: Arc<Mutex<Connection>>,
    writing: Arc<Mutex<Connection>>,
}

impl Store {
    /// Opens a file, which only its owner can read, and brings it to the newest shape.
    ///
    /// # Errors
    /// The file cannot be made or read, or a newer program wrote it.
    pub(crate) fn open(file: &Path, migrations: &[Migration]) -> Result<Self, StoreError> {
        make_private(file).map_err(StoreError::File)?;
        let mut writing = connect(file).map_err(StoreError::Database)?;
        migrate(&mut writing, migrations)?;
        let reading = connect(file).map_err(StoreError::Database)?;
        Ok(Self { reading: Arc::new(Mutex::new(reading)), writing: Arc::new(Mutex::new(writing)) })
    }

    /// Asks something.
    ///
    /// # Errors
    /// SQLite refuses.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = Arc::clone(&self.reading);
        blocking(move || question(&connection.lock())).await
    }

    /// Asks something small on the calling thread: for the start, before anything runs.
    ///
    /// # Errors
    /// SQLite refuses.
    pub(crate) fn read_now<T>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        question(&self.reading.lock()).map_err(StoreError::Database)
    }

    /// Changes something in one transaction, which is on the disk when this returns, or not at all.
    ///
    /// # Errors
    /// SQLite refuses.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = Arc::clone(&self.writing);
        blocking(move || {
            let mut connection = connection.lock();
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let answer = change(&transaction)?;
            transaction.commit()?;
            Ok(answer)
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> rusqlite::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer.map_err(StoreError::Database),
        Err(_) => Err(StoreError::Ending),
    }
}

fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// Every step that the file has not seen, each with its number in one transaction.
fn migrate(connection: &mut Connection, migrations: &[Migration]) -> Result<(), StoreError> {
    let found: u32 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(StoreError::Database)?;
    let known = migrations.last().map_or(0, |(number, _)| *number);
    if found > known {
        return Err(StoreError::FromTheFuture { found, known });
    }
    for (number, statements) in migrations.iter().filter(|(number, _)| *number > found) {
        step(connection, *number, statements).map_err(StoreError::Database)?;
    }
    Ok(())
}

fn step(connection: &mut Connection, number: u32, statements: &str) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(statements)?;
    transaction.pragma_update(None, "user_version", number)?;
    transaction.commit()
}

/// SQLite gives its side files the permissions of the file itself.
#[cfg(unix)]
fn make_private(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
    if let Some(folder) = file.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(file)?;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))
}

/// The user's own data folder is readable by its owner only.
#[cfg(not(unix))]
fn make_private(file: &Path) -> std::io::Result<()> {
    match file.parent() {
        Some(folder) => std::fs::create_dir_all(folder),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
