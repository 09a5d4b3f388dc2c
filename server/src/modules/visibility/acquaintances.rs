//! Whom hidden people have written to. In memory, as it is asked for every message; few are hidden.

use std::collections::{HashMap, HashSet};

use jid::BareJid;
use parking_lot::RwLock;

use crate::storage::acquaintances::{acquaint, all_acquaintances};
use crate::storage::{Database, StorageError};

/// By the hidden person.
#[derive(Debug)]
pub(super) struct Acquaintances {
    database: Database,
    known: RwLock<HashMap<BareJid, HashSet<BareJid>>>,
}

impl Acquaintances {
    /// Reads all of them.
    pub(super) async fn open(database: Database) -> Result<Self, StorageError> {
        let mut known: HashMap<BareJid, HashSet<BareJid>> = HashMap::new();
        for (hidden, person) in all_acquaintances(&database).await? {
            known.entry(hidden).or_default().insert(person);
        }
        Ok(Self { database, known: RwLock::new(known) })
    }

    /// Whether the hidden one has written to the person.
    pub(super) fn has(&self, hidden: &BareJid, person: &BareJid) -> bool {
        self.known.read().get(hidden).is_some_and(|people| people.contains(person))
    }

    /// The hidden one writes to the person; on the disk when this returns.
    pub(super) async fn note(&self, hidden: &BareJid, person: &BareJid) -> Result<(), StorageError> {
        if self.has(hidden, person) {
            return Ok(());
        }
        acquaint(&self.database, hidden.clone(), person.clone()).await?;
        self.known.write().entry(hidden.clone()).or_default().insert(person.clone());
        Ok(())
    }
}
