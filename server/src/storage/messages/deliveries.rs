//! What is on its way to which account, and through which message everything has arrived. Pure.

use std::collections::{HashMap, VecDeque};

use foldhash::fast::RandomState;
use jid::BareJid;

use super::{NewMessage, StoredId};

/// Where a message under way is kept, should the process die now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// In the receiver's archive, beyond the account's watermark.
    Archive,
    /// Nowhere yet: it goes into the offline store when no client has it by the time of writing, and before
    /// its sender is told that we have it.
    Memory,
    /// In the offline store.
    Offline,
    /// A client has it; its row in the offline store is not deleted yet.
    Done,
}

#[derive(Debug, Default)]
struct Account {
    /// By id.
    under_way: VecDeque<(StoredId, Kept)>,
    newest: i64,
    written: i64,
}

impl Account {
    /// Everything up to here was taken or lies in the offline store.
    fn through(&self) -> i64 {
        let oldest = self.under_way.iter().find(|(_, kept)| *kept == Kept::Archive);
        oldest.map_or(self.newest, |(id, _)| id.0.saturating_sub(1))
    }

    fn place(&self, id: StoredId) -> Result<usize, usize> {
        self.under_way.binary_search_by_key(&id, |(id, _)| *id)
    }

    /// False when it is under way already.
    fn insert(&mut self, id: StoredId, kept: Kept) -> bool {
        match self.place(id) {
            Ok(_) => false,
            Err(place) => {
                self.under_way.insert(place, (id, kept));
                true
            }
        }
    }

    fn find(&mut self, id: StoredId) -> Option<&mut Kept> {
        let place = self.place(id).ok()?;
        self.under_way.get_mut(place).map(|(_, kept)| kept)
    }

    fn remove(&mut self, id: StoredId) -> Option<Kept> {
        let place = self.place(id).ok()?;
        self.under_way.remove(place).map(|(_, kept)| kept)
    }
}

/// All accounts with something under way or not yet written down, and how much waits for whom.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    accounts: HashMap<BareJid, Account, RandomState>,
    /// Messages that no archive keeps and that the writer has not asked for yet.
    unwritten: HashMap<StoredId, NewMessage, RandomState>,
    /// Messages in the offline store.
    waiting: HashMap<BareJid, u64>,
}

/// What has to be written down for one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settled {
    pub(super) account: BareJid,
    /// The watermark, when it has moved.
    pub(super) through: Option<i64>,
    /// Rows of the offline store that were taken.
    pub(super) done: Vec<StoredId>,
}

impl Deliveries {
    /// Nothing is under way; so much waits already.
    pub(super) fn new(waiting: HashMap<BareJid, u64>) -> Self {
        Self { waiting, ..Self::default() }
    }

    /// A new message for the account, whose write is on its way; `is_parked`: into the offline store.
    pub(super) fn begin(&mut self, account: &BareJid, id: StoredId, is_parked: bool) {
        if is_parked {
            self.with(account, |state| state.insert(id, Kept::Offline));
            self.count(account, 1);
        } else {
            self.with(account, |state| {
                state.insert(id, Kept::Archive);
                state.newest = state.newest.max(id.0);
            });
        }
    }

    /// A new message that no archive keeps; it is written later, or never.
    pub(super) fn begin_unwritten(&mut self, id: StoredId, message: NewMessage) {
        if let Some(receiver) = &message.receiver {
            self.with(receiver, |state| state.insert(id, Kept::Memory));
        }
        self.unwritten.insert(id, message);
    }

    fn with<T>(&mut self, account: &BareJid, change: impl FnOnce(&mut Account) -> T) -> T {
        match self.accounts.get_mut(account) {
            Some(state) => change(state),
            None => change(self.accounts.entry(account.clone()).or_default()),
        }
    }

    /// The time to write has come; `None` when the message has been taken or withdrawn.
    pub(super) fn take_unwritten(&mut self, id: StoredId) -> Option<NewMessage> {
        let message = self.unwritten.remove(&id)?;
        let account = message.receiver.as_ref()?;
        let state = self.accounts.get_mut(account).and_then(|state| state.find(id));
        // What was parked meanwhile is counted already.
        if let Some(kept @ Kept::Memory) = state {
            *kept = Kept::Offline;
            self.count(account, 1);
        }
        Some(message)
    }

