//! How far the writer has come, for those who wait; waiting makes it hurry.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use parking_lot::{Condvar, Mutex};
use tokio::sync::watch;

use super::database::StorageError;
use super::writer::Ticket;

/// Follows what the writer commits. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Commits {
    committed: watch::Receiver<Ticket>,
    demand: Arc<Demand>,
}

impl Commits {
    pub(super) fn new(committed: watch::Receiver<Ticket>, demand: Arc<Demand>) -> Self {
        Self { committed, demand }
    }

    /// What a test says is committed.
    #[cfg(test)]
    pub(crate) fn of(committed: watch::Receiver<Ticket>) -> Self {
        Self::new(committed, Arc::default())
    }

    /// The newest ticket that is on the disk.
    pub fn newest(&self) -> Ticket {
        *self.committed.borrow()
    }

    /// Waits until `ticket` is on the disk; the writer hurries.
    ///
    /// # Errors
    /// The writer has stopped before.
    pub async fn reach(mut self, ticket: Ticket) -> Result<(), StorageError> {
        self.hurry(ticket);
        let reached = self.committed.wait_for(|committed| *committed >= ticket).await;
        reached.map(|_| ()).map_err(|_| StorageError::WriterStopped)
    }

    /// Somebody waits for `ticket`.
    pub(super) fn hurry(&self, ticket: Ticket) {
        self.demand.raise(ticket);
    }
}

/// The newest ticket that somebody waits for.
#[derive(Debug, Default)]
pub(super) struct Demand {
    wanted: AtomicU64,
    waiting: Mutex<()>,
    raised: Condvar,
}

impl Demand {
    fn raise(&self, ticket: Ticket) {
        if self.wanted.fetch_max(ticket.0, Ordering::AcqRel) < ticket.0 {
            // The writer has either seen the new number or is asleep by now.
            drop(self.waiting.lock());
            self.raised.notify_one();
        }
    }

    /// For the writer: sleeps until somebody waits for something newer than `done`, or until the deadline;
    /// whether somebody waits.
    pub(super) fn linger(&self, done: Ticket, deadline: Instant) -> bool {
        let mut waiting = self.waiting.lock();
        while self.wanted.load(Ordering::Acquire) <= done.0 {
            if self.raised.wait_until(&mut waiting, deadline).timed_out() {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const FAR: Duration = Duration::from_secs(600);

    #[test]
    fn the_writer_does_not_linger_when_somebody_waits() {
        let demand = Demand::default();
        demand.raise(Ticket(2));
        assert!(demand.linger(Ticket(1), Instant::now() + FAR));
    }

    #[test]
    fn whoever_begins_to_wait_ends_the_lingering() {
        let demand = Demand::default();
        std::thread::scope(|scope| {
            scope.spawn(|| demand.linger(Ticket(4), Instant::now() + FAR));
            demand.raise(Ticket(3));
            demand.raise(Ticket(5));
        });
    }

    #[test]
    fn what_is_done_already_is_no_demand() {
        let demand = Demand::default();
        demand.raise(Ticket(2));
        let deadline = Instant::now() + Duration::from_millis(5);
        assert!(!demand.linger(Ticket(2), deadline));
        assert!(Instant::now() >= deadline);
    }
}
