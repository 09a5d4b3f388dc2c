//! The roster (RFC 6121 section 2): made from the organisation for standard clients, with the names and groups
//! that users have given; only the user's own items for clients that read the directory.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use jid::BareJid;
use parking_lot::Mutex;
use posthouse_protocol::error_code::{self, ErrorCode};
use posthouse_protocol::wire::escape;
use xmpp_parsers::roster::{Item, Roster, Subscription};

use crate::organization::directory::Directory;
use crate::routing::audience::Audience;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::session::{Session, SessionId};
use crate::routing::sessions::Sessions;
use crate::routing::stages::{IqHandler, Observer};
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::StorageError;
use crate::storage::roster::{RosterItem, RosterStore};
use shared::{SharedItems, SharedLists};

mod shared;
mod sight;
mod subscriptions;
mod updates;

pub use subscriptions::Subscriptions;

/// Namespace of rosters.
pub const NAMESPACE: &str = "jabber:iq:roster";

/// Separates the departments of a group name (XEP-0083); `modules/private_storage` answers with it until the
/// user stores another.
pub const DELIMITER: &str = "::";

/// Most items of a user's own.
const OWN_ITEMS: usize = 2_000;

/// Most groups of an item, most bytes of a group's or contact's name.
const GROUPS: usize = 20;
const NAME_BYTES: usize = 1_000;

/// The roster service.
#[derive(Debug)]
pub struct RosterService {
    directory: Arc<Directory>,
    sessions: Arc<Sessions>,
    store: RosterStore,
    audience: Arc<Audience>,
    lists: SharedLists,
    /// What sessions with a made roster have been sent.
    readers: Mutex<HashMap<SessionId, (Session, Arc<SharedItems>)>>,
}

impl RosterService {
    /// The service over these.
    pub fn new(
        directory: Arc<Directory>,
        sessions: Arc<Sessions>,
        store: RosterStore,
        audience: Arc<Audience>,
    ) -> Self {
        let lists = SharedLists::new(Arc::clone(&directory));
        Self { directory, sessions, store, audience, lists, readers: Mutex::default() }
    }

    async fn own_items(&self, account: &BareJid) -> Result<Vec<RosterItem>, StanzaError> {
        self.store.items_of(account.clone()).await.map_err(failed)
    }

    async fn read(&self, session: &Session, known: Option<String>) -> Result<IqAnswer, StanzaError> {
        let own = self.own_items(session.bare()).await?;
        let shared = if session.switches().directory.load(Ordering::Acquire) {
            Arc::new(SharedItems::default())
        } else {
            self.lists.of(session.bare())
        };
        let version = format!("{:x}-{}", shared.fingerprint(), fingerprint(&own));
        self.readers.lock().insert(session.id(), (session.clone(), Arc::clone(&shared)));
        session.switches().roster.store(true, Ordering::Release);
        // RFC 6121 section 2.6.2: an empty result when the client's version is the newest.
        if known.as_ref() == Some(&version) {
            return Ok(IqAnswer::Empty);
        }
        let attribute = if known.is_some() { format!(" ver='{}'", escape(&version)) } else { String::new() };
        let mut query = format!("<query xmlns='{NAMESPACE}'{attribute}>").into_bytes();
        for (contact, item) in shared.items() {
            let is_own = own.binary_search_by(|other| other.contact.cmp(contact)).is_ok();
            if !is_own && contact != session.bare() {
                query.extend(item.as_bytes());
            }
        }
        for item in &own {
            query.extend(self.written(session.bare(), item).into_bytes());
        }
        query.extend(b"</query>");
        Ok(IqAnswer::Payload(query))
    }

    /// An own item as the client sees it: a colleague's departments stand in for groups that were not given.
    fn written(&self, account: &BareJid, item: &RosterItem) -> String {
        let person = self.directory.person_for(account, &item.contact);
        let is_colleague = self.directory.is_colleague(account, &item.contact);
        let name = if item.name.is_empty() {
            person.as_ref().map(|person| person.name.clone()).unwrap_or_default()
        } else {
            item.name.clone()
        };
        let groups = match person.filter(|_| item.groups.is_empty() && is_colleague) {
            Some(person) => shared::groups_of(&self.directory, &person),
            None => item.groups.clone(),
        };
        let subscription = if is_colleague || item.subscribed { "both" } else { "none" };
        shared::item(&item.contact, &name, &groups, subscription)
    }

