//! Read this page to know who does what to a stanza, and in which order.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::ad_hoc_commands::AdHocCommands;
use super::archive::Archive;
use super::blocking_command::Blocklist;
use super::carbons::Carbons;
use super::client_state::ClientState;
use super::directory::DirectoryService;
use super::entity_caps::EntityCaps;
use super::last_activity::LastActivity;
use super::login_greeting::LoginGreeting;
use super::message_ids::MessageIds;
use super::notices::{Desk, NoticeParts, Notices, Pace};
use super::offline::Offline;
use super::own_password::OwnPassword;
use super::ping::Ping;
use super::presence::PresenceService;
use super::presence_watch::PresenceWatch;
use super::private_storage::PrivateStorage;
use super::pubsub::{Pubsub, PubsubParts};
use super::roster::{RosterService, Subscriptions};
use super::search::Search;
use super::service_discovery::ServiceDiscovery;
use super::sign_on::{Link, SignOn};
use super::sms_relay::SmsRelay;
use super::software_version::SoftwareVersion;
use super::time::EntityTime;
use super::vcard_temp::Cards;
use super::visibility::Visibility;
use crate::clock::Clock;
use crate::organization::catalogue::Catalogue;
use crate::organization::directory::Directory;
use crate::organization::pictures::Pictures;
use crate::routing::accounts::Passwords;
use crate::routing::audience::Audience;
use crate::routing::capabilities::Capabilities;
use crate::routing::commands::AdHocCommand;
use crate::routing::components::Components;
use crate::routing::contacts::Unblocked;
use crate::routing::router::Router;
use crate::routing::sessions::Sessions;
use crate::routing::stages::{IqHandler, Observer, Observers};
pub use crate::routing::steps::{IqTable, NamespaceClaimedTwice, Pipeline};
use crate::sign_on::Provider;
use crate::storage::applications::ApplicationStore;
use crate::storage::archive::ArchiveFallback;
use crate::storage::badges::BadgeStore;
use crate::storage::messages::MessageStore;
use crate::storage::notices::NoticeStore;
use crate::storage::relays::RelayStore;
use crate::storage::roster::RosterStore;
use crate::storage::{Database, StorageError};

mod discoverable;
mod members;

use discoverable::{caps_element, discoverable};
pub use members::Members;

/// What the modules work with.
#[derive(Clone)]
pub struct Parts {
    /// The server's domain.
    pub domain: String,
    /// Where everything is kept.
    pub database: Database,
    /// Tells the time.
    pub clock: Arc<Clock>,
    /// The organisation.
    pub directory: Arc<Directory>,
    /// Who is signed in.
    pub sessions: Arc<Sessions>,
    /// Components, for service discovery and texts.
    pub components: Components,
    /// Most messages that wait for one absent person.
    pub offline_messages: u64,
    /// How long a message for a phone waits for an absent gateway.
    pub phone_wait: Duration,
    /// What is archived for people who have not chosen.
    pub archive: ArchiveFallback,
    /// Passwords, for their owners.
    pub passwords: Arc<dyn Passwords>,
    /// The router that the pipeline is for.
    pub router: Router,
    /// Single sign-on, when it is switched on.
    pub sign_on: Option<Provider>,
    /// How fast each business system may ask.
    pub pace: Pace,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Parts").field("domain", &self.domain).finish_non_exhaustive()
    }
}

/// Why there is no pipeline.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The database does not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Two modules do the same.
    #[error(transparent)]
    Namespace(#[from] NamespaceClaimedTwice),
}

/// The pipeline, and the server's entity capabilities for the stream features (XEP-0115).
pub struct Built {
    /// All steps.
    pub pipeline: Pipeline,
    /// `<c/>`
    pub capabilities: Option<String>,
    /// Messages in the store, to be settled when the server stops.
    pub messages: Arc<MessageStore>,
    /// Notices of business systems, for the door that takes them in.
    pub notices: NoticeStore,
    /// What business systems ask for.
    pub desk: Desk,
    /// Numbers beside business systems, for the same door.
    pub badges: BadgeStore,
    /// What has to run in the background: pushes, and the notes of what was delivered.
    pub tasks: Vec<Task>,
}

/// Work that goes on in the background until it is dropped, and its name.
pub type Task = (&'static str, Pin<Box<dyn Future<Output = ()> + Send>>);

impl std::fmt::Debug for Built {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Built").field("pipeline", &self.pipeline).finish_non_exhaustive()
    }
}

