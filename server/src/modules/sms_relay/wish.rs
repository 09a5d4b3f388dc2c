//! The sender's wish, read and judged before anything is kept.

use async_trait::async_trait;
use posthouse_protocol::codes;
use posthouse_protocol::error_code::ErrorCode;
use posthouse_protocol::sms;
use posthouse_protocol::wire::StanzaKind;

use super::{Phones, number, refusal};
use crate::routing::passage::{DeliveryWish, Origin, Passage};
use crate::routing::stages::{Accept, AcceptStep, StepError};
use crate::routing::stanza_error::{Condition, StanzaError};

/// The step.
#[derive(Debug)]
pub(super) struct Wish(pub(super) Phones);

#[async_trait]
impl AcceptStep for Wish {
    fn concerns(&self, passage: &Passage) -> bool {
        let is_asked = passage.traits.is_about_phones || self.0.is_gateway(&passage.to);
        is_asked
            && passage.frame.kind() == StanzaKind::Message
            && matches!(passage.origin, Origin::Session(_))
    }

    async fn accept(&self, passage: &mut Passage) -> Result<Accept, StepError> {
        // Only the server tells the gateway a number.
        if passage.frame.child("deliver", sms::NAMESPACE).is_some() {
            return Ok(Accept::Reject(StanzaError::new(Condition::BadRequest)));
        }
        if self.0.is_gateway(&passage.to) {
            return Ok(self.direct(passage));
        }
        let wish = passage.frame.child("delivery", sms::NAMESPACE);
        let wish = wish.map(|child| child.attribute("wish").and_then(|word| DeliveryWish::of_word(&word)));
        match wish {
            None => Ok(Accept::Continue),
            Some(None) => Ok(Accept::Reject(StanzaError::new(Condition::BadRequest))),
            Some(Some(wish)) => Ok(self.judge(passage, wish)),
        }
    }
}

impl Wish {
    fn judge(&self, passage: &mut Passage, wish: DeliveryWish) -> Accept {
        let phones = &self.0;
        let is_ours = passage.to.domain().as_str() == &*phones.domain;
        if wish == DeliveryWish::Client || !is_ours || !passage.traits.has_body {
            return Accept::Continue;
        }
        let Some(person) = phones.directory.person(&passage.receiver) else { return Accept::Continue };
        if !phones.directory.may_text(&passage.sender, &passage.receiver) {
            return Accept::Reject(refusal(Condition::Forbidden, ErrorCode::TextingNotAllowed));
        }
        let is_only_way = wish == DeliveryWish::Phone;
        if person.mobile.is_none() {
            // The client is a way, too.
            return if is_only_way {
                Accept::Reject(refusal(Condition::ItemNotFound, ErrorCode::NoPhone))
            } else {
                Accept::Continue
            };
        }
        if !phones.has_gateway() {
            return if wish == DeliveryWish::ClientElsePhone {
                Accept::Continue
            } else {
                Accept::Reject(refusal(Condition::RecipientUnavailable, ErrorCode::GatewayAway))
            };
        }
        if is_only_way {
            // It stands in both histories; no client is given it.
            passage.traits.store = false;
        }
        passage.delivery = wish;
        Accept::Continue
    }

    /// Somebody writes to an address of the gateway itself.
    fn direct(&self, passage: &Passage) -> Accept {
        let phones = &self.0;
        if !passage.traits.has_body {
            return Accept::Continue;
        }
        let local = passage.to.node().map_or("", |local| local.as_str());
        let is_allowed = match (phones.person_of_login(local), number::of_address(local)) {
            (Some(person), _) if person.mobile.is_none() => {
                return Accept::Reject(refusal(Condition::ItemNotFound, ErrorCode::NoPhone));
            }
            (Some(person), _) => phones.directory.may_text(&passage.sender, &person.jid),
            // No phone but the gateway itself, which answers questions.
            (None, None) if local == codes::CONTACT => true,
            (None, Some(_)) => phones.directory.may_text_strangers(&passage.sender),
            (None, None) => return Accept::Reject(refusal(Condition::ItemNotFound, ErrorCode::NoPhone)),
        };
        if is_allowed {
            Accept::Continue
        } else {
            Accept::Reject(refusal(Condition::Forbidden, ErrorCode::TextingNotAllowed))
        }
    }
}
