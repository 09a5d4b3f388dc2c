//! One thread that writes: takes what has gathered, commits it together, then says how far it is. It lets
//! changes gather for a moment unless somebody waits for one of them.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot, watch};

use super::commits::{Commits, Demand};
use super::database::StorageError;
use super::figures::WriterFigures;
use crate::metrics::Family;

/// A change of the database, run inside the group's transaction.
pub type Change = Box<dyn FnOnce(&Connection) -> Result<(), StorageError> + Send>;

/// Knows, when the time to write has come, what is to be written.
pub trait Undecided: Send + Sync {
    /// The change that `key` stands for; `None` when it has become needless.
    fn decide(self: Arc<Self>, key: i64) -> Option<Change>;
}

/// What waits in the queue.
enum Entry {
    /// Must not fail.
    Plain(Change),
    /// May fail alone, its own writes undone, while its group goes on.
    Guarded(Change),
    /// Is decided when its turn comes.
    Undecided(Arc<dyn Undecided>, i64),
}

/// What has to be done.
struct Decided {
    change: Change,
    is_guarded: bool,
}

impl Entry {
    /// `None` when nothing is left to do.
    fn decide(self) -> Option<Decided> {
        let (change, is_guarded) = match self {
            Self::Plain(change) => (change, false),
            Self::Guarded(change) => (change, true),
            Self::Undecided(undecided, key) => (undecided.decide(key)?, false),
        };
        Some(Decided { change, is_guarded })
    }
}

/// Place of a change in the order of commits. Durable once [`Writer::committed`] has reached it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Ticket(pub u64);

/// Most changes that wait, and most that are committed together.
const QUEUE: usize = 8_192;
const GROUP: usize = 2_048;

/// How long changes gather when nobody waits for them. What is not acknowledged yet may be lost with the
/// process all the same; a large group costs a fraction for each change.
const GATHERING: Duration = Duration::from_millis(50);

/// The same while nothing is certain to be written: most messages that no archive keeps reach their receivers
/// in this time, and an idle disk costs no wake-ups.
const DECIDING: Duration = Duration::from_millis(200);

/// Handle to the writing thread. Changes are committed in the order in which they were enqueued.
#[derive(Debug)]
pub struct Writer {
    queue: mpsc::Sender<Entry>,
    next: Mutex<u64>,
    commits: Commits,
    figures: Arc<WriterFigures>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Self {
        let (queue, changes) = mpsc::channel(QUEUE);
        let (announce, committed) = watch::channel(Ticket(0));
        let demand = Arc::new(Demand::default());
        let figures = Arc::new(WriterFigures::default());
        let thread = Thread {
            connection,
            changes,
            announce,
            demand: Arc::clone(&demand),
            figures: Arc::clone(&figures),
        };
        let spawned = thread::Builder::new().name("database-writer".to_owned()).spawn(move || thread.run());
        if let Err(error) = spawned {
            tracing::error!(%error, "the database writer cannot start");
        }
        Self { queue, next: Mutex::new(0), commits: Commits::new(committed, demand), figures }
    }

