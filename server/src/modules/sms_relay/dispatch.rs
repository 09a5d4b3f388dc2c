//! Off to the gateway: at once, or when no client is there.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jid::BareJid;
use posthouse_protocol::sms;
use posthouse_protocol::wire::StanzaKind;

use super::pump::Pump;
use super::{Phones, number};
use crate::routing::passage::{DeliveryWish, Origin, Passage};
use crate::routing::session::Session;
use crate::routing::sessions::Sessions;
use crate::routing::stages::{Accept, AcceptStep, StepError, Undelivered, UndeliveredStep};
use crate::storage::messages::MessageStore;

/// The step behind archive and copies.
#[derive(Debug)]
pub(super) struct Dispatch {
    pub(super) phones: Phones,
    pub(super) pump: Arc<Pump>,
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
        // The step before has seen that there is a way.
        let Some(way) = way else { return Ok(Accept::Continue) };
        keep(&self.pump, passage, &way).await?;
        Ok(if passage.delivery == DeliveryWish::Both { Accept::Continue } else { Accept::Taken })
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
        let order = self.phones.order(&passage.sender, &number, &passage.receiver, is_urgent(passage));
        Some(Way { address: passage.receiver.to_string(), order })
    }
}

/// To a colleague's phone; `None` when it is not known any more.
fn to_colleague(phones: &Phones, passage: &Passage) -> Option<Way> {
    let receiver: &BareJid = &passage.receiver;
    let number = phones.directory.person(receiver)?.mobile.clone()?;
    let order = phones.order(&passage.sender, &number, receiver, is_urgent(passage));
    Some(Way { address: phones.address_of(receiver), order })
}

/// From here on the message reaches the gateway, whatever happens.
async fn keep(pump: &Pump, passage: &Passage, way: &Way) -> Result<(), StepError> {
    let given = passage.frame.id().filter(|id| !id.is_empty()).map(Cow::into_owned);
    let name = given.unwrap_or_else(|| format!("relayed-{}", passage.received.0));
    let edit = passage.frame.edit().to(Some(&way.address)).id(&name).append(way.order.as_bytes());
    let frame = edit.finish();
    let until = pump.until(passage.received, lifetime(passage));
    pump.keep(passage.sender.clone(), name.clone(), &frame, until)
        .await
        .map_err(StepError::of("texts to phones"))
}

/// What stands beside the sender's wish.
fn beside_wish(passage: &Passage, name: &str) -> Option<String> {
    let wish = passage.frame.child("delivery", sms::NAMESPACE)?;
    wish.attribute(name).map(Cow::into_owned)
}

/// It goes to the phone at any hour.
fn is_urgent(passage: &Passage) -> bool {
    beside_wish(passage, "urgent").as_deref() == Some("true")
}

/// How long it is of use.
fn lifetime(passage: &Passage) -> Option<Duration> {
    beside_wish(passage, "seconds")?.parse().ok().map(Duration::from_secs)
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