    /// The message lies in the offline store and is on its way to nobody.
    pub(super) fn parked(&mut self, account: &BareJid, id: StoredId) {
        let was = self.accounts.get_mut(account).and_then(|state| state.remove(id));
        if was != Some(Kept::Offline) {
            self.count(account, 1);
        }
    }

    /// The message does not exist any more.
    pub(super) fn withdrawn(&mut self, account: &BareJid, id: StoredId) {
        self.unwritten.remove(&id);
        let was = self.accounts.get_mut(account).and_then(|state| state.remove(id));
        if was == Some(Kept::Offline) {
            self.count(account, -1);
        }
    }

    /// A client has these.
    pub(super) fn taken(&mut self, account: &BareJid, ids: &[StoredId]) {
        let Some(state) = self.accounts.get_mut(account) else { return };
        let mut unparked = 0_i64;
        for id in ids {
            match state.find(*id) {
                Some(Kept::Archive) => {
                    state.remove(*id);
                }
                Some(Kept::Memory) => {
                    state.remove(*id);
                    self.unwritten.remove(id);
                }
                Some(kept @ Kept::Offline) => {
                    *kept = Kept::Done;
                    unparked = unparked.saturating_add(1);
                }
                Some(Kept::Done) | None => {}
            }
        }
        self.count(account, unparked.saturating_neg());
    }

    /// Messages that wait in the offline store of an account.
    pub(super) fn waiting(&self, account: &BareJid) -> u64 {
        self.waiting.get(account).copied().unwrap_or_default()
    }

    /// Messages that wait in the offline store of anybody.
    pub(super) fn waiting_in_all(&self) -> u64 {
        self.waiting.values().sum()
    }

    fn count(&mut self, account: &BareJid, change: i64) {
        if change == 0 {
            return;
        }
        let count = match self.waiting.get_mut(account) {
            Some(count) => count,
            None => self.waiting.entry(account.clone()).or_default(),
        };
        *count = count.saturating_add_signed(change);
        if *count == 0 {
            self.waiting.remove(account);
        }
    }

    /// A message of the offline store goes to a client; false when it is under way or taken.
    pub(super) fn hand_over(&mut self, account: &BareJid, id: StoredId) -> bool {
        self.with(account, |state| state.insert(id, Kept::Offline))
    }

    /// A handed over message comes back into the offline store.
    pub(super) fn hand_back(&mut self, account: &BareJid, id: StoredId) {
        if let Some(state) = self.accounts.get_mut(account)
            && state.find(id) == Some(&mut Kept::Offline)
        {
            state.remove(id);
        }
    }

    /// What is under way to the account and was not taken.
    pub(super) fn left(&self, account: &BareJid) -> Vec<StoredId> {
        let under_way = self.accounts.get(account).map(|state| state.under_way.iter());
        under_way.into_iter().flatten().filter(|(_, kept)| *kept != Kept::Done).map(|(id, _)| *id).collect()
    }

    /// What has changed since it was last written down.
    pub(super) fn settle(&mut self) -> Vec<Settled> {
        self.accounts.retain(|_, state| !state.under_way.is_empty() || state.through() > state.written);
        let changed = self.accounts.iter().filter_map(|(account, state)| {
            let through = state.through();
            let done: Vec<_> =
                state.under_way.iter().filter(|(_, kept)| *kept == Kept::Done).map(|(id, _)| *id).collect();
            let settled = Settled {
                account: account.clone(),
                through: (through > state.written).then_some(through),
                done,
            };
            (settled.through.is_some() || !settled.done.is_empty()).then_some(settled)
        });
        changed.collect()
    }

