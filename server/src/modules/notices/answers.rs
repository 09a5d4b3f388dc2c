//! Answers by text: the gateway asks whether what a phone wrote chooses an action of a notice that went there.

mod rules;
mod wording;

use std::sync::Arc;

use async_trait::async_trait;
use jid::BareJid;
use posthouse_protocol::notice::NAMESPACE;
use posthouse_protocol::wire::escape;
use serde_json::json;

use super::Inner;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::stages::IqHandler;
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::StorageError;
use crate::storage::notices::{Chance, EventKind, Noted, Said};
use rules::Verdict;

pub(super) use wording::offer;

/// The handler.
#[derive(Debug)]
pub(super) struct Answers(pub(super) Arc<Inner>);

#[async_trait]
impl IqHandler for Answers {
    fn namespaces(&self) -> &'static [&'static str] {
        &[NAMESPACE]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        // Who speaks for phones is the gateway alone.
        if request.session.is_some() || request.from.domain().as_str() != self.0.gateway {
            return Err(StanzaError::new(Condition::Forbidden));
        }
        let answer = &request.payload;
        let is_answer = answer.name == "answer" && request.is_set && *request.target == IqTarget::Server;
        let person = answer.attribute("person").filter(|_| is_answer);
        let person = person.and_then(|person| BareJid::new(&person).ok());
        let person = person.ok_or_else(|| StanzaError::new(Condition::BadRequest))?;
        let follows = answer.attribute("follows").as_deref() == Some("true");
        let said = self.hear(&person, follows, &answer.text()).await.map_err(|error| {
            tracing::error!(%error, "an answer by text cannot be noted");
            StanzaError::new(Condition::InternalServerError)
        })?;
        let inside =
            said.map_or_else(|| "<pass/>".to_owned(), |sentence| format!("<say>{}</say>", escape(&sentence)));
        Ok(IqAnswer::Payload(format!("<heard xmlns='{NAMESPACE}'>{inside}</heard>").into()))
    }
}

impl Answers {
    /// What the phone is told; `None` when the text was no answer to a notice. A choice is on the disk when this
    /// returns.
    async fn hear(
        &self,
        person: &BareJid,
        follows: bool,
        said: &str,
    ) -> Result<Option<String>, StorageError> {
        let (address, now) = (person.to_string(), self.0.parts.clock.now());
        let chances = self.0.parts.notices.chances(address.clone()).await?;
        let of = |line: i64| chances.iter().find(|chance| chance.line == line);
        match rules::judge(said, follows, &chances, now) {
            Verdict::Pass => Ok(None),
            Verdict::Which { lines } => {
                let open: Vec<&Chance> = lines.iter().filter_map(|line| of(*line)).collect();
                Ok(Some(wording::which(&open)))
            }
            Verdict::TooLate { line } => Ok(of(line).map(|chance| wording::too_late(chance, now))),
            Verdict::Choose { line, action } => {
                let Some(chance) = of(line) else { return Ok(None) };
                let detail = json!({ "action": action, "values": {} }).to_string();
                let noted = self.0.parts.notices.note(Said {
                    application: chance.application.clone(),
                    line: Some(line),
                    address: address.clone(),
                    kind: EventKind::Acted,
                    detail,
                    time: now,
                });
                if noted.await? == Noted::Yes {
                    return Ok(Some(wording::noted(chance, &action)));
                }
                // Somebody was quicker.
                let after = self.0.parts.notices.chances(address).await?;
                let after = after.iter().find(|chance| chance.line == line);
                Ok(after.map(|chance| wording::too_late(chance, now)))
            }
        }
    }
}
