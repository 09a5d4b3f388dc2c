//! The card of an application (XEP-0054): its name and its picture, for every client.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use posthouse_protocol::wire::escape;

use super::Inner;
use crate::routing::passage::{Origin, Passage};
use crate::routing::replies;
use crate::routing::stages::{Accept, StepError};
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::icons::SystemCard;

const NAMESPACE: &str = "vcard-temp";

impl Inner {
    /// Answers who asks an application something: it has a card, and nothing else.
    pub(super) async fn answer(&self, passage: &Passage) -> Result<Accept, StepError> {
        let refuse = |condition| Ok(Accept::Reject(StanzaError::new(condition)));
        let is_card = passage.frame.child("vCard", NAMESPACE).is_some();
        let is_get = passage.frame.type_().as_deref() == Some("get");
        let (true, true, Origin::Session(session)) = (is_card, is_get, &passage.origin) else {
            return refuse(Condition::ServiceUnavailable);
        };
        let Some(name) = passage.to.node() else { return refuse(Condition::ServiceUnavailable) };
        let card = self.parts.notices.card(name.as_str().to_owned());
        let Some(card) = card.await.map_err(StepError::of("notices"))? else {
            return refuse(Condition::ItemNotFound);
        };
        let answer = replies::result(&passage.frame, session.jid().as_str(), Some(written(&card).as_bytes()));
        if session.send(answer).is_err() {
            tracing::debug!("a client that has gone gets no card");
        }
        Ok(Accept::Taken)
    }
}

fn written(card: &SystemCard) -> String {
    let mut text = format!("<vCard xmlns='{NAMESPACE}'><FN>{}</FN>", escape(&card.title));
    if !card.picture.is_empty() {
        let encoded = STANDARD.encode(&card.picture);
        text.push_str(&format!("<PHOTO><TYPE>image/png</TYPE><BINVAL>{encoded}</BINVAL></PHOTO>"));
    }
    text.push_str("</vCard>");
    text
}
