//! Who is signed in on this node, and with which resources.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicUsize, Ordering};

use foldhash::fast::RandomState;
use jid::{BareJid, FullJid};
use parking_lot::RwLock;
use smallvec::SmallVec;

use super::session::{Session, SessionId};

/// Resources of one account.
pub type Resources = SmallVec<[Session; 2]>;

const SHARDS: usize = 64;

#[derive(Debug, Default)]
struct Shard {
    bound: HashMap<BareJid, Resources, RandomState>,
    /// Out of the table, but what they never took has not gone elsewhere yet.
    leaving: HashMap<BareJid, Resources, RandomState>,
}

/// All bound sessions, by account.
#[derive(Debug)]
pub struct Sessions {
    hasher: RandomState,
    shards: Vec<RwLock<Shard>>,
    count: AtomicUsize,
}

impl Default for Sessions {
    fn default() -> Self {
        let shards = std::iter::repeat_with(RwLock::default).take(SHARDS).collect();
        Self { hasher: RandomState::default(), shards, count: AtomicUsize::new(0) }
    }
}

impl Sessions {
    /// Adds a session; a session with the same full address is taken out and returned.
    pub fn bind(&self, session: Session) -> Option<Session> {
        let mut shard = self.shard(session.bare())?.write();
        let resources = shard.bound.entry(session.bare().clone()).or_default();
        let place = resources.iter().position(|other| other.jid() == session.jid());
        let replaced = place.map(|place| resources.swap_remove(place));
        resources.push(session);
        match &replaced {
            Some(replaced) => shard.note_leaving(replaced.clone()),
            None => drop(self.count.fetch_add(1, Ordering::Relaxed)),
        }
        replaced
    }

    /// Takes a session out; false when it was out already. It is leaving until [`Sessions::has_left`].
    pub fn unbind(&self, account: &BareJid, id: SessionId) -> bool {
        let Some(shard) = self.shard(account) else { return false };
        let mut shard = shard.write();
        let Some(session) = take(&mut shard.bound, account, id) else { return false };
        shard.note_leaving(session);
        self.count.fetch_sub(1, Ordering::Relaxed);
        true
    }

    /// Everything a session never took has gone elsewhere, and everybody has been told of its end.
    pub fn has_left(&self, account: &BareJid, id: SessionId) {
        if let Some(shard) = self.shard(account) {
            take(&mut shard.write().leaving, account, id);
        }
    }

    /// Sessions of the account that are over but have not left yet.
    pub fn leaving(&self, account: &BareJid) -> Resources {
        let shard = self.shard(account);
        shard.and_then(|shard| shard.read().leaving.get(account).cloned()).unwrap_or_default()
    }

    /// The account's sessions, in no particular order.
    pub fn of(&self, account: &BareJid) -> Resources {
        self.shard(account).and_then(|shard| shard.read().bound.get(account).cloned()).unwrap_or_default()
    }

    /// One of the account's sessions is like that.
    pub fn any(&self, account: &BareJid, is_like_that: impl FnMut(&Session) -> bool) -> bool {
        let Some(shard) = self.shard(account) else { return false };
        let shard = shard.read();
        shard.bound.get(account).is_some_and(|resources| resources.iter().any(is_like_that))
    }

    /// The account's sessions that get a message sent to its bare address (RFC 6121 section 8.5.2.1).
    pub fn takers(&self, account: &BareJid) -> Resources {
        let mut resources = self.of(account);
        resources.retain(|session| session.takes_messages());
        resources
    }

    /// The session with this full address.
    pub fn find(&self, jid: &FullJid) -> Option<Session> {
        let account = jid.clone().into_bare();
        let shard = self.shard(&account)?.read();
        shard.bound.get(&account)?.iter().find(|session| session.jid() == jid).cloned()
    }

    /// Number of sessions.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// All sessions, collected shard by shard.
    pub fn all(&self) -> Vec<Session> {
        self.shards
            .iter()
            .flat_map(|shard| shard.read().bound.values().flatten().cloned().collect::<Vec<_>>())
            .collect()
    }

    fn shard(&self, account: &BareJid) -> Option<&RwLock<Shard>> {
        let hash = usize::try_from(self.hasher.hash_one(account) >> 32).unwrap_or_default();
        self.shards.get(hash % SHARDS)
    }
}

impl Shard {
    fn note_leaving(&mut self, session: Session) {
        self.leaving.entry(session.bare().clone()).or_default().push(session);
    }
}

fn take(
    sessions: &mut HashMap<BareJid, Resources, RandomState>,
    account: &BareJid,
    id: SessionId,
) -> Option<Session> {
    let resources = sessions.get_mut(account)?;
    let place = resources.iter().position(|session| session.id() == id)?;
    let session = resources.swap_remove(place);
    if resources.is_empty() {
        sessions.remove(account);
    }
    Some(session)
}
