//! What a session leaves behind: messages it never took go elsewhere, in their order (XEP-0198 section 8).

use jid::{BareJid, Jid};
use posthouse_protocol::wire::{Frame, StanzaKind};

use super::passage::{MessageType, Origin, Passage};
use super::replies;
use super::router::Router;
use super::session::{Outgoing, Session};
use super::stages::StepError;
use super::stanza_error::{Condition, StanzaError};
use crate::storage::StoredId;

impl Router {
    /// Brings on what `session` never took. The session is in no table any more.
    pub async fn reroute(&self, session: &Session, left: impl IntoIterator<Item = Outgoing>) {
        for outgoing in left {
            if !outgoing.is_stanza {
                continue;
            }
            let Ok(frame) = Frame::parse(outgoing.bytes.clone()) else {
                tracing::error!("a stanza of ours is not well-formed");
                continue;
            };
            match frame.kind() {
                StanzaKind::Message if outgoing.reroute => {
                    self.reroute_message(session.bare(), frame, &outgoing).await;
                }
                StanzaKind::Iq => self.tell_asker(&frame),
                StanzaKind::Message | StanzaKind::Presence | StanzaKind::Nonza => {}
            }
        }
    }

    async fn reroute_message(&self, account: &BareJid, frame: Frame, outgoing: &Outgoing) {
        let from = frame.from().and_then(|from| Jid::new(&from).ok());
        let to = frame.to().and_then(|to| Jid::new(&to).ok());
        let to = to.unwrap_or_else(|| account.clone().into());
        let Some(from) = from else { return };
        let mut passage = self.passage(frame, Origin::Server, from, to);
        passage.stored = outgoing.stored;
        passage.traits.has_body = true;
        passage.traits.store = true;
        if passage.traits.message_type == MessageType::Error {
            return;
        }
        if let Err(failure) = self.reroute_passage(account, &mut passage).await {
            tracing::error!(step = failure.step, cause = %failure.cause, "a message cannot be rerouted");
        }
    }

    async fn reroute_passage(&self, account: &BareJid, passage: &mut Passage) -> Result<(), StepError> {
        let takers = self.sessions().takers(account);
        if takers.is_empty() {
            self.nobody_took(passage, account).await?;
            return Ok(());
        }
        let was_for_one = passage.to.is_full();
        let lacking = takers.iter().filter(|taker| !has_it(taker, passage.stored, was_for_one));
        // Every session gets its copy: no short circuit.
        let delivered = lacking.filter(|taker| self.deliver(passage, taker)).count();
        if let (0, true, Some(id), Some(taker)) = (delivered, was_for_one, passage.stored, takers.first()) {
            // The copies that others got carry no mark of the store: it is delivered by them.
            self.report_taken(taker, &[id]);
        }
        Ok(())
    }

    /// A request that was never answered gets an error (RFC 6120 section 8.2.3).
    fn tell_asker(&self, request: &Frame) {
        let Some(from) = request.from() else { return };
        let Ok(from) = Jid::new(&from) else { return };
        let error = StanzaError::new(Condition::RecipientUnavailable);
        if let Some(reply) = replies::error(request, from.as_str(), &error) {
            self.answer_address(&from, reply);
        }
    }
}

/// What went to the bare address, all that received at that time have; what went to one resource, those with
/// carbons (XEP-0280).
fn has_it(taker: &Session, stored: Option<StoredId>, was_for_one: bool) -> bool {
    if was_for_one && !taker.has_carbons() {
        return false;
    }
    stored.is_none_or(|id| taker.was_receiving_at(id))
}
