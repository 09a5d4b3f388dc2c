//! The provider of single sign-on: the rules of `posthouse-sign-on` with what this server keeps, knows and signs with.
//! The doors ask it; it opens none itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jid::BareJid;
use parking_lot::Mutex;
use posthouse_protocol::organization::PersonStatus;
use posthouse_sign_on::issuer::Issuer;
use posthouse_sign_on::keys::KeyRing;
use posthouse_sign_on::moment::{Lifetimes, Moment};
use posthouse_sign_on::person::Person;
use posthouse_sign_on::refusal::Refusal;
use posthouse_sign_on::relying_party::RelyingParty;
use posthouse_sign_on::secret::{Digest, Random};
use posthouse_sign_on::session::SignedIn;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::findings::Finding;
use crate::organization::directory::Directory;
use crate::outbound::Outbound;
use crate::storage::StorageError;
use crate::storage::accounts::AccountRow;
use crate::storage::sign_on::{Ended, FoundSession, RefusalRow, SignOnStore};

mod key_file;
mod proofs;
pub mod registration;
mod telling;
#[cfg(test)]
pub(crate) mod testing;

use registration::trial::Trial;

pub use key_file::{FILE as KEY_FILE, KeyFile, KeyFileError};

/// How often is looked for sessions whose time is up.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// Refusals of nobody in particular that are kept in a minute.
const STRANGERS_A_MINUTE: u32 = 30;

/// Everything single sign-on works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Provider(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    issuer: Issuer,
    lifetimes: Lifetimes,
    links: bool,
    domain: String,
    store: SignOnStore,
    directory: Arc<Directory>,
    clock: Arc<Clock>,
    keys: KeyFile,
    outbound: Outbound,
    authority: PathBuf,
    due: Notify,
    farewells: Notify,
    strangers: Mutex<Strangers>,
    proofs: Mutex<proofs::Proofs>,
}

/// Refusals of nobody in particular in the minute that began then.
#[derive(Debug, Default)]
struct Strangers {
    since: Moment,
    noted: u32,
}

/// What a provider is made of.
#[derive(Debug)]
pub struct ProviderParts {
    /// Its address.
    pub issuer: Issuer,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// Other clients than the app get links for browsers.
    pub links: bool,
    /// The server's domain.
    pub domain: String,
    /// What it keeps.
    pub store: SignOnStore,
    /// The organisation.
    pub directory: Arc<Directory>,
    /// Tells the time.
    pub clock: Arc<Clock>,
    /// What it signs with.
    pub keys: KeyFile,
    /// Its way to systems.
    pub outbound: Outbound,
    /// Where the server's own authority lies, for configurations of systems.
    pub authority: PathBuf,
}

impl Provider {
    /// A provider.
    pub fn new(parts: ProviderParts) -> Self {
        let ProviderParts { issuer, lifetimes, links, domain, store, .. } = parts;
        let ProviderParts { directory, clock, keys, outbound, authority, .. } = parts;
        let (due, farewells) = (Notify::new(), Notify::new());
        Self(Arc::new(Inner {
            issuer,
            lifetimes,
            links,
            domain,
            store,
            directory,
            clock,
            keys,
            outbound,
            authority,
            due,
            farewells,
            strangers: Mutex::default(),
            proofs: Mutex::default(),
        }))
    }

    /// Its address.
    pub fn issuer(&self) -> &Issuer {
        &self.0.issuer
    }

    /// The organisation.
    pub fn directory(&self) -> &Directory {
        &self.0.directory
    }

    /// The server's domain.
    pub fn domain(&self) -> &str {
        &self.0.domain
    }

    /// How long things live.
    pub fn lifetimes(&self) -> &Lifetimes {
        &self.0.lifetimes
    }

    /// Other clients than the app get links for browsers.
    pub fn gives_links(&self) -> bool {
        self.0.links
    }

    /// Where the server's own authority lies, for configurations of systems.
    pub fn authority(&self) -> &Path {
        &self.0.authority
    }

    /// What is found at a system, each with what it is about.
    pub(crate) async fn try_out(
        &self,
        party: &RelyingParty,
        all: &[RelyingParty],
    ) -> Vec<(&'static str, Finding)> {
        let (outbound, issuer) = (&self.0.outbound, &self.0.issuer);
        Trial { outbound, issuer, ring: &self.ring(), now: self.now() }.run(party, all).await
    }

    /// What it keeps.
    pub fn store(&self) -> &SignOnStore {
        &self.0.store
    }

    /// The time.
    pub fn now(&self) -> Moment {
        Moment(self.0.clock.now().seconds())
    }

    /// The keys in force.
    pub fn ring(&self) -> Arc<KeyRing> {
        self.0.keys.ring()
    }

    /// Makes keys that are due and forgets those that are over.
    ///
    /// # Errors
    /// They cannot be made or written.
    pub fn turn_keys(&self) -> Result<(), KeyFileError> {
        self.0.keys.turn(self.now())
    }

