//! The last metre: into the outbox of one receiver.

use bytes::Bytes;
use jid::Jid;
use posthouse_protocol::wire::{Frame, StanzaKind};

use super::Router;
use crate::routing::destinations::Destination;
use crate::routing::passage::{MessageType, Origin, Passage};
use crate::routing::session::{Outgoing, Session};
use crate::routing::stages::Deliver;

impl Router {
    /// Puts a copy into the session's outbox unless a delivering step says otherwise. False when the session
    /// takes nothing more.
    pub fn deliver(&self, passage: &Passage, session: &Session) -> bool {
        self.copy_for(session, passage).is_none_or(|copy| session.put(copy).is_ok())
    }

    /// Like [`Router::deliver`], but a client that is still being given what waits gets it behind that.
    pub(super) fn deliver_in_turn(&self, passage: &Passage, session: &Session) {
        if self.copy_for(session, passage).is_some_and(|copy| !session.put_or_keep(copy)) {
            tracing::debug!(session = session.id().0, "a client that is not ready misses a message");
        }
    }

    /// What goes to the session; `None` when a delivering step has seen to it.
    fn copy_for(&self, session: &Session, passage: &Passage) -> Option<Outgoing> {
        let mut replaced: Option<Frame> = None;
        for step in &self.pipeline().delivering {
            match step.deliver(passage, replaced.as_ref().unwrap_or(&passage.frame), session) {
                Deliver::Send => {}
                Deliver::Instead(frame) => replaced = Some(frame),
                Deliver::Held | Deliver::Drop => return None,
            }
        }
        let frame = replaced.as_ref().unwrap_or(&passage.frame);
        Some(Outgoing {
            bytes: frame.bytes().clone(),
            is_stanza: true,
            reroute: is_rerouted(passage),
            stored: passage.stored,
        })
    }

    /// Brings a reply to whoever asked; a full outbox has ended its session, so nobody is left to be told.
    pub(super) fn answer(&self, origin: &Origin, to: &Jid, reply: Bytes) {
        match origin {
            Origin::Session(session) => {
                let _ = session.send(reply);
            }
            Origin::Component(domain) => self.answer_component(domain, reply),
            Origin::Server => self.answer_address(to, reply),
        }
    }

    fn answer_component(&self, domain: &str, reply: Bytes) {
        let link = self.components().find(domain).flatten();
        if let (Some(link), Ok(frame)) = (link, Frame::parse(reply)) {
            let _ = link.send(frame.to_component_namespace().bytes().clone());
        }
    }

    /// For stanzas that outlived their sender's connection: rerouted ones.
    pub(in crate::routing) fn answer_address(&self, to: &Jid, reply: Bytes) {
        match self.0.destinations.find(to) {
            Destination::Account => {
                let session = to.try_as_full().ok().and_then(|full| self.sessions().find(full));
                if let Some(session) = session {
                    let _ = session.send(reply);
                }
            }
            Destination::Component(Some(_)) => self.answer_component(to.domain().as_str(), reply),
            Destination::Component(None) | Destination::Server | Destination::Foreign => {}
        }
    }
}

/// Chat messages that their receiver never took go elsewhere.
fn is_rerouted(passage: &Passage) -> bool {
    let is_message = passage.frame.kind() == StanzaKind::Message;
    let is_chat = matches!(passage.traits.message_type, MessageType::Chat | MessageType::Normal);
    is_message && is_chat && (passage.stored.is_some() || passage.traits.store || passage.traits.has_body)
}
