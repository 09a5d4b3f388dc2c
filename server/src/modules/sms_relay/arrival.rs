//! What the gateway says for a person comes from that person: a text from the phone stands in the same chat.

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use jid::{BareJid, Jid};
use posthouse_protocol::sms;
use posthouse_protocol::wire::StanzaKind;

use super::Phones;
use super::pump::Pump;
use crate::routing::passage::{MessageType, Origin, Passage};
use crate::routing::stages::{Accept, AcceptStep, StepError};

/// The step.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) phones: Phones,
    pub(super) pump: Arc<Pump>,
}

#[async_trait]
impl AcceptStep for Arrival {
    fn concerns(&self, passage: &Passage) -> bool {
        let is_gateways =
            matches!(&passage.origin, Origin::Component(domain) if **domain == *self.phones.gateway);
        is_gateways && passage.frame.kind() == StanzaKind::Message && passage.traits.is_about_phones
    }

    async fn accept(&self, passage: &mut Passage) -> Result<Accept, StepError> {
        if let Some(name) = named(passage) {
            let settling = self.pump.settle(passage.receiver.clone(), name);
            settling.await.map_err(StepError::of("texts to phones"))?;
        }
        let said = passage
            .frame
            .children()
            .find(|child| child.namespace == sms::NAMESPACE && child.attribute("chat").is_some());
        let chat = said.and_then(|child| BareJid::new(&child.attribute("chat")?).ok());
        let Some(chat) = chat.filter(|chat| self.phones.directory.is_member(chat)) else {
            return Ok(Accept::Continue);
        };
        passage.frame = passage.frame.edit().from(Some(chat.as_str())).finish();
        passage.from = Jid::from(chat.clone());
        passage.sender = chat;
        Ok(Accept::Continue)
    }
}

/// The message that the gateway says something about: it has it, or will not take it.
fn named(passage: &Passage) -> Option<String> {
    if passage.traits.message_type == MessageType::Error {
        return passage.frame.id().map(Cow::into_owned);
    }
    let state = passage.frame.child("state", sms::NAMESPACE)?;
    state.attribute("id").map(Cow::into_owned)
}
