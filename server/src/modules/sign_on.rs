//! `urn:posthouse:sso:0`: which business systems a person may open, and one-time entrances into them. It tells single
//! sign-on, too, which apps are there: what was entered through an app ends some time after the app has gone.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use parking_lot::Mutex;
use posthouse_protocol::sign_on::{Entrance, NAMESPACE, Open, Proof, SignOut, System, Systems};
use posthouse_sign_on::moment::Moment;
use posthouse_sign_on::refusal::Refusal;
use posthouse_sign_on::relying_party::RelyingParty;
use posthouse_sign_on::session::End;
use posthouse_sign_on::ticket::{Asker, Issued, Wish, issue};

use crate::routing::accounts::Passwords;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::session::{EndReason, Session, SessionId};
use crate::routing::sessions::Sessions;
use crate::routing::stages::{IqHandler, Observer};
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::sign_on::Provider;
use crate::storage::StorageError;
use crate::storage::badges::BadgeStore;
use crate::storage::sign_on::{Kind, Value};

mod badges;
mod link;
pub mod proof;

pub use link::Link;

/// What the server offers when single sign-on is switched on.
pub(super) const FEATURES: &[&str] = &[NAMESPACE];

/// Answers people who open business systems.
pub struct SignOn {
    provider: Provider,
    sessions: Arc<Sessions>,
    passwords: Arc<dyn Passwords>,
    badges: BadgeStore,
    /// When each stream has signed in.
    signed_in: Mutex<HashMap<SessionId, Moment>>,
    /// When each person has asked for entrances, those of the last minute.
    asked: Mutex<HashMap<String, VecDeque<Moment>>>,
}

impl std::fmt::Debug for SignOn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SignOn").finish_non_exhaustive()
    }
}

impl SignOn {
    /// Entrances of that provider.
    pub fn new(
        provider: Provider,
        sessions: Arc<Sessions>,
        passwords: Arc<dyn Passwords>,
        badges: BadgeStore,
    ) -> Self {
        Self { provider, sessions, passwords, badges, signed_in: Mutex::default(), asked: Mutex::default() }
    }

    /// The systems of a person, and what waits in them.
    async fn systems(&self, login: &str) -> Result<Systems, StorageError> {
        let Some(person) = self.provider.person_of(login).await? else { return Ok(Systems::default()) };
        let badges = self.badges_of(login).await?.badges;
        let parties = self.provider.store().parties().await?;
        let open = parties.into_iter().filter(|party| party.admits(Some(&person)).is_ok());
        let icons = self.badges.icons().await?;
        let system = |party: RelyingParty| {
            let icon = icons.iter().find(|(name, _)| *name == party.id).map(|(_, hash)| hash.clone());
            let badge = badges.iter().find(|badge| badge.system == party.id).map(|badge| badge.count);
            System { id: party.id, name: party.name, badge, icon }
        };
        Ok(Systems { systems: open.map(system).collect() })
    }

    /// An entrance into the system that is wished for.
    async fn entrance(
        &self,
        session: &Session,
        login: &str,
        wish: &Wish<'_>,
    ) -> Result<Entrance, StanzaError> {
        let issued = self.ticket(session, login, wish).await.map_err(broken)?;
        let issued = match issued {
            Ok(issued) => issued,
            Err(refusal) => {
                self.provider.note_refusal(refusal, wish.app, login).await;
                return Err(StanzaError::new(condition(refusal)));
            }
        };
        tracing::info!(login, system = wish.app, "an entrance is given out");
        Ok(Entrance { url: issued.url, expires: u32::try_from(issued.expires_in).unwrap_or_default() })
    }

