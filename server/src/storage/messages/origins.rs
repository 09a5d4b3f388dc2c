//! Recognises a message that its sender sends once more, because the acknowledgement got lost
//! (XEP-0359 origin-id; XEP-0198 after a failed resumption).

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};

use jid::BareJid;
use posthouse_protocol::wire::Frame;

use super::StoredId;
use crate::storage::Ticket;

/// How long a message is recognised.
pub(super) const WINDOW_MICROSECONDS: i64 = 24 * 3_600 * 1_000_000;
/// Most messages remembered.
pub(super) const MOST: usize = 131_072;

/// Stands for sender, receiver, origin-id and text: a client that numbers its messages from one after every
/// start would otherwise lose what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OriginKey(u64, u64);

/// The messages of the last day.
#[derive(Debug, Default)]
pub(super) struct Origins {
    hashers: (RandomState, RandomState),
    known: HashMap<OriginKey, (Ticket, StoredId)>,
    order: VecDeque<(StoredId, OriginKey)>,
}

impl Origins {
    /// What recognises the message.
    pub(super) fn key(&self, sender: &BareJid, receiver: &BareJid, origin: &str, text: &[u8]) -> OriginKey {
        let parts = (sender.as_str(), receiver.as_str(), origin, text);
        OriginKey(self.hashers.0.hash_one(parts), self.hashers.1.hash_one(parts))
    }

    /// The write of the first one.
    pub(super) fn seen(&self, key: OriginKey) -> Option<Ticket> {
        self.known.get(&key).map(|(ticket, _)| *ticket)
    }

    /// Remembers a message and forgets old ones.
    pub(super) fn note(&mut self, key: OriginKey, ticket: Ticket, id: StoredId) {
        self.known.insert(key, (ticket, id));
        self.order.push_back((id, key));
        while let Some((oldest, key)) = self.order.front().copied() {
            let is_old = oldest.0 < id.0.saturating_sub(WINDOW_MICROSECONDS);
            if !is_old && self.order.len() <= MOST {
                break;
            }
            self.order.pop_front();
            self.remove(key, oldest);
        }
    }

    /// The message was refused after all: when it comes again it is new.
    pub(super) fn forget(&mut self, id: StoredId) {
        // Refusals follow at once, so the entry lies at the end.
        let found = self.order.iter().rev().take(4_096).find(|(other, _)| *other == id).copied();
        if let Some((_, key)) = found {
            self.remove(key, id);
        }
    }

    fn remove(&mut self, key: OriginKey, id: StoredId) {
        if self.known.get(&key).is_some_and(|(_, known)| *known == id) {
            self.known.remove(&key);
        }
    }
}

/// All bodies of a message, one behind the other.
pub fn text(frame: &Frame) -> Vec<u8> {
    frame.children().filter(|child| child.name == "body").fold(Vec::new(), |mut text, child| {
        text.extend_from_slice(child.bytes);
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jid(text: &str) -> BareJid {
        BareJid::new(text).expect("a valid address")
    }

    #[test]
    fn a_resend_is_recognised_by_sender_receiver_id_and_text() {
        let mut origins = Origins::default();
        let key = origins.key(&jid("a@x"), &jid("b@x"), "1", b"hi");
        origins.note(key, Ticket(7), StoredId(1));
        assert_eq!(origins.seen(origins.key(&jid("a@x"), &jid("b@x"), "1", b"hi")), Some(Ticket(7)));
        assert_eq!(origins.seen(origins.key(&jid("a@x"), &jid("c@x"), "1", b"hi")), None);
        assert_eq!(origins.seen(origins.key(&jid("a@x"), &jid("b@x"), "1", b"ho")), None);
        assert_eq!(origins.seen(origins.key(&jid("c@x"), &jid("b@x"), "1", b"hi")), None);
    }

    #[test]
    fn a_refused_message_may_come_again() {
        let mut origins = Origins::default();
        let key = origins.key(&jid("a@x"), &jid("b@x"), "1", b"hi");
        origins.note(key, Ticket(1), StoredId(1));
        origins.forget(StoredId(1));
        assert_eq!(origins.seen(key), None);
    }

    #[test]
    fn after_a_day_a_message_is_forgotten() {
        let mut origins = Origins::default();
        let old = origins.key(&jid("a@x"), &jid("b@x"), "1", b"");
        let new = origins.key(&jid("a@x"), &jid("b@x"), "2", b"");
        origins.note(old, Ticket(1), StoredId(1));
        origins.note(new, Ticket(2), StoredId(2 + WINDOW_MICROSECONDS));
        assert_eq!(origins.seen(old), None);
        assert_eq!(origins.seen(new), Some(Ticket(2)));
    }
}
