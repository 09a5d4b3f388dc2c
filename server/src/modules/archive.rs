//! The message archive (XEP-0313): what goes in, and the requests that read it.

mod answer;
mod form;
mod preferences;
mod query;
mod request;

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use jid::{BareJid, Jid};
use parking_lot::Mutex;
use posthouse_protocol::wire::{Frame, StanzaKind};
use smallvec::SmallVec;
use tokio::sync::Semaphore;

use self::preferences::Preferences;
use crate::routing::accounts::LocalAccounts;
use crate::routing::forwarded::stanza_id;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::passage::{Origin, Passage};
use crate::routing::session::{Session, SessionId};
use crate::routing::stages::{Accept, AcceptStep, IqHandler, Observer, StepError};
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::StorageError;
use crate::storage::archive::{self, ArchiveFallback};
use crate::storage::messages::{ArchiveEntry, MessageStore, NewMessage, message_text};

/// `urn:xmpp:mam:2`
pub const NAMESPACE: &str = "urn:xmpp:mam:2";
/// What service discovery names, on accounts and on the server.
pub const FEATURES: &[&str] = &[NAMESPACE, "urn:xmpp:mam:2#extended", "urn:xmpp:sid:0"];

/// Queries that read the database at the same time, and that one session may have open.
const READERS: usize = 4;
const QUERIES_OF_SESSION: u32 = 16;

/// Every account's archive.
#[derive(Debug)]
pub struct Archive {
    store: Arc<MessageStore>,
    accounts: Arc<dyn LocalAccounts>,
    domain: String,
    preferences: Preferences,
    readers: Arc<Semaphore>,
    open_queries: Arc<Mutex<HashMap<SessionId, u32>>>,
}

impl Archive {
    /// An archive of the messages in `store`; `usual` is what is archived for people who have not chosen.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn open(
        store: Arc<MessageStore>,
        accounts: Arc<dyn LocalAccounts>,
        domain: String,
        usual: ArchiveFallback,
    ) -> Result<Self, StorageError> {
        let preferences = Preferences::new(archive::preferences(store.database()).await?, usual);
        Ok(Self {
            store,
            accounts,
            domain,
            preferences,
            readers: Arc::new(Semaphore::new(READERS)),
            open_queries: Arc::default(),
        })
    }

    /// What an accepted message means to the store; `None` when nothing is kept.
    fn new_message(&self, passage: &Passage) -> Option<NewMessage> {
        let traits = passage.traits;
        let (from, to) = (passage.sender.clone(), passage.receiver.clone());
        let is_ours = to.domain().as_str() == self.domain;
        let receiver = (is_ours && self.accounts.exists(&to)).then(|| to.clone());
        let is_service = to.domain().as_str().strip_suffix(&self.domain).is_some_and(|it| it.ends_with('.'));
        if receiver.is_none() && !is_service {
            // The sender gets an error: nobody has said anything to anybody.
            return None;
        }
        let mut entries = SmallVec::new();
        if traits.archive {
            // The gateway speaks for colleagues who write on the phone.
            let is_sender_ours = match &passage.origin {
                Origin::Session(_) => true,
                Origin::Component(_) => from.domain().as_str() == self.domain && self.accounts.exists(&from),
                Origin::Server => false,
            };
            if receiver.is_some() && self.wants(&to, &from) {
                entries.push(entry(&to, &passage.from, true));
            }
            if is_sender_ours && from != to && self.wants(&from, &to) {
                entries.push(entry(&from, &passage.to, false));
            }
        }
        let receiver = receiver.filter(|_| traits.store);
        if receiver.is_none() && entries.is_empty() {
            return None;
        }
        let origin = if traits.has_origin_id { origin_id(&passage.frame) } else { String::new() };
        let key = (!origin.is_empty())
            .then(|| self.store.origin_key(&from, &to, &origin, &message_text(&passage.frame)));
        Some(NewMessage { sender: from, receiver, origin, key, frame: passage.frame.clone(), entries })
    }

    fn wants(&self, owner: &BareJid, peer: &BareJid) -> bool {
        self.preferences.wants(owner, peer, |peer| self.accounts.exists(peer))
    }
}

fn origin_id(frame: &Frame) -> String {
    let origin = frame.child("origin-id", "urn:xmpp:sid:0");
    let origin = origin.and_then(|child| child.attribute("id")).map(|id| id.into_owned());
    origin.filter(|id| id.len() <= 256).unwrap_or_default()
}

fn entry(owner: &BareJid, peer: &Jid, is_incoming: bool) -> ArchiveEntry {
    let resource = peer.resource().map(|resource| resource.as_str().to_owned()).unwrap_or_default();
    ArchiveEntry { owner: owner.clone(), peer: peer.to_bare(), resource, is_incoming }
}

#[async_trait]
impl AcceptStep for Archive {
    fn concerns(&self, passage: &Passage) -> bool {
        let traits = passage.traits;
        passage.frame.kind() == StanzaKind::Message && (traits.archive || traits.store)
    }

    async fn accept(&self, passage: &mut Passage) -> Result<Accept, StepError> {
        let Some(message) = self.new_message(passage) else { return Ok(Accept::Continue) };
        let owners: SmallVec<[(BareJid, bool); 2]> =
            message.entries.iter().map(|entry| (entry.owner.clone(), entry.is_incoming)).collect();
        let waits = message.receiver.is_some();
        let (ticket, id) = self.store.store(message).await.map_err(StepError::of("archive"))?;
        passage.needs(ticket);
        passage.stored = waits.then_some(id);
        for (owner, is_incoming) in owners {
            if is_incoming {
                let child = stanza_id(&owner, &id.to_string());
                let frame = passage.frame.edit().append(&child).finish();
                passage.frame = frame;
            }
            passage.archive_ids.push((owner, id.to_string()));
        }
        Ok(Accept::Continue)
    }
}

#[async_trait]
impl IqHandler for Archive {
    fn namespaces(&self) -> &'static [&'static str] {
        &[NAMESPACE]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        match request.target {
            IqTarget::OwnAccount => {}
            IqTarget::Server | IqTarget::Account(_) => return Err(StanzaError::new(Condition::Forbidden)),
        }
        let Some(session) = request.session else { return Err(StanzaError::new(Condition::Forbidden)) };
        match (request.payload.name, request.is_set) {
            ("query", true) => self.start_query(session, &request),
            ("query", false) => Ok(form::answer()),
            ("metadata", false) => self.metadata(session.bare()).await,
            ("prefs", is_set) => self.handle_preferences(session.bare(), &request.payload, is_set).await,
            _ => Err(StanzaError::new(Condition::BadRequest)),
        }
    }
}

#[async_trait]
impl Observer for Archive {
    async fn session_closed(&self, session: &Session) {
        self.open_queries.lock().remove(&session.id());
    }
}

/// The database failed: the log has the cause.
fn failed(error: &StorageError) -> StanzaError {
    tracing::error!(%error, "the archive does not answer");
    StanzaError::new(Condition::InternalServerError)
}
