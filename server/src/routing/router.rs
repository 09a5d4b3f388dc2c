//! Takes a stanza from its door to its receivers: the eight steps of ARCHITECTURE.md.

mod accounts;
mod delivery;
mod requests;
mod shape;

use std::sync::{Arc, OnceLock};

use jid::Jid;
use posthouse_protocol::wire::Frame;

use super::accounts::LocalAccounts;
use super::addressee::Addressee;
use super::components::Components;
use super::counts::StanzaCounts;
use super::destinations::{Destination, Destinations};
use super::durability::Ticket;
use super::outcome::Outcome;
use super::passage::{Origin, Passage, StoredId};
use super::replies;
use super::session::Session;
use super::sessions::Sessions;
use super::stages::{Accept, Observer, StepError};
use super::stanza_error::{Condition, StanzaError};
use super::steps::Pipeline;
use crate::clock::Clock;

/// The router. Cheap to clone.
#[derive(Clone)]
pub struct Router(Arc<Inner>);

struct Inner {
    destinations: Destinations,
    sessions: Arc<Sessions>,
    accounts: Arc<dyn LocalAccounts>,
    clock: Arc<Clock>,
    pipeline: OnceLock<Pipeline>,
    /// The observers that are told which messages clients have.
    following: OnceLock<Vec<Arc<dyn Observer>>>,
    nothing: Pipeline,
    counts: StanzaCounts,
}

impl std::fmt::Debug for Router {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Router")
            .field("domain", &self.0.destinations.domain())
            .finish_non_exhaustive()
    }
}

impl Router {
    /// A router without steps; [`Router::install`] gives it some.
    pub fn new(
        domain: String,
        components: Components,
        sessions: Arc<Sessions>,
        accounts: Arc<dyn LocalAccounts>,
        clock: Arc<Clock>,
    ) -> Self {
        Self(Arc::new(Inner {
            destinations: Destinations::new(domain, components),
            sessions,
            accounts,
            clock,
            pipeline: OnceLock::new(),
            following: OnceLock::new(),
            nothing: Pipeline::default(),
            counts: StanzaCounts::default(),
        }))
    }

    /// Gives the router its steps: once, before the doors open. Modules may hold the router, so it is first.
    pub fn install(&self, pipeline: Pipeline) {
        let following = pipeline.observers.iter().filter(|observer| observer.follows_deliveries());
        let following = following.cloned().collect();
        if self.0.pipeline.set(pipeline).is_err() || self.0.following.set(following).is_err() {
            tracing::error!("the router has its steps already");
        }
    }

    /// The server's domain.
    pub fn domain(&self) -> &str {
        self.0.destinations.domain()
    }

    /// Who is signed in.
    pub fn sessions(&self) -> &Arc<Sessions> {
        &self.0.sessions
    }

    /// The components.
    pub fn components(&self) -> &Components {
        self.0.destinations.components()
    }

    /// What became of stanzas.
    pub fn counts(&self) -> &StanzaCounts {
        &self.0.counts
    }

    /// Who is told about sessions.
    pub fn observers(&self) -> &[Arc<dyn Observer>] {
        &self.pipeline().observers
    }

    /// Tells those who follow deliveries that a client has these stored messages.
    pub fn report_taken(&self, session: &Session, stored: &[StoredId]) {
        for observer in self.0.following.get().into_iter().flatten() {
            observer.taken(session, stored);
        }
    }

    pub(super) fn pipeline(&self) -> &Pipeline {
        self.0.pipeline.get().unwrap_or(&self.0.nothing)
    }

    pub(super) fn account_exists(&self, account: &jid::BareJid) -> bool {
        self.0.accounts.exists(account)
    }

    /// Routes a stanza of a client; its `from` is set here. The answer is what has to be on the disk before
    /// the stanza may be acknowledged.
    pub async fn accept(&self, session: &Session, stanza: Frame) -> Ticket {
        let mut addressee = Addressee::default();
        let admitted = self.admit(session, &stanza, None, &mut addressee);
        let Some(mut passage) = admitted else { return Ticket::default() };
        self.route(&mut passage).await;
        passage.durable_at
    }