    /// Makes a ticket; it is on the disk when this returns.
    async fn ticket(
        &self,
        session: &Session,
        login: &str,
        wish: &Wish<'_>,
    ) -> Result<Result<Issued, Refusal>, StorageError> {
        let (provider, now) = (&self.provider, self.provider.now());
        let person = provider.person_of(login).await?;
        let party = provider.store().party(wish.app).await?;
        let auth_time = self.signed_in.lock().get(&session.id()).copied().unwrap_or(now);
        let asker = Asker {
            person: person.as_ref(),
            instance: &session.jid().to_string(),
            auth_time,
            in_the_last_minute: self.asked_before(login, now),
        };
        let rules = (provider.issuer(), provider.lifetimes());
        let issued = match issue(wish, &asker, party.as_ref(), rules, now, &mut provider.random()?) {
            Ok(issued) => issued,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let times = (now, issued.ticket.expires);
        let value = Value::new((issued.hash, Kind::Ticket), login, None, times, &issued.ticket)?;
        provider.store().keep(vec![value]).await?;
        Ok(Ok(issued))
    }

    /// How many entrances the person has asked for in the last minute, this one not counted. It holds off floods, and no
    /// guesses: a restart may forget it, since it takes its part of the minute itself.
    fn asked_before(&self, login: &str, now: Moment) -> u32 {
        let mut asked = self.asked.lock();
        asked.retain(|_, times| {
            times.retain(|time| now.since(*time) < 60);
            !times.is_empty()
        });
        let times = asked.entry(login.to_owned()).or_default();
        let before = u32::try_from(times.len()).unwrap_or(u32::MAX);
        if before < self.provider.lifetimes().tickets_per_minute {
            times.push_back(now);
        }
        before
    }

    /// Notes that an app has gone, unless it has come back meanwhile: whoever notes last is right.
    async fn note_gone(&self, session: &Session, instance: String) -> Result<(), StorageError> {
        let store = self.provider.store();
        store.note_stream(instance.clone(), Some(self.provider.now())).await?;
        if self.is_replaced(session) { store.note_stream(instance, None).await } else { Ok(()) }
    }

    /// The same client has a new stream already.
    fn is_replaced(&self, session: &Session) -> bool {
        let others = self.sessions.of(session.bare());
        others.iter().any(|other| other.jid() == session.jid() && other.id() != session.id())
    }
}

fn broken(error: StorageError) -> StanzaError {
    tracing::error!(%error, "single sign-on cannot go on");
    StanzaError::new(Condition::InternalServerError)
}

fn condition(refusal: Refusal) -> Condition {
    match refusal {
        Refusal::UnknownSystem => Condition::ItemNotFound,
        Refusal::NotForThisPerson | Refusal::AccountClosed => Condition::Forbidden,
        Refusal::TooMany => Condition::ResourceConstraint,
        Refusal::Malformed | Refusal::WrongPath => Condition::BadRequest,
        _ => Condition::PolicyViolation,
    }
}

#[async_trait]
impl IqHandler for SignOn {
    fn namespaces(&self) -> &'static [&'static str] {
        &[NAMESPACE]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        let (Some(session), IqTarget::Server) = (request.session, request.target) else {
            return Err(StanzaError::new(Condition::NotAllowed));
        };
        let Some(login) = session.bare().node() else {
            return Err(StanzaError::new(Condition::NotAllowed));
        };
        match (request.payload.name, request.is_set) {
            ("systems", false) => {
                // Before they are read: what changes from here on is told.
                session.switches().systems.store(true, Ordering::Release);
                IqAnswer::of(&self.systems(login.as_str()).await.map_err(broken)?)
            }
            ("open", true) => {
                let Open { app, bind, path } = request.parse()?;
                let wish = Wish { app: &app, bind: Some(&bind), path: path.as_deref() };
                IqAnswer::of(&self.entrance(session, login.as_str(), &wish).await?)
            }
            ("proof", true) => {
                let proof: Proof = request.parse()?;
                self.prove(session, login.as_str(), proof).await
            }
            ("sign-out", true) => {
                let SignOut = request.parse()?;
                let instance = Some(session.jid().to_string());
                let ending = self.provider.end_all(login.as_str(), instance, End::SignedOut.code());
                ending.await.map_err(broken)?;
                Ok(IqAnswer::Empty)
            }
            _ => Err(StanzaError::new(Condition::BadRequest)),
        }
    }
}

#[async_trait]
impl Observer for SignOn {
    async fn session_opened(&self, session: &Session) {
        self.signed_in.lock().insert(session.id(), self.provider.now());
        if let Err(error) = self.provider.store().note_stream(session.jid().to_string(), None).await {
            tracing::error!(%error, "an app that is back cannot be noted");
        }
    }

    async fn session_closed(&self, session: &Session) {
        self.signed_in.lock().remove(&session.id());
        if self.is_replaced(session) {
            return;
        }
        let (instance, login) = (session.jid().to_string(), session.bare().node().map(ToString::to_string));
        let noted = match (session.end_reason(), login) {
            (Some(EndReason::AccountClosed), Some(login)) => {
                self.provider.end_all(&login, Some(instance), End::AccountClosed.code()).await
            }
            _ => self.note_gone(session, instance).await,
        };
        if let Err(error) = noted {
            tracing::error!(%error, "an app that has gone cannot be noted");
        }
    }
}

#[cfg(test)]
mod tests;
