//! What is on its way to which account, and through which message everything has arrived. Pure.

use std::collections::{BTreeMap, HashMap};

use jid::BareJid;

use super::StoredId;

/// Where a message under way is kept, should the process die now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// In the receiver's archive, beyond the account's watermark.
    Archive,
    /// In the offline store.
    Offline,
    /// A client has it; its row in the offline store is not deleted yet.
    Done,
}

#[derive(Debug, Default)]
struct Account {
    under_way: BTreeMap<StoredId, Kept>,
    newest: i64,
    written: i64,
}

impl Account {
    /// Everything up to here was taken or lies in the offline store.
    fn through(&self) -> i64 {
        let oldest = self.under_way.iter().find(|(_, kept)| **kept == Kept::Archive);
        oldest.map_or(self.newest, |(id, _)| id.0.saturating_sub(1))
    }
}

/// All accounts with something under way or not yet written down.
#[derive(Debug, Default)]
pub(super) struct Deliveries(HashMap<BareJid, Account>);

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
    /// A new message for the account; `is_parked`: it is written into the offline store together with it.
    pub(super) fn begin(&mut self, account: &BareJid, id: StoredId, is_parked: bool) {
        let kept = if is_parked { Kept::Offline } else { Kept::Archive };
        let state = match self.0.get_mut(account) {
            Some(state) => state,
            None => self.0.entry(account.clone()).or_default(),
        };
        state.under_way.insert(id, kept);
        if !is_parked {
            state.newest = state.newest.max(id.0);
        }
    }

    /// The message lies in the offline store and is on its way to nobody. True when it is new there.
    pub(super) fn parked(&mut self, account: &BareJid, id: StoredId) -> bool {
        let Some(state) = self.0.get_mut(account) else { return true };
        state.under_way.remove(&id) != Some(Kept::Offline)
    }

    /// The message does not exist any more. True when it was in the offline store.
    pub(super) fn withdrawn(&mut self, account: &BareJid, id: StoredId) -> bool {
        self.0.get_mut(account).and_then(|state| state.under_way.remove(&id)) == Some(Kept::Offline)
    }

    /// A client has these. Answers how many of them leave the offline store.
    pub(super) fn taken(&mut self, account: &BareJid, ids: &[StoredId]) -> i64 {
        let Some(state) = self.0.get_mut(account) else { return 0 };
        let mut unparked = 0_i64;
        for id in ids {
            match state.under_way.get_mut(id) {
                Some(Kept::Archive) => {
                    state.under_way.remove(id);
                }
                Some(kept @ Kept::Offline) => {
                    *kept = Kept::Done;
                    unparked = unparked.saturating_add(1);
                }
                Some(Kept::Done) | None => {}
            }
        }
        unparked
    }

    /// A message of the offline store goes to a client; false when it is under way or taken.
    pub(super) fn hand_over(&mut self, account: &BareJid, id: StoredId) -> bool {
        let state = self.0.entry(account.clone()).or_default();
        if state.under_way.contains_key(&id) {
            return false;
        }
        state.under_way.insert(id, Kept::Offline);
        true
    }

    /// A handed over message comes back into the offline store.
    pub(super) fn hand_back(&mut self, account: &BareJid, id: StoredId) {
        if let Some(state) = self.0.get_mut(account)
            && state.under_way.get(&id) == Some(&Kept::Offline)
        {
            state.under_way.remove(&id);
        }
    }

    /// What is under way to the account and was not taken.
    pub(super) fn left(&self, account: &BareJid) -> Vec<StoredId> {
        let under_way = self.0.get(account).map(|state| state.under_way.iter());
        under_way.into_iter().flatten().filter(|(_, kept)| **kept != Kept::Done).map(|(id, _)| *id).collect()
    }

    /// What has changed since it was last written down.
    pub(super) fn settle(&mut self) -> Vec<Settled> {
        self.0.retain(|_, state| !state.under_way.is_empty() || state.through() > state.written);
        let changed = self.0.iter().filter_map(|(account, state)| {
            let through = state.through();
            let done: Vec<_> =
                state.under_way.iter().filter(|(_, kept)| **kept == Kept::Done).map(|(id, _)| *id).collect();
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
            let Some(state) = self.0.get_mut(account) else { continue };
            state.written = through.map_or(state.written, |through| state.written.max(through));
            for id in done {
                if state.under_way.get(id) == Some(&Kept::Done) {
                    state.under_way.remove(id);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
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
        assert!(deliveries.parked(&bob(), StoredId(10)));
        assert_eq!(through(&mut deliveries), Some(10));
    }

    #[test]
    fn a_taken_message_is_not_handed_over_before_its_row_is_gone() {
        let mut deliveries = Deliveries::default();
        assert!(deliveries.hand_over(&bob(), StoredId(10)));
        assert!(!deliveries.hand_over(&bob(), StoredId(10)), "it is under way");
        assert_eq!(deliveries.taken(&bob(), &[StoredId(10)]), 1);
        let settled = deliveries.settle();
        assert!(!deliveries.hand_over(&bob(), StoredId(10)), "its row is still there");
        deliveries.settled(&settled);
        assert!(deliveries.settle().is_empty());
        assert!(deliveries.0.is_empty(), "nothing is remembered for longer than needed");
    }

    #[test]
    fn what_comes_back_can_be_handed_over_again() {
        let mut deliveries = Deliveries::default();
        assert!(deliveries.hand_over(&bob(), StoredId(10)));
        deliveries.hand_back(&bob(), StoredId(10));
        assert!(deliveries.hand_over(&bob(), StoredId(10)));
    }
}
