//! One thread that writes: takes what has gathered, commits it together, then says how far it is.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use parking_lot::Mutex;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot, watch};

use super::database::StorageError;
use super::figures::WriterFigures;
use crate::metrics::Family;

/// A change of the database, run inside the group's transaction.
pub type Change = Box<dyn FnOnce(&Connection) -> Result<(), StorageError> + Send>;

/// A change and whether it may fail alone, its own writes undone, while its group goes on.
struct Entry {
    change: Change,
    guarded: bool,
}

/// Place of a change in the order of commits. Durable once [`Writer::committed`] has reached it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Ticket(pub u64);

/// Most changes that wait, and most that are committed together.
const QUEUE: usize = 8_192;
const GROUP: usize = 1_024;

/// Handle to the writing thread. Changes are committed in the order in which they were enqueued.
#[derive(Debug)]
pub struct Writer {
    queue: mpsc::Sender<Entry>,
    next: Mutex<u64>,
    committed: watch::Receiver<Ticket>,
    figures: Arc<WriterFigures>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Self {
        let (queue, changes) = mpsc::channel(QUEUE);
        let (announce, committed) = watch::channel(Ticket(0));
        let figures = Arc::new(WriterFigures::default());
        let told = Arc::clone(&figures);
        let spawned = thread::Builder::new()
            .name("database-writer".to_owned())
            .spawn(move || write_groups(connection, changes, &announce, &told));
        if let Err(error) = spawned {
            tracing::error!(%error, "the database writer cannot start");
        }
        Self { queue, next: Mutex::new(0), committed, figures }
    }

    /// Puts a change into the queue; waits only when the queue is full. The change must not fail for reasons
    /// of its own: a failure is a defect, is logged and counted.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn enqueue(&self, change: Change) -> Result<Ticket, StorageError> {
        self.enqueue_in_order(|_| (change, ())).await.map(|(ticket, ())| ticket)
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
        let permit = self.queue.reserve().await.map_err(|_| StorageError::WriterStopped)?;
        let mut next = self.next.lock();
        *next = next.saturating_add(1);
        let ticket = Ticket(*next);
        let (change, value) = make(ticket);
        permit.send(Entry { change, guarded: false });
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
        let permit = self.queue.reserve().await.map_err(|_| StorageError::WriterStopped)?;
        let ticket = {
            let mut next = self.next.lock();
            *next = next.saturating_add(1);
            permit.send(Entry { change, guarded: true });
            Ticket(*next)
        };
        let value = result.await.map_err(|_| StorageError::WriterStopped)??;
        self.wait_for(ticket).await?;
        Ok(value)
    }

    /// The newest ticket that is on the disk.
    pub fn committed(&self) -> Ticket {
        *self.committed.borrow()
    }

    /// The newest ticket given.
    pub fn enqueued(&self) -> Ticket {
        Ticket(*self.next.lock())
    }

    /// A receiver that changes with every commit.
    pub fn commits(&self) -> watch::Receiver<Ticket> {
        self.committed.clone()
    }

    /// Changes that failed since the start; their senders were told.
    pub fn failures(&self) -> u64 {
        self.figures.failures()
    }

    /// Whether changes are still taken: not after the disk has failed.
    pub fn is_alive(&self) -> bool {
        !self.queue.is_closed()
    }

    /// For Prometheus.
    pub fn families(&self) -> Vec<Family> {
        let waiting = self.queue.max_capacity().saturating_sub(self.queue.capacity());
        self.figures.families(u64::try_from(waiting).unwrap_or(u64::MAX))
    }

    /// Waits until `ticket` is on the disk.
    ///
    /// # Errors
    /// The writer has stopped before.
    pub async fn wait_for(&self, ticket: Ticket) -> Result<(), StorageError> {
        self.commits()
            .wait_for(|committed| *committed >= ticket)
            .await
            .map(|_| ())
            .map_err(|_| StorageError::WriterStopped)
    }
}

fn write_groups(
    mut connection: Connection,
    mut changes: mpsc::Receiver<Entry>,
    announce: &watch::Sender<Ticket>,
    figures: &WriterFigures,
) {
    let mut done = 0_u64;
    let mut group = Vec::with_capacity(GROUP);
    while changes.blocking_recv_many(&mut group, GROUP) > 0 {
        let count = u64::try_from(group.len()).unwrap_or_default();
        let begun = Instant::now();
        match write_group(&mut connection, group.drain(..)) {
            Ok(failed) => {
                figures.committed(begun, count, failed);
                done = done.saturating_add(count);
                announce.send_replace(Ticket(done));
            }
            Err(error) => {
                // Nothing of this group may be acknowledged: stop, so that every waiter learns it.
                tracing::error!(%error, "the database cannot commit; the writer stops");
                return;
            }
        }
    }
}

/// Answers how many changes of the group failed by themselves.
fn write_group(connection: &mut Connection, group: impl Iterator<Item = Entry>) -> Result<u64, StorageError> {
    let mut transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(StorageError::at("begin group"))?;
    let mut failed = 0_u64;
    for entry in group {
        if !run(&mut transaction, entry)? {
            failed = failed.saturating_add(1);
        }
    }
    transaction.commit().map_err(StorageError::at("commit group"))?;
    Ok(failed)
}

/// Answers whether the change succeeded.
fn run(transaction: &mut Transaction<'_>, entry: Entry) -> Result<bool, StorageError> {
    if !entry.guarded {
        let outcome = (entry.change)(transaction);
        if let Err(error) = &outcome {
            tracing::error!(%error, "a change that must not fail has failed");
        }
        return Ok(outcome.is_ok());
    }
    let savepoint = transaction.savepoint().map_err(StorageError::at("savepoint"))?;
    if (entry.change)(&savepoint).is_ok() {
        savepoint.commit().map_err(StorageError::at("release savepoint"))?;
        return Ok(true);
    }
    Ok(false)
}
