//! The first step for messages: removes forged ids, recognises what was sent before.

use std::sync::Arc;

use async_trait::async_trait;
use jid::BareJid;
use posthouse_protocol::wire::{Child, Frame, StanzaKind};

use crate::routing::passage::Passage;
use crate::routing::stages::{Accept, AcceptStep, StepError};
use crate::storage::messages::{MessageStore, message_text};

const IDS: &str = "urn:xmpp:sid:0";

/// XEP-0359.
#[derive(Debug)]
pub struct MessageIds {
    store: Arc<MessageStore>,
    domain: String,
}

impl MessageIds {
    /// For the accounts and services of `domain`.
    pub fn new(store: Arc<MessageStore>, domain: String) -> Self {
        Self { store, domain }
    }

    /// Ids that only we may give: by an account, a service or the domain itself.
    fn is_forged(&self, child: &Child<'_>) -> bool {
        child.attribute("by").and_then(|by| BareJid::new(&by).ok()).is_none_or(|by| {
            let domain = by.domain().as_str();
            domain == self.domain || domain.strip_suffix(&self.domain).is_some_and(|rest| rest.ends_with('.'))
        })
    }

    fn without_forged(&self, frame: &Frame) -> Option<Frame> {
        let is_forged = |child: &Child<'_>| self.is_forged(child);
        let has_forged = frame
            .children()
            .any(|child| child.name == "stanza-id" && child.namespace == IDS && is_forged(&child));
        has_forged.then(|| frame.edit().without("stanza-id", IDS, &is_forged).finish())
    }
}

#[async_trait]
impl AcceptStep for MessageIds {
    fn concerns(&self, passage: &Passage) -> bool {
        let traits = passage.traits;
        let may_come_again = traits.has_origin_id && (traits.store || traits.archive);
        passage.frame.kind() == StanzaKind::Message && (traits.has_stanza_id || may_come_again)
    }

    async fn accept(&self, passage: &mut Passage) -> Result<Accept, StepError> {
        if passage.traits.has_stanza_id
            && let Some(frame) = self.without_forged(&passage.frame)
        {
            passage.frame = frame;
        }
        let is_kept = passage.traits.store || passage.traits.archive;
        if !is_kept || !passage.traits.has_origin_id {
            return Ok(Accept::Continue);
        }
        let origin = passage.frame.child("origin-id", IDS).and_then(|child| child.attribute("id"));
        let Some(origin) = origin else { return Ok(Accept::Continue) };
        let text = message_text(&passage.frame);
        let key = self.store.origin_key(&passage.sender, &passage.receiver, &origin, &text);
        let seen = self.store.seen(key);
        drop(origin);
        let Some(ticket) = seen else { return Ok(Accept::Continue) };
        passage.needs(ticket);
        tracing::debug!("a message came once more and was recognised");
        Ok(Accept::Taken)
    }
}