    /// It is on the disk.
    pub(super) fn settled(&mut self, settled: &[Settled]) {
        for Settled { account, through, done } in settled {
            let Some(state) = self.accounts.get_mut(account) else { continue };
            state.written = through.map_or(state.written, |through| state.written.max(through));
            for id in done {
                if state.find(*id) == Some(&mut Kept::Done) {
                    state.remove(*id);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use posthouse_protocol::wire::Frame;
    use smallvec::SmallVec;

    use super::*;

    fn bob() -> BareJid {
        BareJid::new("bob@example.org").expect("a valid address")
    }

    fn through(deliveries: &mut Deliveries) -> Option<i64> {
        deliveries.settle().first().and_then(|settled| settled.through)
    }

    #[test]
    fn the_watermark_stops_before_the_oldest_message_under_way() {
        let mut deliveries = Deliveries::default();
        for id in [10, 20, 30] {
            deliveries.begin(&bob(), StoredId(id), false);
        }
        deliveries.taken(&bob(), &[StoredId(10), StoredId(30)]);
        assert_eq!(through(&mut deliveries), Some(19));
        deliveries.taken(&bob(), &[StoredId(20)]);
        assert_eq!(through(&mut deliveries), Some(30));
    }

    #[test]
    fn a_parked_message_does_not_hold_the_watermark() {
        let mut deliveries = Deliveries::default();
        deliveries.begin(&bob(), StoredId(10), false);
        deliveries.parked(&bob(), StoredId(10));
        assert_eq!(deliveries.waiting(&bob()), 1);
        assert_eq!(through(&mut deliveries), Some(10));
    }

    #[test]
    fn a_taken_message_is_not_handed_over_before_its_row_is_gone() {
        let mut deliveries = Deliveries::default();
        assert!(deliveries.hand_over(&bob(), StoredId(10)));
        assert!(!deliveries.hand_over(&bob(), StoredId(10)), "it is under way");
        deliveries.taken(&bob(), &[StoredId(10)]);
        let settled = deliveries.settle();
        assert!(!deliveries.hand_over(&bob(), StoredId(10)), "its row is still there");
        deliveries.settled(&settled);
        assert!(deliveries.settle().is_empty());
        assert!(deliveries.accounts.is_empty(), "nothing is remembered for longer than needed");
    }

    #[test]
    fn what_comes_back_can_be_handed_over_again() {
        let mut deliveries = Deliveries::default();
        assert!(deliveries.hand_over(&bob(), StoredId(10)));
        deliveries.hand_back(&bob(), StoredId(10));
        assert!(deliveries.hand_over(&bob(), StoredId(10)));
    }

    fn unarchived() -> NewMessage {
        let frame = Frame::parse(Bytes::from_static(b"<message/>")).expect("well-formed");
        NewMessage {
            sender: bob(),
            receiver: Some(bob()),
            origin: String::new(),
            key: None,
            frame,
            entries: SmallVec::new(),
        }
    }

    #[test]
    fn a_message_that_a_client_has_before_it_is_written_is_not_written() {
        let mut deliveries = Deliveries::default();
        deliveries.begin_unwritten(StoredId(10), unarchived());
        deliveries.taken(&bob(), &[StoredId(10)]);
        assert!(deliveries.left(&bob()).is_empty());
        assert!(deliveries.take_unwritten(StoredId(10)).is_none());
        assert!(deliveries.settle().is_empty(), "there is no row to delete");
        assert!(deliveries.accounts.is_empty() && deliveries.waiting.is_empty());
    }

    #[test]
    fn a_message_that_no_client_has_in_time_is_written_and_waits() {
        let mut deliveries = Deliveries::default();
        deliveries.begin_unwritten(StoredId(10), unarchived());
        assert!(deliveries.take_unwritten(StoredId(10)).is_some());
        assert_eq!(deliveries.waiting(&bob()), 1);
        deliveries.taken(&bob(), &[StoredId(10)]);
        assert_eq!(deliveries.waiting(&bob()), 0);
        assert_eq!(deliveries.settle().first().map(|settled| settled.done.clone()), Some(vec![StoredId(10)]));
    }

    #[test]
    fn a_message_parked_before_it_is_written_is_written_and_counted_once() {
        let mut deliveries = Deliveries::default();
        deliveries.begin_unwritten(StoredId(10), unarchived());
        deliveries.parked(&bob(), StoredId(10));
        assert!(deliveries.take_unwritten(StoredId(10)).is_some());
        assert_eq!(deliveries.waiting(&bob()), 1);
    }

    #[test]
    fn a_message_withdrawn_before_it_is_written_is_not_written() {
        let mut deliveries = Deliveries::default();
        deliveries.begin_unwritten(StoredId(10), unarchived());
        deliveries.withdrawn(&bob(), StoredId(10));
        assert!(deliveries.take_unwritten(StoredId(10)).is_none());
        assert!(deliveries.waiting.is_empty());
    }
}
