//! Whether a client takes messages sent to the bare address, and what it has yet to get before it does.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use parking_lot::Mutex;

use super::session::Outgoing;
use crate::storage::StoredId;

/// Most messages kept for one client; more are in the archive only.
const MOST: usize = 100;

/// Closed until a client has what waited for it, so that old messages come before new ones. What other clients
/// of the account take in that time is kept for it.
#[derive(Debug)]
pub(super) struct Intake {
    is_open: AtomicBool,
    /// The newest stored message when it opened: what is not newer may have gone to others only.
    opened_behind: AtomicI64,
    kept: Mutex<VecDeque<Outgoing>>,
}

impl Default for Intake {
    fn default() -> Self {
        Self {
            is_open: AtomicBool::new(false),
            opened_behind: AtomicI64::new(i64::MAX),
            kept: Mutex::default(),
        }
    }
}

impl Intake {
    pub(super) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }

    /// Was open when that message was sent.
    pub(super) fn was_open_at(&self, message: StoredId) -> bool {
        self.opened_behind.load(Ordering::Acquire) < message.0
    }

    /// Opens when nothing is kept; otherwise gives that away, oldest first, and stays closed.
    pub(super) fn open(&self, newest: impl FnOnce() -> StoredId) -> VecDeque<Outgoing> {
        let mut kept = self.kept.lock();
        if kept.is_empty() {
            self.is_open.store(true, Ordering::Release);
            // Behind it: what comes in between may be taken for unknown to this client, never for known.
            self.opened_behind.store(newest().0, Ordering::Release);
        }
        std::mem::take(&mut *kept)
    }

    /// Takes nothing any more. What was kept is lost to this client: others have it.
    pub(super) fn close(&self) {
        let mut kept = self.kept.lock();
        *kept = VecDeque::new();
        self.is_open.store(false, Ordering::Release);
        self.opened_behind.store(i64::MAX, Ordering::Release);
    }

    /// Gives away what was kept before the message `id` was stored, oldest first; that one itself is coming.
    pub(super) fn take_older_than(&self, id: StoredId) -> Vec<Outgoing> {
        let mut kept = self.kept.lock();
        let older = kept.iter().take_while(|outgoing| outgoing.stored.is_none_or(|stored| stored < id));
        let count = older.count();
        let older = kept.drain(..count).collect();
        if kept.front().is_some_and(|outgoing| outgoing.stored == Some(id)) {
            kept.pop_front();
        }
        older
    }

    /// Keeps a message until it opens; an open one gives it back.
    pub(super) fn keep(&self, outgoing: Outgoing) -> Kept {
        let mut kept = self.kept.lock();
        if self.is_open() {
            return Kept::IsOpen(outgoing);
        }
        if kept.len() >= MOST {
            return Kept::IsFull;
        }
        kept.push_back(outgoing);
        Kept::Yes
    }
}

/// What became of a message.
#[derive(Debug)]
pub(super) enum Kept {
    Yes,
    IsFull,
    IsOpen(Outgoing),
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn message(id: Option<i64>) -> Outgoing {
        Outgoing { bytes: Bytes::new(), is_stanza: true, reroute: true, stored: id.map(StoredId) }
    }

    fn ids<'a>(messages: impl IntoIterator<Item = &'a Outgoing>) -> Vec<Option<i64>> {
        messages.into_iter().map(|outgoing| outgoing.stored.map(|id| id.0)).collect()
    }

    #[test]
    fn it_opens_only_when_everything_kept_was_taken() {
        let intake = Intake::default();
        assert!(matches!(intake.keep(message(Some(5))), Kept::Yes));
        assert_eq!(ids(&intake.open(|| StoredId(7))), [Some(5)]);
        assert!(!intake.is_open(), "the message has to reach the client first");
        assert!(intake.open(|| StoredId(7)).is_empty());
        assert!(intake.is_open() && intake.was_open_at(StoredId(8)) && !intake.was_open_at(StoredId(7)));
        assert!(matches!(intake.keep(message(Some(8))), Kept::IsOpen(_)));
    }

    #[test]
    fn what_is_older_than_a_stored_message_goes_before_it() {
        let intake = Intake::default();
        for id in [Some(5), None, Some(9)] {
            assert!(matches!(intake.keep(message(id)), Kept::Yes));
        }
        assert_eq!(ids(&intake.take_older_than(StoredId(7))), [Some(5), None]);
        assert_eq!(ids(&intake.open(|| StoredId(9))), [Some(9)]);
    }

    #[test]
    fn what_comes_out_of_the_store_is_not_kept_as_well() {
        let intake = Intake::default();
        assert!(matches!(intake.keep(message(Some(5))), Kept::Yes));
        assert!(intake.take_older_than(StoredId(5)).is_empty());
        assert!(intake.open(|| StoredId(5)).is_empty());
    }

    #[test]
    fn a_client_that_never_opens_costs_no_more_than_a_hundred_messages() {
        let intake = Intake::default();
        let kept = (0..150).filter(|id| matches!(intake.keep(message(Some(*id))), Kept::Yes)).count();
        assert_eq!(kept, MOST);
        intake.close();
        assert!(intake.open(|| StoredId(0)).is_empty() && intake.is_open());
    }
}
