//! All people in one row, so that a search runs over them quickly; found by id and by address.

use std::collections::HashMap;
use std::sync::Arc;

use jid::BareJid;
use posthouse_protocol::organization::Person;

use super::search_key::SearchKey;

/// The people of the directory.
#[derive(Debug, Default)]
pub(super) struct People {
    known: Vec<Known>,
    by_id: HashMap<String, usize>,
    by_address: HashMap<BareJid, usize>,
}

/// A person and what a search looks at.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) person: Arc<Person>,
    pub(super) key: SearchKey,
    /// Numbers of the departments with a post.
    pub(super) departments: Box<[usize]>,
    /// The beginning of the order among all people.
    pub(super) order: (i32, u64),
}

impl People {
    /// Takes a person in; answers the one with the same id before.
    pub(super) fn put(&mut self, person: Arc<Person>, departments: Box<[usize]>) -> Option<Arc<Person>> {
        let before = self.remove(&person.id);
        let slot = self.known.len();
        self.by_id.insert(person.id.clone(), slot);
        self.by_address.insert(person.jid.clone(), slot);
        let order = (person.priority, beginning(person.pinyin.as_deref().unwrap_or_default()));
        self.known.push(Known { key: SearchKey::of(&person), departments, order, person });
        before
    }

    /// Takes a person out.
    pub(super) fn remove(&mut self, id: &str) -> Option<Arc<Person>> {
        let slot = self.by_id.remove(id).filter(|slot| *slot < self.known.len())?;
        let last = self.known.len().saturating_sub(1);
        let removed = self.known.swap_remove(slot).person;
        // Somebody else may have got the address meanwhile.
        if self.by_address.get(&removed.jid) == Some(&slot) {
            self.by_address.remove(&removed.jid);
        }
        if let Some(moved) = self.known.get(slot) {
            self.by_id.insert(moved.person.id.clone(), slot);
            if let Some(place) = self.by_address.get_mut(&moved.person.jid).filter(|place| **place == last) {
                *place = slot;
            }
        }
        Some(removed)
    }

    /// Who has this address.
    pub(super) fn with_address(&self, address: &BareJid) -> Option<&Arc<Person>> {
        let slot = self.by_address.get(address)?;
        self.known.get(*slot).map(|known| &known.person)
    }

    /// Everybody, in no order.
    pub(super) fn all(&self) -> &[Known] {
        &self.known
    }
}

/// The first bytes as a number that is compared in the same way.
fn beginning(text: &str) -> u64 {
    let mut first = [0; 8];
    first.iter_mut().zip(text.bytes()).for_each(|(place, byte)| *place = byte);
    u64::from_be_bytes(first)
}
