//! Keeps messages for absent receivers (XEP-0160) and hands them over, in order, before newer ones.

mod handover;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use async_trait::async_trait;
use jid::BareJid;
use parking_lot::Mutex;
use posthouse_protocol::wire::{Frame, StanzaKind};
use tokio::task::JoinHandle;

use crate::routing::accounts::LocalAccounts;
use crate::routing::passage::{MessageTraits, Origin, Passage};
use crate::routing::session::{Outgoing, Session, SessionId};
use crate::routing::sessions::Sessions;
use crate::routing::stages::{Observer, StepError, Undelivered, UndeliveredStep};
use crate::routing::stanza_error::{Condition, ErrorType, StanzaError};
use crate::storage::messages::{MessageStore, NewMessage};
use crate::storage::{StoredId, Ticket};

/// `msgoffline`, named by service discovery (XEP-0160 section 4).
pub const FEATURES: &[&str] = &["msgoffline"];

/// The offline store's steps. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Offline(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<MessageStore>,
    sessions: Arc<Sessions>,
    accounts: Arc<dyn LocalAccounts>,
    domain: String,
    most: u64,
    handovers: Mutex<HashMap<SessionId, Handover>>,
    /// Sessions that have what comes before stored messages.
    ready: Mutex<HashSet<SessionId>>,
}

/// A session that is being given what waits.
#[derive(Debug)]
struct Handover {
    account: BareJid,
    /// The newest write that came while it ran: what waits has to be read again behind it.
    again: Option<Ticket>,
    task: JoinHandle<()>,
}

impl Offline {
    /// At most `most` messages wait for one account.
    pub fn new(
        store: Arc<MessageStore>,
        sessions: Arc<Sessions>,
        accounts: Arc<dyn LocalAccounts>,
        domain: String,
        most: u64,
    ) -> Self {
        Self(Arc::new(Inner {
            store,
            sessions,
            accounts,
            domain,
            most,
            handovers: Mutex::default(),
            ready: Mutex::default(),
        }))
    }

    /// Hands over what waits, unless that is under way or the client wants no messages. A client for which
    /// nothing waits takes messages from this moment.
    fn start_handover(&self, session: &Session) {
        if session.intake_is_open() || !session.wants_messages() {
            return;
        }
        let account = session.bare();
        // What is parked meanwhile is settled behind this lock.
        let mut handovers = self.0.handovers.lock();
        if handovers.contains_key(&session.id()) {
            return;
        }
        let nothing_waits = self.0.store.waiting(account) == 0 && self.0.sessions.leaving(account).is_empty();
        if nothing_waits && put_kept(session, session.open_intake(|| self.0.store.newest())) {
            return;
        }
        // The task ends with the session's outbox at the latest.
        let task = tokio::spawn(handover::run(Arc::clone(&self.0), session.clone()));
        handovers.insert(session.id(), Handover { account: account.clone(), again: None, task });
    }
}

impl Inner {
    /// The row is in the queue of the writer, under `ticket`. Either a handover reads it behind that, or a
    /// session that takes messages gets it here and now, in the order of the sender's stanzas.
    fn settle_parked(&self, account: &BareJid, id: StoredId, frame: &Frame, ticket: Ticket) {
        let takers = {
            let mut handovers = self.handovers.lock();
            for handover in handovers.values_mut().filter(|handover| handover.account == *account) {
                handover.again = handover.again.max(Some(ticket));
            }
            self.sessions.takers(account)
        };
        if takers.is_empty() || !self.store.hand_over(account, id) {
            return;
        }
        let outgoing =
            Outgoing { bytes: frame.bytes().clone(), is_stanza: true, reroute: true, stored: Some(id) };
        let taken = takers.iter().filter(|session| session.put(outgoing.clone()).is_ok()).count();
        if taken == 0 {
            self.store.hand_back(account, id);
        }
    }

    /// Gives a message that is not stored to the clients which have yet to get what waits: they are there, only
    /// busy. False when there is none.
    fn leave_for_busy(&self, account: &BareJid, frame: &Frame) -> bool {
        let outgoing =
            Outgoing { bytes: frame.bytes().clone(), is_stanza: true, reroute: false, stored: None };
        let sessions = self.sessions.of(account);
        let busy = sessions.iter().filter(|session| session.wants_messages());
        // Every session gets its copy: no short circuit.
        busy.filter(|session| session.put_or_keep(outgoing.clone())).count() > 0
    }

