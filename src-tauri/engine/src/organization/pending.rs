//! What waits for the directory's task: logins that want to be in step, and pushes. Whoever puts something here
//! never waits; when too much comes, the pushes are dropped and the server is asked instead.

use parking_lot::Mutex;
use posthouse_protocol::organization::Entries;
use tokio::sync::{Notify, oneshot};

use crate::error::EngineError;

/// Pushes that may wait.
const MOST: usize = 64;

/// Told when the directory is in step with the server, or why it is not.
pub(super) type Asker = oneshot::Sender<Result<(), EngineError>>;

/// What there is to do.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) askers: Vec<Asker>,
    /// The server is to be asked.
    pub(super) asks: bool,
    /// In the order in which they came.
    pub(super) pushes: Vec<Entries>,
}

#[derive(Debug, Default)]
pub(super) struct Pending {
    work: Mutex<Work>,
    wake: Notify,
}

impl Pending {
    /// The server is to be asked; `asker` waits for the outcome.
    pub(super) fn ask(&self, asker: Asker) {
        let mut work = self.work.lock();
        work.askers.push(asker);
        work.asks = true;
        drop(work);
        self.wake.notify_one();
    }

    /// A push has come.
    pub(super) fn push(&self, entries: Entries) {
        let mut work = self.work.lock();
        if work.pushes.len() < MOST {
            work.pushes.push(entries);
        } else {
            work.pushes.clear();
            work.asks = true;
        }
        drop(work);
        self.wake.notify_one();
    }

    /// Waits until there is something to do.
    pub(super) async fn take(&self) -> Work {
        self.wake.notified().await;
        std::mem::take(&mut *self.work.lock())
    }
}

#[cfg(test)]
mod tests {
    use posthouse_protocol::organization::Entries;

    use super::{MOST, Pending};

    #[tokio::test]
    async fn a_flood_of_pushes_becomes_one_question() {
        let pending = Pending::default();
        for version in (1..).take(MOST) {
            pending.push(Entries { version, ..Entries::default() });
        }
        pending.push(Entries::default());
        let work = pending.take().await;
        assert!(work.asks);
        assert_eq!(work.pushes, []);
    }
}
