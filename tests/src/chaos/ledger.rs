//! What was written, acknowledged and received, by message.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::Report;

/// One message: who wrote to whom, and its number between the two.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) number: u32,
}

impl Key {
    /// Its origin-id, which is its text as well.
    pub(super) fn text(&self) -> String {
        format!("{} {} {}", self.from, self.to, self.number)
    }

    /// The message with this text.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (from, to, number) = (words.next()?, words.next()?, words.next()?.parse().ok()?);
        Some(Self { from: from.to_owned(), to: to.to_owned(), number })
    }
}

/// Everything that is known, shared by all clients.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// How often the server was killed.
    round: u32,
    is_closed: bool,
    written: BTreeSet<Key>,
    acknowledged: BTreeSet<Key>,
    /// How often a client had to send it again without knowing whether the server has it.
    sent_blindly: BTreeMap<Key, usize>,
    /// The archive ids under which it arrived.
    received: BTreeMap<Key, BTreeSet<String>>,
    /// The highest number that came, by pair.
    highest: BTreeMap<(String, String), u32>,
    disordered: BTreeSet<(String, String)>,
    doubled: usize,
    repeated: usize,
    resent: usize,
    cuts: u32,
    resumed: u32,
    complaints: Vec<String>,
}

/// Most complaints told one by one.
const COMPLAINTS: usize = 20;

impl Ledger {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server was killed.
    pub(super) fn next_round(&self) {
        let mut state = self.state();
        state.round = state.round.saturating_add(1);
    }

    /// Notes a new message; false when nobody may write any more.
    pub(super) fn wrote(&self, key: Key) -> bool {
        let mut state = self.state();
        if state.is_closed {
            return false;
        }
        state.written.insert(key)
    }

    /// From now on nobody writes anything new.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
    }

    pub(super) fn was_acknowledged(&self, key: Key) {
        self.state().acknowledged.insert(key);
        self.changed.notify_waiters();
    }

    /// A client sends the message once more, since nobody could tell it whether the server has it.
    pub(super) fn was_sent_blindly(&self, key: Key) {
        let mut state = self.state();
        let count = state.sent_blindly.entry(key).or_default();
        *count = count.saturating_add(1);
    }

    pub(super) fn was_cut(&self) {
        let mut state = self.state();
        state.cuts = state.cuts.saturating_add(1);
    }

    pub(super) fn was_resumed(&self) {
        let mut state = self.state();
        state.resumed = state.resumed.saturating_add(1);
    }

    pub(super) fn received(&self, key: &Key, id: &str) {
        self.state().note_arrival(key, id);
        self.changed.notify_waiters();
    }

    /// How many messages were acknowledged.
    pub(super) fn acknowledged(&self) -> usize {
        self.state().acknowledged.len()
    }

    /// Waits until everything that was written is acknowledged and received.
    pub(super) async fn is_complete(&self) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            if self.state().is_complete() {
                return;
            }
            changed.await;
        }
    }

    /// The messages that one person has written or was to receive, in the order of each pair.
    pub(super) fn written_with(&self, person: &str) -> Vec<Key> {
        let state = self.state();
        state.written.iter().filter(|key| key.from == person || key.to == person).cloned().collect()
    }

    pub(super) fn is_acknowledged(&self, key: &Key) -> bool {
        self.state().acknowledged.contains(key)
    }

    pub(super) fn report(&self) -> Report {
        let state = self.state();
        Report {
            kills: 0,
            cuts: state.cuts,
            resumed: state.resumed,
            messages: state.written.len(),
            acknowledged: state.acknowledged.len(),
            lost_in_archive: 0,
            lost_on_the_way: state.written.iter().filter(|key| !state.received.contains_key(key)).count(),
            doubled_in_archive: 0,
            doubled_on_the_way: state.doubled,
            disordered: state.disordered.len(),
            repeated: state.repeated,
            resent: state.resent,
            seconds: 0,
            complaints: state.complaints.clone(),
        }
    }
}

impl State {
    fn is_complete(&self) -> bool {
        self.acknowledged.len() == self.written.len() && self.received.len() == self.written.len()
    }

    fn note_arrival(&mut self, key: &Key, id: &str) {
        let ids = self.received.entry(key.clone()).or_default();
        let is_first = ids.is_empty();
        let is_new = ids.insert(id.to_owned());
        let times = ids.len();
        if is_first {
            self.note_order(key);
        } else if !is_new {
            self.repeated = self.repeated.saturating_add(1);
        } else if times > self.sent_blindly.get(key).copied().unwrap_or_default().saturating_add(1) {
            self.doubled = self.doubled.saturating_add(1);
            self.complain(format!("{} came {times} times", key.text()));
        } else {
            self.resent = self.resent.saturating_add(1);
        }
    }

    fn note_order(&mut self, key: &Key) {
        let pair = (key.from.clone(), key.to.clone());
        let next = self.highest.get(&pair).map_or(0, |highest| highest.saturating_add(1));
        if key.number != next {
            self.complain(format!("{} came when {next} was next", key.text()));
            self.disordered.insert(pair.clone());
        }
        let highest = self.highest.entry(pair).or_default();
        *highest = key.number.max(*highest);
    }

    fn complain(&mut self, complaint: String) {
        if self.complaints.len() < COMPLAINTS {
            self.complaints.push(format!("after kill {}: {complaint}", self.round));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> Key {
        Key { from: "a".into(), to: "b".into(), number }
    }

    /// Alice has written 0 and 1; both are acknowledged.
    fn ledger() -> Ledger {
        let ledger = Ledger::default();
        for number in 0..2 {
            assert!(ledger.wrote(key(number)));
            ledger.was_acknowledged(key(number));
        }
        ledger
    }

    #[test]
    fn what_never_came_is_lost() {
        let ledger = ledger();
        ledger.received(&key(0), "1");
        let report = ledger.report();
        assert_eq!((report.lost_on_the_way, report.is_good()), (1, false));
    }

    #[test]
    fn what_came_in_order_and_once_is_good_also_when_it_is_repeated_under_its_id() {
        let ledger = ledger();
        ledger.received(&key(0), "1");
        ledger.received(&key(1), "2");
        ledger.received(&key(1), "2");
        assert!(ledger.report().is_good(), "{}", ledger.report());
    }

    #[test]
    fn what_was_sent_once_and_came_under_two_ids_is_doubled() {
        let ledger = ledger();
        ledger.received(&key(0), "1");
        ledger.received(&key(1), "2");
        ledger.received(&key(1), "3");
        assert_eq!((ledger.report().doubled_on_the_way, ledger.report().is_good()), (1, false));
    }

    #[test]
    fn what_had_to_be_sent_again_blindly_is_known_by_its_origin_as_often_as_it_was_sent() {
        let ledger = Ledger::default();
        assert!(ledger.wrote(key(0)));
        ledger.received(&key(0), "1");
        ledger.next_round();
        ledger.was_sent_blindly(key(0));
        ledger.received(&key(0), "2");
        ledger.was_acknowledged(key(0));
        assert_eq!(ledger.report().resent, 1);
        assert!(ledger.report().is_good());
        ledger.received(&key(0), "3");
        assert!(!ledger.report().is_good());
    }

    #[test]
    fn what_overtakes_is_seen() {
        let ledger = ledger();
        ledger.received(&key(1), "2");
        ledger.received(&key(0), "1");
        assert_eq!((ledger.report().disordered, ledger.report().is_good()), (1, false));
    }
}
