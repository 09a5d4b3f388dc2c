//! Opens the database and hands out reading connections.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags};

use super::migrations;
use super::writer::{Ticket, Writer};

/// Prepared statements kept by each connection.
const STATEMENTS: usize = 128;

/// Why the database did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// SQLite's own words; `context` names the statement.
    #[error("{context}: {source}")]
    Sqlite {
        /// Which statement failed.
        context: &'static str,
        /// Why.
        source: rusqlite::Error,
    },
    /// The writer has stopped: the server is shutting down or the disk failed.
    #[error("the database writer has stopped")]
    WriterStopped,
    /// A guarded change failed and was undone; its caller has the cause.
    #[error("the change was refused")]
    ChangeRefused,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
    /// The database was written by a newer program.
    #[error("the database has version {found}, this program knows {known}")]
    TooNew {
        /// Version found.
        found: i64,
        /// Newest version known.
        known: i64,
    },
}

impl StorageError {
    /// For `map_err`: names the statement.
    pub fn at(context: &'static str) -> impl Fn(rusqlite::Error) -> Self {
        move |source| Self::Sqlite { context, source }
    }
}

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Database {
    /// One file, one process.
    Sqlite(Arc<SqliteDatabase>),
}

/// A SQLite file with one group-committing writer and a few readers.
#[derive(Debug)]
pub struct SqliteDatabase {
    path: PathBuf,
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
}

impl Database {
    /// Opens (and creates or migrates) the file.
    ///
    /// # Errors
    /// The file cannot be opened, or was written by a newer program.
    pub fn open(path: &Path) -> Result<Self, StorageError> {
        let mut connection = Connection::open(path).map_err(StorageError::at("open"))?;
        configure(&connection)?;
        migrations::migrate(&mut connection)?;
        let writer = Writer::start(connection);
        Ok(Self::Sqlite(Arc::new(SqliteDatabase {
            path: path.to_owned(),
            writer,
            readers: Mutex::new(Vec::new()),
        })))
    }

    /// The group-committing writer.
    pub fn writer(&self) -> &Writer {
        match self {
            Self::Sqlite(database) => &database.writer,
        }
    }

    /// Runs `question` on a reading connection of its own thread. For `storage/` only.
    ///
    /// # Errors
    /// What `question` answers, or that no connection can be opened.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        let database = self.clone();
        tokio::task::spawn_blocking(move || database.read_now(question))
            .await
            .unwrap_or(Err(StorageError::WriterStopped))
    }

    /// Like [`Database::read`], on the calling thread: for the command line and start-up.
    ///
    /// # Errors
    /// What `question` answers, or that no connection can be opened.
    pub(crate) fn read_now<T>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let Self::Sqlite(database) = self;
        let pooled = database.readers.lock().pop();
        let connection = match pooled {
            Some(connection) => connection,
            None => open_reader(&database.path)?,
        };
        let answer = question(&connection);
        let mut readers = database.readers.lock();
        if readers.len() < 8 {
            readers.push(connection);
        }
        answer
    }

    /// A reading connection that its owner keeps.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(crate) fn connection(&self) -> Result<Connection, StorageError> {
        let Self::Sqlite(database) = self;
        open_reader(&database.path)
    }

    /// Runs `change` in the writer's current group; the answer comes after the group is on the disk.
    ///
    /// # Errors
    /// What `change` answers (its writes are rolled back, the group's others are not), or a stopped writer.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        self.writer().transact(change).await
    }

    /// Hands `change` to the writer and goes on; [`Writer::committed`] tells when it is on the disk.
    ///
    /// # Errors
    /// The writer has stopped.
    pub(crate) async fn write_later(
        &self,
        change: impl FnOnce(&Connection) -> Result<(), StorageError> + Send + 'static,
    ) -> Result<Ticket, StorageError> {
        self.writer().enqueue(Box::new(change)).await
    }
}

fn configure(connection: &Connection) -> Result<(), StorageError> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA busy_timeout = 10000; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864;
             PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4096;",
        )
        .map_err(StorageError::at("configure"))
}

pub(super) fn open_reader(path: &Path) -> Result<Connection, StorageError> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(StorageError::at("open reader"))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection
        .execute_batch("PRAGMA busy_timeout = 10000; PRAGMA temp_store = MEMORY;")
        .map_err(StorageError::at("configure reader"))?;
    Ok(connection)
}
