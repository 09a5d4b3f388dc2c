//! Spares clients that nobody looks at (XEP-0352): what can wait is held, the newest of each kind.

use std::sync::atomic::Ordering;

use async_trait::async_trait;
use posthouse_protocol::wire::{Frame, StanzaKind};

use crate::routing::passage::{MessageType, Passage};
use crate::routing::session::Session;
use crate::routing::stages::{Deliver, DeliverStep, Observer};

/// Holds and releases.
#[derive(Debug, Default)]
pub struct ClientState;

impl DeliverStep for ClientState {
    fn deliver(&self, passage: &Passage, frame: &Frame, session: &Session) -> Deliver {
        if !session.switches().inactive.load(Ordering::Acquire) {
            return Deliver::Send;
        }
        let Some(about) = subject(passage, frame) else {
            // What was held is older: it goes first.
            return if session.release_held().is_ok() { Deliver::Send } else { Deliver::Drop };
        };
        // A session that takes nothing more is being detached.
        if session.send_when_active(&about, frame.bytes().clone()).is_err() {
            return Deliver::Drop;
        }
        Deliver::Held
    }
}

/// What the stanza is about, when it can wait.
fn subject(passage: &Passage, frame: &Frame) -> Option<String> {
    match frame.kind() {
        StanzaKind::Presence => match frame.type_().as_deref() {
            None | Some("unavailable") => Some(format!("presence {}", passage.from)),
            Some(_) => None,
        },
        StanzaKind::Message if passage.stored.is_none() && passage.traits.is_fleeting() => {
            let is_typing = passage.traits.message_type != MessageType::Headline;
            is_typing.then(|| format!("typing {}", passage.from))
        }
        StanzaKind::Message | StanzaKind::Iq | StanzaKind::Nonza => None,
    }
}

#[async_trait]
impl Observer for ClientState {
    fn session_active(&self, session: &Session) {
        if session.release_held().is_err() {
            tracing::debug!("a client became active and left");
        }
    }
}