/// Puts the server's features together.
///
/// # Errors
/// The database does not answer, or two modules claim one namespace.
#[allow(clippy::too_many_lines, reason = "the one page that names every feature, in order")]
pub async fn build(parts: Parts) -> Result<Built, PipelineError> {
    let Parts { domain, database, clock, directory, sessions, .. } = parts.clone();
    let members = Arc::new(Members { directory: Arc::clone(&directory), sessions: Arc::clone(&sessions) });
    let observers = Arc::new(Observers::default());
    let capabilities = Arc::new(Capabilities::default());
    let store = Arc::new(MessageStore::open(database.clone(), Arc::clone(&clock)).await?);
    let roster_store = || RosterStore::new(database.clone());

    let visibility = Arc::new(Visibility::open(&domain, Arc::clone(&directory), database.clone()).await?);
    let message_ids = Arc::new(MessageIds::new(Arc::clone(&store), domain.clone()));
    let blocklist = Arc::new(
        Blocklist::open(
            database.clone(),
            Arc::clone(&sessions),
            members.clone(),
            Arc::clone(&observers),
            domain.clone(),
        )
        .await?,
    );
    let entity_caps = Arc::new(EntityCaps::new(&domain, Arc::clone(&capabilities), Arc::clone(&observers)));
    let archive =
        Arc::new(Archive::open(Arc::clone(&store), members.clone(), domain.clone(), parts.archive).await?);
    let carbons = Arc::new(Carbons::new(Arc::clone(&sessions), members.clone(), domain.clone()));
    let audience = Arc::new(Audience::default());
    let presence = Arc::new(PresenceService::new(
        Arc::clone(&directory),
        Arc::clone(&sessions),
        roster_store(),
        Arc::clone(&audience),
        blocklist.clone(),
        Arc::clone(&observers),
    ));
    let client_state = Arc::new(ClientState);
    let waiting = parts.offline_messages;
    let offline = Arc::new(Offline::new(
        Arc::clone(&store),
        Arc::clone(&sessions),
        members.clone(),
        domain.clone(),
        waiting,
    ));
    let org = Arc::new(DirectoryService::new(&domain, Arc::clone(&directory), Arc::clone(&observers)));
    let watch = Arc::new(PresenceWatch::new(
        &domain,
        Arc::clone(&directory),
        Arc::clone(&sessions),
        blocklist.clone(),
    ));
    let roster =
        Arc::new(RosterService::new(Arc::clone(&directory), Arc::clone(&sessions), roster_store(), audience));
    let subscriptions = Arc::new(Subscriptions::new(&domain, Arc::clone(&roster)));
    let activity =
        Arc::new(LastActivity::new(Arc::clone(&clock), Arc::clone(&directory), Arc::clone(&sessions)));
    let pictures = Arc::new(Pictures::new(database.clone(), Arc::clone(&clock)));
    let pubsub = Arc::new(Pubsub::new(PubsubParts {
        database: database.clone(),
        sessions: Arc::clone(&sessions),
        accounts: members.clone(),
        contacts: Arc::new(Unblocked::new(members, blocklist.clone())),
        capabilities,
        clock: Arc::clone(&clock),
        pictures: Arc::clone(&pictures),
    }));
    let cards = Arc::new(Cards::new(Arc::clone(&directory), pictures, Arc::clone(&observers)));
    let (relays, notice_store) = (RelayStore::new(database.clone()), NoticeStore::new(database.clone()));
    notice_store.recover().await?;
    let texts = SmsRelay::new(
        &domain,
        Arc::clone(&directory),
        parts.components.clone(),
        Arc::clone(&store),
        Arc::clone(&sessions),
        (relays.clone(), parts.phone_wait),
    );
    let notices = Notices::new(NoticeParts {
        domain: domain.clone(),
        notices: notice_store.clone(),
        applications: ApplicationStore::new(database.clone()),
        pace: parts.pace.clone(),
        relays,
        messages: Arc::clone(&store),
        directory: Arc::clone(&directory),
        catalogue: Catalogue::new(database.clone()),
        sessions: Arc::clone(&sessions),
        components: parts.components.clone(),
        clock: Arc::clone(&clock),
        phone_wait: parts.phone_wait,
    });
    let mut tasks = background(&org, &watch, &roster, &store);
    tasks.push(("texts to phones", Box::pin(texts.clone().run())));
    let given_up = texts.clone().give_up(parts.router.clone(), Arc::clone(&clock));
    tasks.push(("texts that wait too long", Box::pin(given_up)));
    tasks.push(("notices", Box::pin(notices.clone().run(parts.router.clone()))));
    tasks.push(("progress of notices to components", Box::pin(notices.clone().tell())));
    let greeting = Arc::new(LoginGreeting::new(Arc::clone(&observers)));

    let badges = BadgeStore::new(database.clone());
    let entrances = parts.sign_on.clone().map(|provider| {
        let passwords = Arc::clone(&parts.passwords);
        Arc::new(SignOn::new(provider, Arc::clone(&sessions), passwords, badges.clone()))
    });
    let mut commands = commands(&parts, entrances.as_ref());
    commands.push(notices.decisions(parts.router.clone()));
    let found = discoverable(&domain, &parts.components.domains(), parts.sign_on.is_some(), &commands);
    let discovery = Arc::new(
        ServiceDiscovery::new(Arc::clone(&directory), pubsub.clone(), found).with_commands(commands.clone()),
    );
    let mut handlers: Vec<Arc<dyn IqHandler>> =
        vec![archive.clone(), blocklist.clone(), carbons.clone(), org.clone(), watch.clone(), roster.clone()];
    handlers.extend(small_handlers(&parts));
    handlers.push(texts.lookup(Arc::clone(&clock)));
    handlers.push(notices.requests());
    handlers.extend::<[Arc<dyn IqHandler>; 4]>([cards, activity.clone(), pubsub.clone(), discovery.clone()]);

    let mut told: Vec<Arc<dyn Observer>> = vec![
        entity_caps.clone(),
        activity,
        presence.clone(),
        org,
        watch,
        roster,
        pubsub,
        blocklist.clone(),
        archive.clone(),
        client_state.clone(),
        greeting,
        offline.clone(),
    ];
    if !commands.is_empty() {
        handlers.push(Arc::new(AdHocCommands::new(commands)));
    }
    if let Some(entrances) = entrances {
        tasks.push(("badges", Box::pin(Arc::clone(&entrances).tell_badges())));
        handlers.push(entrances.clone());
        told.push(entrances);
    }
    observers.fill(told.clone());
    let pipeline = Pipeline {
        accepting: vec![
            texts.arrival(),
            notices.acknowledged(),
            message_ids,
            visibility,
            blocklist,
            texts.wish(),
            entity_caps,
            archive,
            carbons,
            texts.dispatch(),
            notices.mailbox(),
            subscriptions,
            presence,
        ],
        delivering: vec![client_state],
        undelivered: vec![notices.fallback(), texts.fallback(), offline],
        iq: IqTable::new(handlers)?,
        observers: told,
    };
    let capabilities = discovery.caps().map(|(node, ver)| caps_element(node, ver));
    Ok(Built {
        pipeline,
        capabilities,
        messages: store,
        notices: notice_store,
        desk: notices.desk(),
        badges,
        tasks,
    })
}