    async fn change(&self, session: &Session, roster: Roster) -> Result<IqAnswer, StanzaError> {
        let [item] =
            <[Item; 1]>::try_from(roster.items).map_err(|_| StanzaError::new(Condition::BadRequest))?;
        if item.subscription == Subscription::Remove {
            return self.remove(session, item.jid).await;
        }
        let item = self.checked(session.bare(), item).await?;
        self.store.put(session.bare().clone(), item.clone()).await.map_err(failed)?;
        self.push_to_account(session.bare(), &self.written(session.bare(), &item));
        Ok(IqAnswer::Empty)
    }

    async fn checked(&self, account: &BareJid, item: Item) -> Result<RosterItem, StanzaError> {
        let groups: Vec<String> = item.groups.into_iter().map(|group| group.0).collect();
        let name = item.name.unwrap_or_default();
        let is_long = |text: &String| text.len() > NAME_BYTES;
        // RFC 6121 section 2.3.3.
        if groups.len() > GROUPS
            || groups.iter().any(|group| group.is_empty() || is_long(group))
            || is_long(&name)
        {
            return Err(StanzaError::new(Condition::NotAcceptable));
        }
        if item.jid == *account {
            return Err(StanzaError::new(Condition::NotAllowed));
        }
        let own = self.own_items(account).await?;
        let known = own.iter().find(|other| other.contact == item.jid);
        if known.is_none() && own.len() >= OWN_ITEMS {
            return Err(StanzaError::new(Condition::ResourceConstraint));
        }
        let subscribed = known.is_some_and(|known| known.subscribed);
        Ok(RosterItem { contact: item.jid, name, groups, subscribed })
    }

    /// A colleague's entry goes back to what the organisation makes of it; when it is that already, the client
    /// is told so, and no push comes that would make it try again.
    async fn remove(&self, session: &Session, contact: BareJid) -> Result<IqAnswer, StanzaError> {
        let account = session.bare();
        let was_subscribed =
            self.own_items(account).await?.iter().any(|own| own.contact == contact && own.subscribed);
        let was_own = self.store.remove(account.clone(), contact.clone()).await.map_err(failed)?;
        if !was_own && self.directory.is_colleague(account, &contact) {
            return Err(StanzaError::new(Condition::NotAllowed)
                .with_application(ErrorCode::SharedContact.name(), error_code::NAMESPACE));
        }
        if !was_own {
            return Err(StanzaError::new(Condition::ItemNotFound));
        }
        self.push_without_own(account, &contact);
        if was_subscribed && !self.directory.is_colleague(account, &contact) {
            self.end_showing(account, &contact);
        }
        Ok(IqAnswer::Empty)
    }
}

fn fingerprint(own: &[RosterItem]) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    own.hash(&mut hasher);
    format!("{:x}", hasher.finish())
}

fn failed(error: StorageError) -> StanzaError {
    tracing::error!(%error, "the roster cannot be read or written");
    StanzaError::new(Condition::InternalServerError)
}

#[async_trait]
impl IqHandler for RosterService {
    fn namespaces(&self) -> &'static [&'static str] {
        &[NAMESPACE]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        let Some(session) = request.session else {
            return Err(StanzaError::new(Condition::Forbidden));
        };
        if matches!(request.target, IqTarget::Account(_)) {
            return Err(StanzaError::new(Condition::Forbidden));
        }
        let roster: Roster = request.parse()?;
        if request.is_set { self.change(session, roster).await } else { self.read(session, roster.ver).await }
    }
}

#[async_trait]
impl Observer for RosterService {
    async fn session_closed(&self, session: &Session) {
        self.readers.lock().remove(&session.id());
    }
}

#[cfg(test)]
mod tests;