    /// Puts a change into the queue; waits only when the queue is full. The change must not fail for reasons
    /// of its own: a failure is a defect, is logged and counted.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn enqueue(&self, change: Change) -> Result<Ticket, StorageError> {
        self.put(|_| (Entry::Plain(change), ())).await.map(|(ticket, ())| ticket)
    }

    /// Like [`Writer::enqueue`], but `make` runs while nobody else can enqueue: what it numbers
    /// (archive ids) is committed in the order of its numbers.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn enqueue_in_order<T>(
        &self,
        make: impl FnOnce(Ticket) -> (Change, T),
    ) -> Result<(Ticket, T), StorageError> {
        self.put(|ticket| {
            let (change, value) = make(ticket);
            (Entry::Plain(change), value)
        })
        .await
    }

    /// Like [`Writer::enqueue_in_order`], for what may have become needless until it is written; `make` answers
    /// with the key by which `undecided` is asked then.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn enqueue_undecided(
        &self,
        undecided: Arc<dyn Undecided>,
        make: impl FnOnce(Ticket) -> i64,
    ) -> Result<(Ticket, i64), StorageError> {
        self.put(|ticket| {
            let key = make(ticket);
            (Entry::Undecided(undecided, key), key)
        })
        .await
    }

    async fn put<T>(&self, make: impl FnOnce(Ticket) -> (Entry, T)) -> Result<(Ticket, T), StorageError> {
        let permit = self.queue.reserve().await.map_err(|_| StorageError::WriterStopped)?;
        let (ticket, value) = {
            let mut next = self.next.lock();
            *next = next.saturating_add(1);
            let ticket = Ticket(*next);
            let (entry, value) = make(ticket);
            permit.send(entry);
            (ticket, value)
        };
        if self.queue.capacity() <= QUEUE.saturating_sub(GROUP) {
            // A whole group has gathered.
            self.commits.hurry(ticket);
        }
        Ok((ticket, value))
    }

    /// Enqueues and waits until the change is on the disk.
    pub(super) async fn transact<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        let (answer, result) = oneshot::channel();
        let change: Change = Box::new(move |connection| {
            let outcome = change(connection);
            let mark = if outcome.is_ok() { Ok(()) } else { Err(StorageError::ChangeRefused) };
            // Nobody waits any more when the asking task was cancelled; the change stands all the same.
            let _ = answer.send(outcome);
            mark
        });
        let (ticket, ()) = self.put(|_| (Entry::Guarded(change), ())).await?;
        self.commits.hurry(ticket);
        let value = result.await.map_err(|_| StorageError::WriterStopped)??;
        self.wait_for(ticket).await?;
        Ok(value)
    }

    /// The newest ticket that is on the disk.
    pub fn committed(&self) -> Ticket {
        self.commits.newest()
    }

    /// The newest ticket given.
    pub fn enqueued(&self) -> Ticket {
        Ticket(*self.next.lock())
    }

    /// Follows what is committed.
    pub fn commits(&self) -> Commits {
        self.commits.clone()
    }

    /// Changes that failed since the start; their senders were told.
    pub fn failures(&self) -> u64 {
        self.figures.failures()
    }

    /// Whether changes are still taken: not after the disk has failed.
    pub fn is_alive(&self) -> bool {
        !self.queue.is_closed()
    }

    /// Waits until the writer takes no more changes because the disk has failed.
    pub async fn stopped(&self) {
        self.queue.closed().await;
    }

    /// For Prometheus.
    pub fn families(&self) -> Vec<Family> {
        let waiting = self.queue.max_capacity().saturating_sub(self.queue.capacity());
        self.figures.families(u64::try_from(waiting).unwrap_or(u64::MAX))
    }

    /// Waits until `ticket` is on the disk; the writer hurries.
    ///
    /// # Errors
    /// The writer has stopped before.
    pub async fn wait_for(&self, ticket: Ticket) -> Result<(), StorageError> {
        self.commits().reach(ticket).await
    }
}

/// The writing thread.
struct Thread {
    connection: Connection,
    changes: mpsc::Receiver<Entry>,
    announce: watch::Sender<Ticket>,
    demand: Arc<Demand>,
    figures: Arc<WriterFigures>,
}

impl Thread {
    fn gather_rest(&mut self, group: &mut Vec<Entry>) {
        while group.len() < GROUP
            && let Ok(entry) = self.changes.try_recv()
        {
            group.push(entry);
        }
    }

    fn run(mut self) {
        let mut done = 0_u64;
        let mut group = Vec::with_capacity(GROUP);
        while self.changes.blocking_recv_many(&mut group, GROUP) > 0 {
            // What comes while these linger has its own time to linger, unless somebody waits for it.
            if self.demand.linger(Ticket(done), Instant::now() + patience(&group)) {
                self.gather_rest(&mut group);
            }
            let count = u64::try_from(group.len()).unwrap_or_default();
            let begun = Instant::now();
            match write_group(&self.connection, group.drain(..)) {
                Ok(failed) => {
                    self.figures.committed(begun, count, failed);
                    done = done.saturating_add(count);
                    self.announce.send_replace(Ticket(done));
                }
                Err(error) => {
                    // Nothing of this group may be acknowledged: stop, so that every waiter learns it.
                    tracing::error!(%error, "the database cannot commit; the writer stops");
                    return;
                }
            }
        }
    }
}

