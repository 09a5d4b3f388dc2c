//! Copies of messages for the account's other clients (XEP-0280).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use bytes::Bytes;
use jid::BareJid;
use posthouse_protocol::wire::{Child, Frame, StanzaKind, escape};

use crate::routing::accounts::LocalAccounts;
use crate::routing::forwarded::{forwarded, self_contained, stanza_id};
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::passage::{Origin, Passage};
use crate::routing::session::{Session, SessionId};
use crate::routing::sessions::{Resources, Sessions};
use crate::routing::stages::{Accept, AcceptStep, IqHandler, StepError};
use crate::routing::stanza_error::{Condition, StanzaError};

/// `urn:xmpp:carbons:2`
pub const NAMESPACE: &str = "urn:xmpp:carbons:2";
/// What service discovery names.
pub const FEATURES: &[&str] = &[NAMESPACE, "urn:xmpp:carbons:rules:0"];

/// Last of the accepting steps: what an earlier one refuses is not copied.
#[derive(Debug)]
pub struct Carbons {
    sessions: Arc<Sessions>,
    accounts: Arc<dyn LocalAccounts>,
    domain: String,
}

/// Which way the copied message went.
#[derive(Debug, Clone, Copy)]
enum Direction {
    Sent,
    Received,
}

impl Carbons {
    /// For the accounts of `domain`.
    pub fn new(sessions: Arc<Sessions>, accounts: Arc<dyn LocalAccounts>, domain: String) -> Self {
        Self { sessions, accounts, domain }
    }

    /// Whether the message has somewhere to go. Otherwise its sender gets an error: nothing was said to anybody.
    fn may_arrive(&self, to: &BareJid) -> bool {
        let domain = to.domain().as_str();
        let is_service = domain.strip_suffix(&self.domain).is_some_and(|rest| rest.ends_with('.'));
        is_service || (domain == self.domain && self.accounts.exists(to))
    }

    /// Who gets the message itself (RFC 6121 section 8.5): when nobody takes it now, those who are still being
    /// given what waits.
    fn receivers(&self, passage: &Passage) -> Resources {
        let addressed = passage.to.try_as_full().ok().and_then(|full| self.sessions.find(full));
        if let Some(session) = addressed {
            return std::iter::once(session).collect();
        }
        let mut resources = self.sessions.of(&passage.receiver);
        let is_taken = resources.iter().any(Session::takes_messages);
        resources.retain(|session| {
            if is_taken {
                session.takes_messages()
            } else {
                session.is_available() && session.priority() >= 0
            }
        });
        resources
    }

    /// Some client of either side wants copies, other than the one that sent the message.
    fn is_wanted(&self, passage: &Passage) -> bool {
        let sender = match &passage.origin {
            Origin::Session(session) => Some(session.id()),
            Origin::Component(_) | Origin::Server => None,
        };
        let wants = |session: &Session| session.has_carbons() && Some(session.id()) != sender;
        self.sessions.any(&passage.receiver, wants) || self.sessions.any(&passage.sender, wants)
    }

    /// The account's sessions that want copies, without the one that sent the message and those that get the
    /// message itself.
    fn wanting(&self, account: &BareJid, sender: Option<SessionId>, passage: &Passage) -> Resources {
        let mut resources = self.sessions.of(account);
        resources.retain(|session| session.has_carbons() && Some(session.id()) != sender);
        if !resources.is_empty() {
            let originals = self.receivers(passage);
            resources.retain(|session| originals.iter().all(|other| other.id() != session.id()));
        }
        resources
    }

    fn copy_sent(&self, passage: &Passage, sender: &Session) {
        let wanting = self.wanting(sender.bare(), Some(sender.id()), passage);
        if wanting.is_empty() {
            return;
        }
        let frame = with_id_of(sender.bare(), passage);
        send(&wanting, &frame, sender.bare(), Direction::Sent);
    }

    fn copy_received(&self, passage: &Passage) {
        let account = &passage.receiver;
        if account.domain().as_str() != self.domain {
            return;
        }
        let sender = match &passage.origin {
            Origin::Session(session) => Some(session.id()),
            Origin::Component(_) | Origin::Server => None,
        };
        let wanting = self.wanting(account, sender, passage);
        if !wanting.is_empty() {
            send(&wanting, &self_contained(&passage.frame), account, Direction::Received);
        }
    }
}

/// The message as the sender's own archive names it.
fn with_id_of(account: &BareJid, passage: &Passage) -> Frame {
    let all = |_: &Child<'_>| true;
    let id = passage.archive_ids.iter().find(|(owner, _)| owner == account);
    let child = id.map(|(owner, id)| stanza_id(owner, id)).unwrap_or_default();
    let edit = passage.frame.edit().self_contained();
    if passage.archive_ids.is_empty() {
        return edit.finish();
    }
    edit.without("stanza-id", "urn:xmpp:sid:0", &all).append(&child).finish()
}

fn send(sessions: &Resources, frame: &Frame, account: &BareJid, direction: Direction) {
    let name = match direction {
        Direction::Sent => "sent",
        Direction::Received => "received",
    };
    let kind = frame.type_().map(|kind| format!(" type='{}'", escape(&kind))).unwrap_or_default();
    let inner = forwarded(frame.bytes(), None);
    for session in sessions {
        let open = format!(
            "<message from='{}' to='{}'{kind}><{name} xmlns='{NAMESPACE}'>",
            escape(account.as_str()),
            escape(session.jid().as_str()),
        );
        let close = format!("</{name}></message>");
        let bytes = Bytes::from([open.as_bytes(), &inner, close.as_bytes()].concat());
        // A session that takes nothing more is being detached; its client reads the archive.
        if session.release_held().and_then(|()| session.send(bytes)).is_err() {
            tracing::debug!("a copy found its client gone");
        }
    }
}

#[async_trait]
impl AcceptStep for Carbons {
    fn concerns(&self, passage: &Passage) -> bool {
        passage.frame.kind() == StanzaKind::Message
            && passage.traits.copy
            && self.is_wanted(passage)
            && self.may_arrive(&passage.receiver)
    }

    async fn accept(&self, passage: &mut Passage) -> Result<Accept, StepError> {
        let to_self = passage.sender == passage.receiver;
        if let Origin::Session(sender) = &passage.origin
            && !to_self
        {
            self.copy_sent(passage, sender);
        }
        self.copy_received(passage);
        Ok(Accept::Continue)
    }
}

#[async_trait]
impl IqHandler for Carbons {
    fn namespaces(&self) -> &'static [&'static str] {
        &[NAMESPACE]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        let Some(session) = request.session else { return Err(StanzaError::new(Condition::Forbidden)) };
        if matches!(request.target, IqTarget::Account(_)) {
            return Err(StanzaError::new(Condition::Forbidden));
        }
        let wanted = match (request.payload.name, request.is_set) {
            ("enable", true) => true,
            ("disable", true) => false,
            _ => return Err(StanzaError::new(Condition::BadRequest)),
        };
        session.switches().carbons.store(wanted, Ordering::Release);
        Ok(IqAnswer::Empty)
    }
}
