//! Learns what clients can do (XEP-0115): asks once for each unknown hash and believes no answer that does not
//! have it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use posthouse_protocol::wire::{Frame, StanzaKind, escape};
use xmpp_parsers::disco::DiscoInfoResult;
use xmpp_parsers::hashes::Algo;

use crate::routing::capabilities::{Capabilities, Features};
use crate::routing::passage::{Origin, Passage};
use crate::routing::session::{Session, SessionId};
use crate::routing::stages::{Accept, AcceptStep, Observer, Observers, StepError};
use crate::routing::verification_string::verification_string;

const NAMESPACE: &str = "http://jabber.org/protocol/caps";
const INFO: &str = "http://jabber.org/protocol/disco#info";

/// Most hashes remembered, most clients that wait for one, longest node or hash that is believed.
const KNOWN: usize = 2_000;
const WAITING: usize = 10_000;
const LONGEST: usize = 512;

/// Keeps [`Capabilities`] filled.
#[derive(Debug)]
pub struct EntityCaps {
    domain: String,
    capabilities: Arc<Capabilities>,
    observers: Arc<Observers>,
    state: Mutex<State>,
    next_id: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    known: HashMap<Announced, Features>,
    /// Who has been asked about a hash, and who waits for the same.
    asked: HashMap<Announced, Question>,
    /// What each session announced last.
    announced: HashMap<SessionId, Announced>,
}

#[derive(Debug)]
struct Question {
    id: String,
    session: SessionId,
    waiting: Vec<Session>,
}

/// Algorithm and value of a hash (section 5.1); different programs with the same hash can do the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Announced {
    algorithm: String,
    node: String,
    ver: String,
}

impl EntityCaps {
    /// Asks in the name of `domain`.
    pub fn new(domain: &str, capabilities: Arc<Capabilities>, observers: Arc<Observers>) -> Self {
        Self {
            domain: domain.to_owned(),
            capabilities,
            observers,
            state: Mutex::default(),
            next_id: AtomicU64::new(0),
        }
    }

    async fn announced(&self, session: &Session, announced: Announced) {
        let known = {
            let mut state = self.state.lock();
            let before = state.announced.insert(session.id(), announced.clone());
            if before.as_ref() == Some(&announced) {
                return;
            }
            state.known.get(&announced).cloned()
        };
        match known {
            Some(features) => self.learned(session, features).await,
            None => self.wonder(session, announced),
        }
    }

    fn wonder(&self, session: &Session, announced: Announced) {
        let mut state = self.state.lock();
        if let Some(question) = state.asked.get_mut(&announced) {
            if question.waiting.len() < WAITING {
                question.waiting.push(session.clone());
            }
            return;
        }
        if state.asked.len() < KNOWN {
            let question = self.ask(session, &announced, Vec::new());
            state.asked.insert(announced, question);
        }
    }

    fn ask(&self, session: &Session, announced: &Announced, waiting: Vec<Session>) -> Question {
        let id = format!("caps-{}", self.next_id.fetch_add(1, Ordering::Relaxed));
        let (from, to) = (escape(&self.domain), escape(session.jid().as_str()));
        let node = format!("{}#{}", announced.node, announced.ver);
        let node = escape(&node);
        let iq = format!(
            "<iq type='get' id='{id}' from='{from}' to='{to}'><query xmlns='{INFO}' node='{node}'/></iq>"
        );
        if session.send(Bytes::from(iq)).is_err() {
            tracing::debug!(session = session.id().0, "a question about caps found no place");
        }
        Question { id, session: session.id(), waiting }
    }

    /// True when the stanza answers a question of ours.
    async fn answered(&self, session: &Session, frame: &Frame) -> bool {
        let Some(id) = frame.id() else { return false };
        let Some((announced, question)) = self.question(session.id(), &id) else { return false };
        let features = features_of(frame, &announced);
        let Some(features) = features else {
            tracing::debug!(session = session.id().0, "caps do not have their hash");
            self.ask_next(announced, question.waiting);
            return true;
        };
        {
            let mut state = self.state.lock();
            if state.known.len() >= KNOWN {
                state.known.clear();
            }
            state.known.insert(announced, Arc::clone(&features));
        }
        self.learned(session, Arc::clone(&features)).await;
        for waiting in question.waiting {
            self.learned(&waiting, Arc::clone(&features)).await;
        }
        true
    }

