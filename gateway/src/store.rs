//! The gateway's database: the only SQL. One thread works through what is asked; what has gathered is committed
//! together, and nobody gets an answer before it is on the disk.

mod commitments;
mod conversations;
mod incoming;
mod migrations;
mod modems;
mod pins;
mod questions;
mod retention;
mod texts;
mod usage;

use std::path::Path;
use std::thread;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

pub use conversations::Correspondence;
pub use incoming::{Kept, Report, Waiting};
pub use questions::KeptQuestion;
pub(crate) use retention::Old;
pub use retention::Size;
pub(crate) use texts::Taken;
pub(crate) use texts::{Deadline, Look, NewReport, Page, Place, Wait};
pub use texts::{DueText, NewText, PartRow, TextRow};
pub(crate) use usage::Judge;
pub use usage::Usage;

/// Why the database did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite's own words; `context` names the statement.
    #[error("{context}: {source}")]
    Sqlite {
        /// Which statement failed.
        context: &'static str,
        /// Why.
        source: rusqlite::Error,
    },
    /// The thread has stopped: the program ends or the disk failed.
    #[error("the database has stopped")]
    Stopped,
    /// The database was written by a newer program.
    #[error("the database has version {found}, this program knows {known}")]
    TooNew {
        /// Version found.
        found: i64,
        /// Newest version known.
        known: i64,
    },
}

impl StoreError {
    /// For `map_err`: names the statement.
    fn at(context: &'static str) -> impl Fn(rusqlite::Error) -> Self {
        move |source| Self::Sqlite { context, source }
    }
}

/// Something to do with the database. It is given the outcome of its group's commit afterwards.
type Task = Box<dyn FnOnce(&Connection) -> Box<dyn FnOnce(bool) + Send> + Send>;

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    queue: mpsc::Sender<Task>,
}

/// Most tasks that wait, and most that are committed together.
const QUEUE: usize = 4_096;
const GROUP: usize = 512;
/// Prepared statements kept.
const STATEMENTS: usize = 64;

impl Store {
    /// Opens (and creates or migrates) the file.
    ///
    /// # Errors
    /// The file cannot be opened, or was written by a newer program.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut connection = Connection::open(path).map_err(StoreError::at("open"))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                 PRAGMA busy_timeout = 10000;",
            )
            .map_err(StoreError::at("configure"))?;
        migrations::migrate(&mut connection)?;
        let (queue, tasks) = mpsc::channel(QUEUE);
        thread::Builder::new()
            .name("database".to_owned())
            .spawn(move || commitments::work(&connection, tasks, GROUP))
            .map_err(|_| StoreError::Stopped)?;
        Ok(Self { queue })
    }

    /// Does something with the database and waits until it is on the disk.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, result) = oneshot::channel();
        let task: Task = Box::new(move |connection| {
            let outcome = commitments::guarded(connection, work);
            Box::new(move |is_committed| {
                let outcome = if is_committed { outcome } else { Err(StoreError::Stopped) };
                // Nobody waits any more when the asking task was cancelled; the change stands all the same.
                let _ = answer.send(outcome);
            })
        });
        self.queue.send(task).await.map_err(|_| StoreError::Stopped)?;
        result.await.map_err(|_| StoreError::Stopped)?
    }

    /// Looks something up without waiting for the disk. What it finds may not be there yet, but whatever is changed
    /// afterwards comes after it. What it tidies on the way, as texts whose time has come, may be lost in a crash:
    /// the next look does it again.
    async fn look_up<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, result) = oneshot::channel();
        let task: Task = Box::new(move |connection| {
            // Nobody waits any more when the asking task was cancelled.
            let _ = answer.send(work(connection));
            Box::new(|_| ())
        });
        self.queue.send(task).await.map_err(|_| StoreError::Stopped)?;
        result.await.map_err(|_| StoreError::Stopped)?
    }
}
