//! A client that seemed to be there took nothing: where the application left the way to us, the phone is the next.

use std::sync::Arc;

use async_trait::async_trait;
use posthouse_protocol::wire::StanzaKind;

use super::{Inner, mailbox};
use crate::routing::passage::{Origin, Passage};
use crate::routing::stages::{StepError, Undelivered, UndeliveredStep};

/// The step.
#[derive(Debug)]
pub(super) struct Fallback(pub(super) Arc<Inner>);

#[async_trait]
impl UndeliveredStep for Fallback {
    async fn take(&self, passage: &mut Passage) -> Result<Undelivered, StepError> {
        let is_ours = matches!(passage.origin, Origin::Server)
            && passage.frame.kind() == StanzaKind::Message
            && passage.sender.domain().as_str() == self.0.home;
        // News about an earlier notice are for the client only.
        let line = passage.frame.id().filter(|id| is_ours && !mailbox::is_about_earlier(id));
        let line = line.and_then(|id| mailbox::line_of(&id));
        let (Some(line), Some(id)) = (line, passage.stored) else { return Ok(Undelivered::Pass) };
        if self.0.phone_of(&passage.receiver).is_none() || self.0.is_online(&passage.receiver) {
            return Ok(Undelivered::Pass);
        }
        let parts = &self.0.parts;
        let (address, now) = (passage.receiver.to_string(), parts.clock.now());
        let turned = parts.notices.turn_to_phone(line, address, now, parts.messages.withdrawal(id));
        if !turned.await.map_err(StepError::of("notices"))? {
            return Ok(Undelivered::Pass);
        }
        parts.messages.withdrawn(&passage.receiver, id);
        passage.stored = None;
        Ok(Undelivered::Taken("phone"))
    }
}