    fn question(&self, session: SessionId, id: &str) -> Option<(Announced, Question)> {
        let mut state = self.state.lock();
        let announced = state
            .asked
            .iter()
            .find(|(_, question)| question.session == session && question.id == id)
            .map(|(announced, _)| announced.clone())?;
        let question = state.asked.remove(&announced)?;
        Some((announced, question))
    }

    /// Somebody else who announced the same may answer better.
    fn ask_next(&self, announced: Announced, mut waiting: Vec<Session>) {
        if let Some(next) = waiting.pop() {
            let question = self.ask(&next, &announced, waiting);
            self.state.lock().asked.insert(announced, question);
        }
    }

    async fn learned(&self, session: &Session, features: Features) {
        self.capabilities.set(session.id(), features);
        for observer in self.observers.all() {
            observer.capabilities_known(session).await;
        }
    }
}

/// The features of an answer that has the announced hash (section 5.4).
fn features_of(frame: &Frame, announced: &Announced) -> Option<Features> {
    let payload = frame.child("query", INFO)?;
    let info: DiscoInfoResult = xso::from_bytes(&payload.standalone()).ok()?;
    let algorithm = match announced.algorithm.as_str() {
        "sha-1" => Algo::Sha_1,
        "sha-256" => Algo::Sha_256,
        _ => return None,
    };
    let hash = verification_string(&info, algorithm)?;
    (hash == announced.ver).then(|| Arc::new(info.features))
}

fn announced_in(frame: &Frame) -> Option<Announced> {
    let element = frame.child("c", NAMESPACE)?;
    let attribute = |name: &str| element.attribute(name).map(|value| value.into_owned());
    // Without `hash` it is the form before version 1.4, which proves nothing.
    let announced =
        Announced { algorithm: attribute("hash")?, node: attribute("node")?, ver: attribute("ver")? };
    let is_short = |text: &str| text.len() <= LONGEST;
    (is_short(&announced.algorithm) && is_short(&announced.node) && is_short(&announced.ver))
        .then_some(announced)
}

#[async_trait]
impl AcceptStep for EntityCaps {
    fn concerns(&self, passage: &Passage) -> bool {
        matches!(passage.frame.kind(), StanzaKind::Presence | StanzaKind::Iq)
    }

    async fn accept(&self, passage: &mut Passage) -> Result<Accept, StepError> {
        let Origin::Session(session) = &passage.origin else { return Ok(Accept::Continue) };
        let frame = &passage.frame;
        match frame.kind() {
            StanzaKind::Presence if frame.to().is_none() && frame.type_().is_none() => {
                if let Some(announced) = announced_in(frame) {
                    self.announced(session, announced).await;
                }
            }
            StanzaKind::Iq
                if matches!(frame.type_().as_deref(), Some("result" | "error"))
                    && passage.to.node().is_none()
                    && self.answered(session, frame).await =>
            {
                return Ok(Accept::Taken);
            }
            StanzaKind::Presence | StanzaKind::Iq | StanzaKind::Message | StanzaKind::Nonza => {}
        }
        Ok(Accept::Continue)
    }
}

#[async_trait]
impl Observer for EntityCaps {
    async fn session_closed(&self, session: &Session) {
        self.capabilities.forget(session.id());
        let mut unanswered = Vec::new();
        {
            let mut state = self.state.lock();
            state.announced.remove(&session.id());
            for question in state.asked.values_mut() {
                question.waiting.retain(|waiting| waiting.id() != session.id());
            }
            let asked = state.asked.iter().filter(|(_, question)| question.session == session.id());
            let announced: Vec<Announced> = asked.map(|(announced, _)| announced.clone()).collect();
            for announced in announced {
                if let Some(question) = state.asked.remove(&announced) {
                    unanswered.push((announced, question.waiting));
                }
            }
        }
        for (announced, waiting) in unanswered {
            self.ask_next(announced, waiting);
        }
    }
}

#[cfg(test)]
mod tests;