    /// The first half of [`Router::accept`]: steps 1 and 2; `None` when the stanza was refused. A stanza
    /// without a language of its own gets that of the stream, since the receiver's stream may have another one
    /// (RFC 6120 section 8.1.5).
    pub fn admit(
        &self,
        session: &Session,
        stanza: &Frame,
        lang: Option<&str>,
        addressee: &mut Addressee,
    ) -> Option<Passage> {
        let from: &Jid = session.jid();
        let edit = stanza.edit().from(Some(from.as_str()));
        let stanza = lang.into_iter().fold(edit, |edit, lang| edit.default_lang(lang)).finish();
        let to = match stanza.to() {
            None => Some(Jid::from(session.bare().clone())),
            Some(to) => addressee.read(&to),
        };
        let Some(to) = to else {
            self.refuse_to_session(session, &stanza, Condition::JidMalformed);
            return None;
        };
        if let Err(problem) = shape::check(&stanza) {
            self.refuse_for_shape(session, &stanza, problem);
            return None;
        }
        Some(self.passage(stanza, Origin::Session(session.clone()), from.clone(), to))
    }

    /// Routes a stanza of a component, in the namespace `jabber:client`; the door has checked both addresses.
    pub async fn accept_from_component(&self, domain: &str, stanza: Frame, from: Jid, to: Jid) {
        let mut passage = self.passage(stanza, Origin::Component(domain.to_owned()), from, to);
        if shape::check(&passage.frame).is_err() {
            self.refuse(&passage, &StanzaError::new(Condition::BadRequest));
            return;
        }
        self.route(&mut passage).await;
    }

    /// Routes a stanza of the server itself through all steps.
    pub async fn accept_from_server(&self, stanza: Frame, from: Jid, to: Jid) -> Outcome {
        let mut passage = self.passage(stanza, Origin::Server, from, to);
        self.route(&mut passage).await
    }

    /// A passage that starts now.
    pub fn passage(&self, frame: Frame, origin: Origin, from: Jid, to: Jid) -> Passage {
        Passage::new(frame, origin, from, to, self.0.clock.now())
    }

    /// Steps 3 to 8 for a passage.
    pub async fn route(&self, passage: &mut Passage) -> Outcome {
        let outcome = match self.steps(passage).await {
            Ok(outcome) => outcome,
            Err(failure) => {
                tracing::error!(step = failure.step, cause = %failure.cause, "a step failed");
                self.refuse(passage, &StanzaError::new(Condition::InternalServerError))
            }
        };
        self.0.counts.note(passage.frame.kind(), outcome);
        tracing::debug!(kind = ?passage.frame.kind(), ?outcome, "routed");
        outcome
    }

    async fn steps(&self, passage: &mut Passage) -> Result<Outcome, StepError> {
        for step in &self.pipeline().accepting {
            if !step.concerns(passage) {
                continue;
            }
            match step.accept(passage).await? {
                Accept::Continue => {}
                Accept::Taken => return Ok(Outcome::Delivered),
                Accept::Reject(error) => return Ok(self.refuse(passage, &error)),
            }
        }
        match self.0.destinations.find(&passage.to) {
            // What is rare or long has a place of its own, so that a message's is small.
            Destination::Server => Ok(Box::pin(self.to_server(passage)).await),
            Destination::Account => self.to_account(passage).await,
            Destination::Component(Some(link)) => {
                let bytes = passage.frame.to_component_namespace().bytes().clone();
                let is_sent = link.send(bytes);
                Ok(if is_sent { Outcome::Delivered } else { self.unavailable(passage) })
            }
            Destination::Component(None) => Ok(self.unavailable(passage)),
            Destination::Foreign => {
                Ok(self.refuse(passage, &StanzaError::new(Condition::RemoteServerNotFound)))
            }
        }
    }

    /// Answers the sender with an error, when the stanza may be answered with one.
    pub fn refuse(&self, passage: &Passage, error: &StanzaError) -> Outcome {
        let Some(reply) = replies::error(&passage.frame, passage.from.as_str(), error) else {
            return Outcome::Dropped;
        };
        self.answer(&passage.origin, &passage.from, reply);
        Outcome::Refused
    }

    pub(super) fn unavailable(&self, passage: &Passage) -> Outcome {
        self.refuse(passage, &StanzaError::new(Condition::ServiceUnavailable))
    }

    fn refuse_to_session(&self, session: &Session, stanza: &Frame, condition: Condition) {
        self.0.counts.note(stanza.kind(), Outcome::Refused);
        if let Some(reply) = replies::error(stanza, session.jid().as_str(), &StanzaError::new(condition)) {
            // A session that takes nothing more is being ended: nobody is left to be told.
            let _ = session.send(reply);
        }
    }

    fn refuse_for_shape(&self, session: &Session, stanza: &Frame, problem: shape::Problem) {
        match problem {
            shape::Problem::Answer => self.refuse_to_session(session, stanza, Condition::BadRequest),
            shape::Problem::Drop => self.0.counts.note(stanza.kind(), Outcome::Dropped),
        }
    }
}