fn patience(group: &[Entry]) -> Duration {
    let is_undecided = group.iter().all(|entry| matches!(entry, Entry::Undecided(..)));
    if is_undecided { DECIDING } else { GATHERING }
}

/// Answers how many changes of the group failed by themselves.
fn write_group(connection: &Connection, group: impl Iterator<Item = Entry>) -> Result<u64, StorageError> {
    let mut group = group.filter_map(Entry::decide).peekable();
    if group.peek().is_none() {
        return Ok(0);
    }
    let mut transaction = begin(connection)?;
    let mut failed = 0_u64;
    for decided in group {
        if !run(&mut transaction, decided)? {
            failed = failed.saturating_add(1);
        }
    }
    transaction.commit().map_err(StorageError::at("commit group"))?;
    Ok(failed)
}

/// Waits for as long as another process writes: a large import is no reason to stop.
fn begin(connection: &Connection) -> Result<Transaction<'_>, StorageError> {
    loop {
        match Transaction::new_unchecked(connection, TransactionBehavior::Immediate) {
            Ok(transaction) => return Ok(transaction),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                tracing::warn!("another process writes to the database for long; the writer waits");
            }
            Err(error) => return Err(StorageError::at("begin group")(error)),
        }
    }
}

/// The disk or the file is at fault: whatever was to be written is not there.
fn is_of_the_disk(error: &StorageError) -> bool {
    let StorageError::Sqlite { source, .. } = error else { return false };
    matches!(
        source.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::OutOfMemory
        )
    )
}

/// Answers whether the change succeeded.
fn run(transaction: &mut Transaction<'_>, decided: Decided) -> Result<bool, StorageError> {
    if !decided.is_guarded {
        let outcome = (decided.change)(transaction);
        return match outcome {
            Ok(()) => Ok(true),
            // Its group must not be announced: somebody would take it for written.
            Err(error) if is_of_the_disk(&error) => Err(error),
            Err(error) => {
                tracing::error!(%error, "a change that must not fail has failed");
                Ok(false)
            }
        };
    }
    let savepoint = transaction.savepoint().map_err(StorageError::at("savepoint"))?;
    if (decided.change)(&savepoint).is_ok() {
        savepoint.commit().map_err(StorageError::at("release savepoint"))?;
        return Ok(true);
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::storage::{Database, StorageError};

    fn database() -> (tempfile::TempDir, Database) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
        (folder, database)
    }

    async fn run(database: &Database, words: &'static str) -> Result<(), StorageError> {
        let change = move |connection: &rusqlite::Connection| {
            connection.execute_batch(words).map_err(StorageError::at("test"))
        };
        database.write(change).await
    }

    #[tokio::test]
    async fn the_writer_waits_for_another_process_however_long_it_writes() {
        let (folder, database) = database();
        run(&database, "PRAGMA busy_timeout = 10").await.unwrap();
        let other = rusqlite::Connection::open(folder.path().join("posthouse.db")).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let waiting = run(&database, "CREATE TABLE extra (x)");
        let busy = tokio::time::timeout(Duration::from_millis(200), waiting).await;
        assert!(busy.is_err(), "the other one still writes");
        other.execute_batch("COMMIT").unwrap();
        run(&database, "INSERT INTO extra VALUES (1)").await.unwrap();
        assert!(database.writer().is_alive());
    }

    #[tokio::test]
    async fn a_full_disk_stops_the_writer_and_nothing_of_the_group_counts_as_written() {
        let (_folder, database) = database();
        run(&database, "CREATE TABLE extra (x); PRAGMA max_page_count = 60;").await.unwrap();
        let ticket = database
            .write_later(|connection| {
                connection
                    .execute_batch("INSERT INTO extra VALUES (zeroblob(10000000))")
                    .map_err(StorageError::at("test"))
            })
            .await
            .unwrap();
        assert!(database.writer().wait_for(ticket).await.is_err());
        assert!(database.writer().committed() < ticket);
        database.writer().stopped().await;
        assert!(run(&database, "SELECT 1").await.is_err());
    }
}
