//! Off to the gateway: at once, or when no client is there.

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use jid::BareJid;
use posthouse_protocol::error_code::ErrorCode;
use posthouse_protocol::sms::{self, FailureClass};
use posthouse_protocol::wire::{StanzaKind, escape_attribute};

use super::pump::Pump;
use super::{Phones, number, refusal};
use crate::routing::passage::{DeliveryWish, Origin, Passage, StoredId};
use crate::routing::session::Session;
use crate::routing::sessions::Sessions;
use crate::routing::stages::{Accept, AcceptStep, StepError, Undelivered, UndeliveredStep};
use crate::routing::stanza_error::Condition;
use crate::storage::messages::MessageStore;

/// The step behind archive and copies.
#[derive(Debug)]
pub(super) struct Dispatch {
    pub(super) phones: Phones,
    pub(super) pump: Arc<Pump>,
    pub(super) store: Arc<MessageStore>,
}

#[async_trait]
impl AcceptStep for Dispatch {
    fn concerns(&self, passage: &Passage) -> bool {
        let goes = matches!(passage.delivery, DeliveryWish::Phone | DeliveryWish::Both)
            || (self.phones.is_gateway(&passage.to) && passage.traits.has_body);
        goes && passage.frame.kind() == StanzaKind::Message && matches!(passage.origin, Origin::Session(_))
    }

    async fn accept(&self, passage: &mut Passage) -> Result<Accept, StepError> {
        let way = if self.phones.is_gateway(&passage.to) {
            self.direct(passage)
        } else {
            to_colleague(&self.phones, passage)
        };
        if let Some(way) = way.filter(|_| self.phones.is_here()) {
            keep(&self.pump, passage, &way).await?;
            let is_all = passage.delivery != DeliveryWish::Both;
            return Ok(if is_all { Accept::Taken } else { Accept::Continue });
        }
        if passage.delivery == DeliveryWish::Both {
            if let Origin::Session(session) = &passage.origin {
                tell_failure(session, passage);
            }
            return Ok(Accept::Continue);
        }
        // Said to nobody, so it stands in no history; sent once more it is a new message.
        let kept = passage.archive_ids.first().and_then(|(_, id)| id.parse().ok());
        if let Some(id) = kept {
            self.store
                .withdraw(&passage.receiver, StoredId(id))
                .await
                .map_err(StepError::of("texts to phones"))?;
        }
        Ok(Accept::Reject(refusal(Condition::RecipientUnavailable, ErrorCode::GatewayAway)))
    }
}

/// Where the gateway brings a message, and what it has to know.
struct Way {
    address: String,
    order: String,
}

impl Dispatch {
    /// To an address of the gateway itself.
    fn direct(&self, passage: &Passage) -> Option<Way> {
        let local = passage.to.node().map_or("", |local| local.as_str());
        let mobile = self.phones.person_of_login(local).and_then(|person| person.mobile.clone());
        let number = mobile.or_else(|| number::of_address(local).map(str::to_owned))?;
        let order = self.phones.order(&passage.sender, &number, &passage.receiver);
        Some(Way { address: passage.receiver.to_string(), order })
    }
}

/// To a colleague's phone; `None` when it is not known any more.
fn to_colleague(phones: &Phones, passage: &Passage) -> Option<Way> {
    let receiver: &BareJid = &passage.receiver;
    let number = phones.directory.person(receiver)?.mobile.clone()?;
    let order = phones.order(&passage.sender, &number, receiver);
    Some(Way { address: phones.address_of(receiver), order })
}

/// From here on the message reaches the gateway, whatever happens.
async fn keep(pump: &Pump, passage: &Passage, way: &Way) -> Result<(), StepError> {
    let given = passage.frame.id().filter(|id| !id.is_empty()).map(Cow::into_owned);
    let name = given.unwrap_or_else(|| format!("relayed-{}", passage.received.0));
    let edit = passage.frame.edit().to(Some(&way.address)).id(&name).append(way.order.as_bytes());
    let frame = edit.finish();
    pump.keep(passage.sender.clone(), name.clone(), &frame).await.map_err(StepError::of("texts to phones"))
}

/// When nobody took the message.
#[derive(Debug)]
pub(super) struct Fallback {
    pub(super) phones: Phones,
    pub(super) pump: Arc<Pump>,
    pub(super) store: Arc<MessageStore>,
    pub(super) sessions: Arc<Sessions>,
}

#[async_trait]
impl UndeliveredStep for Fallback {
    async fn take(&self, passage: &mut Passage) -> Result<Undelivered, StepError> {
        if passage.delivery != DeliveryWish::ClientElsePhone {
            return Ok(Undelivered::Pass);
        }
        // A client that is still being given older messages is there.
        let is_there = |session: &Session| session.is_available() && session.priority() >= 0;
        if self.sessions.any(&passage.receiver, is_there) {
            return Ok(Undelivered::Pass);
        }
        let way = to_colleague(&self.phones, passage).filter(|_| self.phones.is_here());
        let Some(way) = way else { return Ok(Undelivered::Pass) };
        keep(&self.pump, passage, &way).await?;
        if let Some(id) = passage.stored.take() {
            // It does not wait for a client as well.
            self.store.taken(&passage.receiver, &[id]);
        }
        Ok(Undelivered::Taken("phone"))
    }
}

/// The client has the message; the phone will not get it.
fn tell_failure(session: &Session, passage: &Passage) {
    let (from, to) = (escape_attribute(passage.receiver.as_str()), escape_attribute(passage.from.as_str()));
    let id = passage.frame.id().unwrap_or_default().into_owned();
    let (id, space, class) = (escape_attribute(&id), sms::NAMESPACE, FailureClass::Away.word());
    let notice = format!(
        "<message type='chat' from='{from}' to='{to}'><state xmlns='{space}' id='{id}' value='failed'/>\
         <failure xmlns='{space}' id='{id}' class='{class}'/><no-store xmlns='urn:xmpp:hints'/></message>"
    );
    // A session that takes nothing more is being ended: nobody is left to be told.
    let _ = session.send(notice.into());
}