    /// A source of randomness for one request.
    ///
    /// # Errors
    /// The system gives none.
    pub fn random(&self) -> Result<Random, StorageError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_| StorageError::NoRandomness)?;
        Ok(Random::new(seed))
    }

    /// The person of an account, when it is live.
    pub fn person(&self, account: &AccountRow) -> Option<Person> {
        if account.disabled {
            return None;
        }
        let address = BareJid::new(&format!("{}@{}", account.login, self.0.domain)).ok()?;
        let person = self.0.directory.person(&address)?;
        if person.status == PersonStatus::Disabled {
            return None;
        }
        let mut posts: Vec<_> = person.posts.iter().collect();
        posts.sort_by_key(|post| !post.primary);
        let departments =
            posts.iter().map(|post| self.0.directory.department_path(&post.department).join("/"));
        Some(Person {
            subject: person.id.clone(),
            login: account.login.clone(),
            name: person.name.clone(),
            email: person.email.clone().filter(|mail| !mail.is_empty()),
            phone: person.mobile.clone().filter(|mobile| !mobile.is_empty()),
            title: posts.first().and_then(|post| post.title.clone()).filter(|title| !title.is_empty()),
            departments: departments.collect(),
            tags: account.tags.clone(),
            roles: Some(account.role.clone()).filter(|role| !role.is_empty()).into_iter().collect(),
        })
    }

    /// The person of a login, when the account is live.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn person_of(&self, login: &str) -> Result<Option<Person>, StorageError> {
        let account = self.0.store.account(login.to_owned()).await?;
        Ok(account.and_then(|account| self.person(&account)))
    }

    /// What the value of a session's cookie leads to.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn session(&self, cookie: Option<&str>) -> Result<Option<SignedIn>, StorageError> {
        match cookie {
            None => Ok(None),
            Some(cookie) => self.session_of(Digest::of(cookie)).await,
        }
    }

    /// The session with this hash.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn session_of(&self, child: Digest) -> Result<Option<SignedIn>, StorageError> {
        let found = self.0.store.session(child).await?;
        Ok(found.map(|FoundSession { child, parent, account }| SignedIn {
            proofs: self.proofs_of(child.cookie),
            child,
            parent,
            person: account.and_then(|account| self.person(&account)),
        }))
    }

    /// Notes a refusal for the administrator, who alone learns the reason.
    pub async fn note_refusal(&self, refusal: Refusal, party: &str, login: &str) {
        tracing::info!(reason = refusal.code(), party, login, "single sign-on is refused");
        self.note_trouble(party, login, refusal.to_string()).await;
    }

    /// Notes what a system got instead of what it asked for; no secret may stand in the sentence.
    pub async fn note_trouble(&self, party: &str, login: &str, sentence: String) {
        if !login.is_empty() || self.notes_a_stranger() {
            self.note(party, login, sentence).await;
        }
    }

    /// Whoever makes many requests in nobody's name fills neither the disk with them nor the administrator's list.
    fn notes_a_stranger(&self) -> bool {
        let (mut strangers, now) = (self.0.strangers.lock(), self.now());
        if now.since(strangers.since) >= 60 {
            *strangers = Strangers { since: now, noted: 0 };
        }
        strangers.noted = strangers.noted.saturating_add(1);
        strangers.noted <= STRANGERS_A_MINUTE
    }

    /// Notes a sentence for the administrator.
    async fn note(&self, party: &str, login: &str, reason: String) {
        let row = RefusalRow {
            time: self.now().0,
            party: party.chars().take(64).collect(),
            login: login.chars().take(64).collect(),
            reason,
        };
        if let Err(error) = self.0.store.note_refusal(row).await {
            tracing::error!(%error, "a refusal cannot be noted");
        }
    }

    /// Ends all sessions of a person, or those of one app, at once: from now on their cookies lead nowhere.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn end_all(
        &self,
        login: &str,
        instance: Option<String>,
        reason: &'static str,
    ) -> Result<(), StorageError> {
        self.0.store.mark_ending(login.to_owned(), instance, reason).await?;
        self.end_now();
        Ok(())
    }

    /// Sessions may be due, which is looked for at once.
    pub fn end_now(&self) {
        self.0.due.notify_one();
    }

    /// Before the doors open: the streams of before the last start are gone, and their apps have the usual time to come
    /// back.
    pub async fn begin(&self) {
        if let Err(error) = self.0.store.note_all_gone(self.now()).await {
            tracing::error!(%error, "apps that are gone cannot be noted");
        }
    }

    /// Ends sessions whose time is up or whose account is closed, for as long as it is polled.
    pub async fn end_what_is_due(self) {
        loop {
            match self.0.store.end_due(self.0.lifetimes.clone(), self.now()).await {
                Ok(ended) => self.tell(&ended),
                Err(error) => tracing::error!(%error, "sessions of single sign-on cannot be ended"),
            }
            if let Err(error) = self.turn_keys() {
                tracing::error!(%error, "the signing keys cannot be changed");
            }
            // A nudge is only a nudge: what is due is found by looking.
            let _ = tokio::time::timeout(LOOK_EVERY, self.0.due.notified()).await;
        }
    }

    /// These sessions have ended, and what their systems are to be told is noted.
    pub fn tell(&self, ended: &[Ended]) {
        for one in ended {
            tracing::info!(login = one.login, reason = one.reason, "a session of single sign-on has ended");
        }
        if !ended.is_empty() {
            self.0.farewells.notify_one();
        }
    }

    /// Waits until systems may have something to be told.
    async fn farewells_to_say(&self) {
        self.0.farewells.notified().await;
    }
}
