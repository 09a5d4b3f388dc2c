//! Blocking (XEP-0191): who is blocked is neither heard nor spoken to, and sees nothing of it.

mod requests;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use jid::{BareJid, Jid};
use parking_lot::{Mutex, RwLock};
use posthouse_protocol::wire::StanzaKind;

use crate::routing::accounts::{Blocking, Contacts};
use crate::routing::passage::{MessageType, Origin, Passage};
use crate::routing::session::{Session, SessionId};
use crate::routing::sessions::Sessions;
use crate::routing::stages::{Accept, AcceptStep, Observer, Observers, StepError};
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::blocklist::all_blocked;
use crate::storage::{Database, StorageError};

/// `urn:xmpp:blocking`
pub const NAMESPACE: &str = "urn:xmpp:blocking";

type Blocked = HashMap<BareJid, BTreeSet<String>>;

/// What everybody has blocked; few have blocked anybody.
pub struct Blocklist {
    database: Database,
    sessions: Arc<Sessions>,
    contacts: Arc<dyn Contacts>,
    observers: Arc<Observers>,
    domain: String,
    blocked: RwLock<Blocked>,
    /// Serialises changes.
    changing: tokio::sync::Mutex<()>,
    /// Sessions that have asked for their list and get pushes.
    interested: Mutex<HashSet<SessionId>>,
}

impl std::fmt::Debug for Blocklist {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Blocklist").finish_non_exhaustive()
    }
}

impl Blocklist {
    /// Reads all lists.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn open(
        database: Database,
        sessions: Arc<Sessions>,
        contacts: Arc<dyn Contacts>,
        observers: Arc<Observers>,
        domain: String,
    ) -> Result<Self, StorageError> {
        let mut blocked = Blocked::new();
        for (owner, address) in all_blocked(&database).await? {
            blocked.entry(owner).or_default().insert(address);
        }
        Ok(Self {
            database,
            sessions,
            contacts,
            observers,
            domain,
            blocked: RwLock::new(blocked),
            changing: tokio::sync::Mutex::new(()),
            interested: Mutex::default(),
        })
    }

    fn refuse_outgoing(&self, passage: &Passage) -> Accept {
        let is_asking = match passage.frame.kind() {
            StanzaKind::Iq => matches!(passage.frame.type_().as_deref(), Some("get" | "set")),
            StanzaKind::Message => passage.traits.message_type != MessageType::Error,
            StanzaKind::Presence | StanzaKind::Nonza => true,
        };
        if !is_asking {
            return Accept::Taken;
        }
        let error = StanzaError::new(Condition::NotAcceptable)
            .with_type(crate::routing::stanza_error::ErrorType::Cancel)
            .with_application("blocked", "urn:xmpp:blocking:errors");
        Accept::Reject(error)
    }

    /// As if the account were not there (section 3.3).
    fn refuse_incoming(passage: &Passage) -> Accept {
        let refusal = Accept::Reject(StanzaError::new(Condition::ServiceUnavailable));
        match (passage.frame.kind(), passage.frame.type_().as_deref()) {
            (StanzaKind::Iq, Some("get" | "set")) => refusal,
            (StanzaKind::Message, Some("error" | "headline" | "groupchat")) => Accept::Taken,
            (StanzaKind::Message, _) => refusal,
            (StanzaKind::Iq | StanzaKind::Presence | StanzaKind::Nonza, _) => Accept::Taken,
        }
    }
}

impl Blocking for Blocklist {
    fn has_blocked(&self, account: &BareJid, other: &Jid) -> bool {
        let blocked = self.blocked.read();
        let Some(list) = blocked.get(account) else { return false };
        // Section 5.1: full, bare, domain with resource, domain.
        let domain = other.domain().as_str();
        list.contains(other.as_str())
            || list.contains(other.to_bare().as_str())
            || list.contains(domain)
            || other.resource().is_some_and(|resource| list.contains(&format!("{domain}/{resource}")))
    }

    fn are_apart(&self, one: &BareJid, other: &BareJid) -> bool {
        let blocked = self.blocked.read();
        let has = |owner: &BareJid, whom: &BareJid| {
            blocked
                .get(owner)
                .is_some_and(|list| list.contains(whom.as_str()) || list.contains(whom.domain().as_str()))
        };
        !blocked.is_empty() && (has(one, other) || has(other, one))
    }
}

#[async_trait]
impl AcceptStep for Blocklist {
    fn concerns(&self, _passage: &Passage) -> bool {
        !self.blocked.read().is_empty()
    }

    async fn accept(&self, passage: &mut Passage) -> Result<Accept, StepError> {
        let (sender, receiver) = (&passage.sender, &passage.receiver);
        if sender == receiver {
            return Ok(Accept::Continue);
        }
        if matches!(passage.origin, Origin::Session(_)) && self.has_blocked(sender, &passage.to) {
            return Ok(self.refuse_outgoing(passage));
        }
        if receiver.domain().as_str() == self.domain && self.has_blocked(receiver, &passage.from) {
            return Ok(Self::refuse_incoming(passage));
        }
        Ok(Accept::Continue)
    }
}

#[async_trait]
impl Observer for Blocklist {
    async fn session_closed(&self, session: &Session) {
        self.interested.lock().remove(&session.id());
    }
}