fn background(
    org: &Arc<DirectoryService>,
    watch: &Arc<PresenceWatch>,
    roster: &Arc<RosterService>,
    store: &Arc<MessageStore>,
) -> Vec<Task> {
    let store = Arc::clone(store);
    vec![
        ("directory pushes", Box::pin(Arc::clone(org).run())),
        ("presence pushes", Box::pin(Arc::clone(watch).run())),
        ("roster pushes", Box::pin(Arc::clone(roster).run())),
        ("delivery notes", Box::pin(async move { store.keep_settling().await })),
    ]
}

/// Those that only answer.
fn small_handlers(parts: &Parts) -> Vec<Arc<dyn IqHandler>> {
    let directory = || Arc::clone(&parts.directory);
    vec![
        Arc::new(Ping),
        Arc::new(EntityTime::new(Arc::clone(&parts.clock))),
        Arc::new(SoftwareVersion::new(Box::new(|_| false))),
        Arc::new(Search::new(directory())),
        Arc::new(OwnPassword::new(Arc::clone(&parts.passwords), Arc::clone(&parts.sessions))),
        Arc::new(PrivateStorage::new(parts.database.clone(), "::".to_owned())),
    ]
}

/// What people may do with any client.
fn commands(parts: &Parts, entrances: Option<&Arc<SignOn>>) -> Vec<Arc<dyn AdHocCommand>> {
    let mut commands: Vec<Arc<dyn AdHocCommand>> = Vec::new();
    let gives_links = parts.sign_on.as_ref().is_some_and(Provider::gives_links);
    if let Some(entrances) = entrances.filter(|_| gives_links) {
        commands.push(Arc::new(Link(Arc::clone(entrances))));
    }
    commands
}

#[cfg(test)]
mod tests;
