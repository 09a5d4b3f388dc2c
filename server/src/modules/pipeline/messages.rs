//! The modules about messages, put together: ids, archive, offline store, copies, client state, blocking,
//! personal eventing, private storage.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::clock::Clock;
use crate::modules::archive::{self, Archive};
use crate::modules::blocklist::{self, Blocklist};
use crate::modules::carbons::{self, Carbons};
use crate::modules::client_state::ClientState;
use crate::modules::message_ids::MessageIds;
use crate::modules::offline::{self, Offline};
use crate::modules::private_storage::{self, PrivateStorage};
use crate::modules::pubsub::{self, Pubsub, PubsubParts};
use crate::organization::pictures::Pictures;
use crate::routing::accounts::{Blocking, Contacts, LocalAccounts, PersonalNodes};
use crate::routing::capabilities::Capabilities;
use crate::routing::sessions::Sessions;
use crate::routing::stages::{AcceptStep, DeliverStep, IqHandler, Observer, UndeliveredStep};
use crate::storage::archive::ArchiveFallback;
use crate::storage::messages::MessageStore;
use crate::storage::{Database, StorageError};

/// Most messages that wait for one absent receiver.
const MOST_WAITING: u64 = 10_000;

/// Work that goes on in the background until it is dropped, and its name.
pub type MessageTask = (&'static str, Pin<Box<dyn Future<Output = ()> + Send>>);

/// What these modules share with others.
#[derive(Clone)]
pub struct MessageParts {
    /// The server's domain.
    pub domain: String,
    /// Where everything is kept.
    pub database: Database,
    /// Tells the time.
    pub clock: Arc<Clock>,
    /// Who is signed in.
    pub sessions: Arc<Sessions>,
    /// Which addresses are accounts.
    pub accounts: Arc<dyn LocalAccounts>,
    /// Who sees whose presence.
    pub contacts: Arc<dyn Contacts>,
    /// What clients can do.
    pub capabilities: Arc<Capabilities>,
    /// Separates nested groups of the roster (XEP-0083).
    pub group_delimiter: String,
}

impl std::fmt::Debug for MessageParts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("MessageParts").field("domain", &self.domain).finish_non_exhaustive()
    }
}

/// The modules.
#[derive(Debug)]
pub struct Messages {
    store: Arc<MessageStore>,
    ids: Arc<MessageIds>,
    archive: Arc<Archive>,
    offline: Arc<Offline>,
    carbons: Arc<Carbons>,
    client_state: Arc<ClientState>,
    blocklist: Arc<Blocklist>,
    pubsub: Arc<Pubsub>,
    private: Arc<PrivateStorage>,
}

impl Messages {
    /// Makes them of these parts; what a crash left undelivered is put into the offline store.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn open(parts: MessageParts) -> Result<Self, StorageError> {
        let MessageParts { domain, database, clock, sessions, accounts, contacts, capabilities, .. } = parts;
        let store = Arc::new(MessageStore::open(database.clone(), Arc::clone(&clock)).await?);
        let archive =
            Archive::open(Arc::clone(&store), Arc::clone(&accounts), domain.clone(), ArchiveFallback::Always)
                .await?;
        let blocklist =
            Blocklist::open(database.clone(), Arc::clone(&sessions), Arc::clone(&contacts), domain.clone());
        let offline = Offline::new(
            Arc::clone(&store),
            Arc::clone(&sessions),
            Arc::clone(&accounts),
            domain.clone(),
            MOST_WAITING,
        );
        Ok(Self {
            ids: Arc::new(MessageIds::new(Arc::clone(&store), domain.clone())),
            archive: Arc::new(archive),
            offline: Arc::new(offline),
            carbons: Arc::new(Carbons::new(Arc::clone(&sessions), Arc::clone(&accounts), domain)),
            client_state: Arc::default(),
            blocklist: Arc::new(blocklist.await?),
            private: Arc::new(PrivateStorage::new(database.clone(), parts.group_delimiter)),
            pubsub: Arc::new(Pubsub::new(PubsubParts {
                pictures: Arc::new(Pictures::new(database.clone(), Arc::clone(&clock))),
                database,
                sessions,
                accounts,
                contacts,
                capabilities,
                clock,
            })),
            store,
        })
    }

    /// The very first steps: who is blocked is not heard.
    pub fn first(&self) -> Vec<Arc<dyn AcceptStep>> {
        vec![self.blocklist.clone()]
    }

    /// Steps behind all that may refuse a message: what comes to the archive has been said.
    pub fn accepting(&self) -> Vec<Arc<dyn AcceptStep>> {
        vec![self.ids.clone(), self.archive.clone(), self.carbons.clone()]
    }

    /// Before a copy goes to one session.
    pub fn delivering(&self) -> Vec<Arc<dyn DeliverStep>> {
        vec![self.client_state.clone()]
    }

    /// When nobody took a message; the last of these steps.
    pub fn undelivered(&self) -> Vec<Arc<dyn UndeliveredStep>> {
        vec![self.offline.clone()]
    }

    /// Who answers.
    pub fn handlers(&self) -> Vec<Arc<dyn IqHandler>> {
        vec![
            self.archive.clone(),
            self.carbons.clone(),
            self.blocklist.clone(),
            self.pubsub.clone(),
            self.private.clone(),
        ]
    }

    /// Who is told.
    pub fn observers(&self) -> Vec<Arc<dyn Observer>> {
        vec![
            self.offline.clone(),
            self.client_state.clone(),
            self.archive.clone(),
            self.blocklist.clone(),
            self.pubsub.clone(),
        ]
    }

    /// Who has blocked whom.
    pub fn blocking(&self) -> Arc<dyn Blocking> {
        self.blocklist.clone()
    }

    /// What accounts publish, for service discovery.
    pub fn personal_nodes(&self) -> Arc<dyn PersonalNodes> {
        self.pubsub.clone()
    }

    /// Features of the server's domain.
    pub fn server_features() -> impl Iterator<Item = &'static str> {
        let own = [blocklist::NAMESPACE, private_storage::NAMESPACE];
        carbons::FEATURES.iter().chain(archive::FEATURES).chain(offline::FEATURES).copied().chain(own)
    }

    /// Features of every account.
    pub fn account_features() -> impl Iterator<Item = &'static str> {
        carbons::FEATURES.iter().chain(archive::FEATURES).chain(pubsub::FEATURES).copied()
    }

    /// What has to run in the background.
    pub fn tasks(&self) -> Vec<MessageTask> {
        let store = Arc::clone(&self.store);
        vec![("delivery notes", Box::pin(async move { store.keep_settling().await }))]
    }

    /// Writes down what was delivered; at the end, when all sessions are closed.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn settle(&self) -> Result<(), StorageError> {
        self.store.settle().await
    }
}