    /// Stores a message that no earlier step has stored.
    async fn store_new(&self, passage: &Passage, account: &BareJid) -> Result<StoredId, StepError> {
        let message = NewMessage {
            sender: passage.sender.clone(),
            receiver: Some(account.clone()),
            origin: String::new(),
            key: None,
            frame: passage.frame.clone(),
            entries: smallvec::SmallVec::new(),
        };
        let (_, id) = self.store.store(message).await.map_err(StepError::of("offline"))?;
        Ok(id)
    }
}

#[async_trait]
impl UndeliveredStep for Offline {
    async fn take(&self, passage: &mut Passage) -> Result<Undelivered, StepError> {
        let account = passage.receiver.clone();
        let is_ours = account.domain().as_str() == self.0.domain && self.0.accounts.exists(&account);
        if passage.frame.kind() != StanzaKind::Message || !is_ours {
            return Ok(Undelivered::Pass);
        }
        let traits = MessageTraits::of(&passage.frame);
        if !traits.store && self.0.leave_for_busy(&account, &passage.frame) {
            return Ok(Undelivered::Taken("left for a busy client"));
        }
        if traits.is_fleeting() {
            // Typing that nobody sees is no failure to be told about.
            return Ok(Undelivered::Taken("dropped"));
        }
        if !traits.store {
            return Ok(Undelivered::Pass);
        }
        // Only what a client says now can be refused; what was accepted earlier is kept in any case.
        let is_new = !matches!(passage.origin, Origin::Server);
        if is_new && self.0.store.waiting(&account) >= self.0.most {
            if let Some(id) = passage.stored.take() {
                self.0.store.withdraw(&account, id).await.map_err(StepError::of("offline"))?;
            }
            let error = StanzaError::new(Condition::ResourceConstraint).with_type(ErrorType::Wait);
            return Ok(Undelivered::Refuse(error.with_text("too many messages wait for the receiver")));
        }
        let id = match passage.stored {
            Some(id) => id,
            None => self.0.store_new(passage, &account).await?,
        };
        let ticket = self.0.store.park(&account, id).await.map_err(StepError::of("offline"))?;
        passage.needs(ticket);
        self.0.settle_parked(&account, id, &passage.frame, ticket);
        Ok(Undelivered::Taken("stored"))
    }
}

#[async_trait]
impl Observer for Offline {
    async fn session_ready(&self, session: &Session) {
        self.0.ready.lock().insert(session.id());
        self.start_handover(session);
    }

    /// A client that turns unavailable gets what waits anew when it comes back; one that raises its priority
    /// from below zero gets it now.
    fn presence_changed(&self, session: &Session) {
        if !session.is_available() {
            self.0.ready.lock().remove(&session.id());
        }
        if !session.wants_messages() {
            // A handover that ends at this moment must not open it behind us.
            let _handovers = self.0.handovers.lock();
            session.close_intake();
        } else if self.0.ready.lock().contains(&session.id()) {
            self.start_handover(session);
        }
    }

    fn follows_deliveries(&self) -> bool {
        true
    }

    fn taken(&self, session: &Session, stored: &[StoredId]) {
        self.0.store.taken(session.bare(), stored);
    }

    async fn session_closed(&self, session: &Session) {
        self.0.ready.lock().remove(&session.id());
        let handover = self.0.handovers.lock().remove(&session.id());
        if let Some(handover) = handover
            && let Err(error) = handover.task.await
        {
            tracing::error!(%error, "a handover has failed");
        }
        if self.0.sessions.of(session.bare()).is_empty()
            && let Err(error) = self.0.store.park_all(session.bare()).await
        {
            tracing::error!(%error, "messages under way to a closed session cannot be stored");
        }
    }
}

/// Puts what others took while the client was becoming available. True when there was nothing: its intake is
/// open.
fn put_kept(session: &Session, kept: VecDeque<Outgoing>) -> bool {
    let is_open = kept.is_empty();
    for outgoing in kept {
        if session.put(outgoing).is_err() {
            tracing::debug!(session = session.id().0, "a client is gone before it was ready");
            return false;
        }
    }
    is_open
}
