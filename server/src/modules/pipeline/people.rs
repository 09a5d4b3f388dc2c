//! The modules about people, put together: directory, presence, roster, cards, search, discovery.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::clock::Clock;
use crate::modules::directory::DirectoryService;
use crate::modules::entity_caps::EntityCaps;
use crate::modules::last_activity::LastActivity;
use crate::modules::login_greeting::LoginGreeting;
use crate::modules::presence::PresenceService;
use crate::modules::presence_watch::PresenceWatch;
use crate::modules::roster::{RosterService, Subscriptions};
use crate::modules::search::Search;
use crate::modules::time::EntityTime;
use crate::modules::vcard::Cards;
use crate::modules::version::{IsAdministrator, SoftwareVersion};
use crate::modules::visibility::Visibility;
use crate::organization::directory::Directory;
use crate::organization::pictures::Pictures;
use crate::routing::accounts::Blocking;
use crate::routing::audience::Audience;
use crate::routing::capabilities::Capabilities;
use crate::routing::sessions::Sessions;
use crate::routing::stages::{AcceptStep, IqHandler, Observer, Observers};
use crate::storage::Database;
use crate::storage::roster::RosterStore;

/// What these modules share with others.
#[derive(Clone)]
pub struct PeopleParts {
    /// The server's domain.
    pub domain: String,
    /// The organisation.
    pub directory: Arc<Directory>,
    /// Who is signed in.
    pub sessions: Arc<Sessions>,
    /// Where own contacts and pictures are kept.
    pub database: Database,
    /// Tells the time.
    pub clock: Arc<Clock>,
    /// Who is told; filled once all modules exist.
    pub observers: Arc<Observers>,
    /// What clients can do.
    pub capabilities: Arc<Capabilities>,
    /// Which standard clients are shown whose presence.
    pub audience: Arc<Audience>,
    /// Who has blocked whom.
    pub blocking: Arc<dyn Blocking>,
}

impl std::fmt::Debug for PeopleParts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PeopleParts").field("domain", &self.domain).finish_non_exhaustive()
    }
}

/// The modules.
#[derive(Debug)]
pub struct People {
    directory: Arc<DirectoryService>,
    watch: Arc<PresenceWatch>,
    presence: Arc<PresenceService>,
    roster: Arc<RosterService>,
    subscriptions: Arc<Subscriptions>,
    caps: Arc<EntityCaps>,
    greeting: Arc<LoginGreeting>,
    visibility: Arc<Visibility>,
    activity: Arc<LastActivity>,
    cards: Arc<Cards>,
    search: Arc<Search>,
    version: Arc<SoftwareVersion>,
    time: Arc<EntityTime>,
}

/// Work that goes on in the background until it is dropped, and its name.
pub type Task = (&'static str, Pin<Box<dyn Future<Output = ()> + Send>>);

impl People {
    /// Makes them of these parts.
    pub fn new(parts: PeopleParts, is_administrator: IsAdministrator) -> Self {
        let PeopleParts { domain, directory, sessions, database, clock, observers, .. } = parts;
        let PeopleParts { capabilities, audience, blocking, .. } = parts;
        let store = RosterStore::new(database.clone());
        let people = || Arc::clone(&directory);
        let pictures = Arc::new(Pictures::new(database, Arc::clone(&clock)));
        let roster = Arc::new(RosterService::new(people(), Arc::clone(&sessions), store.clone()));
        Self {
            directory: Arc::new(DirectoryService::new(&domain, people(), Arc::clone(&observers))),
            watch: Arc::new(PresenceWatch::new(&domain, people(), Arc::clone(&sessions))),
            presence: Arc::new(PresenceService::new(
                people(),
                Arc::clone(&sessions),
                store,
                Arc::clone(&audience),
                blocking,
                Arc::clone(&observers),
            )),
            subscriptions: Arc::new(Subscriptions::new(&domain, people(), Arc::clone(&roster), audience)),
            roster,
            caps: Arc::new(EntityCaps::new(&domain, capabilities, Arc::clone(&observers))),
            cards: Arc::new(Cards::new(people(), pictures, Arc::clone(&observers))),
            greeting: Arc::new(LoginGreeting::new(observers)),
            visibility: Arc::new(Visibility::new(&domain, people())),
            activity: Arc::new(LastActivity::new(Arc::clone(&clock), people(), sessions)),
            search: Arc::new(Search::new(people())),
            version: Arc::new(SoftwareVersion::new(is_administrator)),
            time: Arc::new(EntityTime::new(clock)),
        }
    }

    /// Steps that come before those of messages: who may reach whom, then what presence is taken here.
    pub fn accepting(&self) -> Vec<Arc<dyn AcceptStep>> {
        vec![self.visibility.clone(), self.caps.clone(), self.subscriptions.clone(), self.presence.clone()]
    }

    /// Who answers; service discovery is made of the namespaces of all handlers and stands apart.
    pub fn handlers(&self) -> Vec<Arc<dyn IqHandler>> {
        vec![
            self.directory.clone(),
            self.watch.clone(),
            self.roster.clone(),
            self.activity.clone(),
            self.cards.clone(),
            self.search.clone(),
            self.version.clone(),
            self.time.clone(),
        ]
    }

    /// Who is told. Presence is first: the end of a session is announced before its traces go.
    pub fn observers(&self) -> Vec<Arc<dyn Observer>> {
        vec![
            self.presence.clone(),
            self.watch.clone(),
            self.roster.clone(),
            self.directory.clone(),
            self.caps.clone(),
            self.greeting.clone(),
            self.activity.clone(),
        ]
    }

    /// What has to run in the background: pushes.
    pub fn tasks(&self) -> Vec<Task> {
        vec![
            ("directory pushes", Box::pin(Arc::clone(&self.directory).run())),
            ("presence pushes", Box::pin(Arc::clone(&self.watch).run())),
            ("roster pushes", Box::pin(Arc::clone(&self.roster).run())),
        ]
    }
}

#[cfg(test)]
mod tests;
