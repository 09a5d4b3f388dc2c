//! What comes for applications: receipts and markers of clients, states of texts, actions, answers.

use std::sync::Arc;

use async_trait::async_trait;
use posthouse_protocol::notice;
use posthouse_protocol::sms;
use posthouse_protocol::wire::{Child, StanzaKind};
use serde_json::{Map, Value};

use super::Inner;
use crate::routing::passage::{DeliveryWish, MessageType, Origin, Passage};
use crate::routing::stages::{Accept, AcceptStep, StepError};
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::notices::{EventKind, Noted, Said};

const RECEIPTS: &str = "urn:xmpp:receipts";
const MARKERS: &str = "urn:xmpp:chat-markers:0";

/// Most letters of an answer that are kept.
const ANSWER: usize = 1_000;

/// Why a press does not count.
const TOO_LATE: &str = "这件事已经处理过了。 · This has been decided already.";

/// The step.
#[derive(Debug)]
pub(super) struct Mailbox(pub(super) Arc<Inner>);

/// The line that a message's id names.
pub(super) fn line_of(id: &str) -> Option<i64> {
    id.strip_prefix("notice-")?.split('-').next()?.parse().ok()
}

/// The id is that of news about a notice that the client has.
pub(super) fn is_about_earlier(id: &str) -> bool {
    id.strip_prefix("notice-").is_some_and(|rest| rest.contains('-'))
}

#[async_trait]
impl AcceptStep for Mailbox {
    fn concerns(&self, passage: &Passage) -> bool {
        self.is_for_phone_only(passage) || passage.to.domain().as_str() == self.0.home
    }

    async fn accept(&self, passage: &mut Passage) -> Result<Accept, StepError> {
        if self.is_for_phone_only(passage) {
            // The history has it; no client is given it.
            return Ok(Accept::Taken);
        }
        match passage.frame.kind() {
            StanzaKind::Iq if matches!(passage.frame.type_().as_deref(), Some("get" | "set")) => {
                self.0.answer(passage).await
            }
            StanzaKind::Iq | StanzaKind::Presence | StanzaKind::Nonza => Ok(Accept::Taken),
            StanzaKind::Message => self.message(passage).await,
        }
    }
}

impl Mailbox {
    fn is_for_phone_only(&self, passage: &Passage) -> bool {
        matches!(passage.origin, Origin::Server)
            && passage.delivery == DeliveryWish::Phone
            && passage.from.domain().as_str() == self.0.home
    }

    async fn message(&self, passage: &mut Passage) -> Result<Accept, StepError> {
        let Some((line, kind, detail)) = read(passage) else { return Ok(Accept::Taken) };
        let said = Said {
            application: passage.to.node().map_or("", |name| name.as_str()).to_owned(),
            line,
            address: self.address(passage),
            kind,
            detail,
            time: passage.received,
        };
        let notices = &self.0.parts.notices;
        // What the gateway says is not said again once it knows that we have heard it.
        let is_awaited = !matches!(passage.origin, Origin::Session(_))
            || matches!(kind, EventKind::Replied | EventKind::Acted);
        if !is_awaited {
            let ticket = notices.note_later(said).await.map_err(StepError::of("notices"))?;
            passage.needs(ticket);
            return Ok(Accept::Taken);
        }
        match notices.note(said).await.map_err(StepError::of("notices"))? {
            Noted::Unknown if kind == EventKind::Replied => {
                Ok(Accept::Reject(StanzaError::new(Condition::ItemNotFound)))
            }
            Noted::TooLate => Ok(Accept::Reject(StanzaError::new(Condition::Conflict).with_text(TOO_LATE))),
            Noted::Yes | Noted::Unknown => Ok(Accept::Taken),
        }
    }

    /// The person: the gateway may speak with an address of its own.
    fn address(&self, passage: &Passage) -> String {
        let sender = &passage.sender;
        match sender.node() {
            Some(login) if sender.domain().as_str() == self.0.gateway => {
                format!("{login}@{}", self.0.parts.domain)
            }
            Some(_) | None => sender.to_string(),
        }
    }
}

/// What the message says about which line; `None` when it says nothing that is kept.
fn read(passage: &Passage) -> Option<(Option<i64>, EventKind, String)> {
    // The server itself speaks for a gateway that has been away too long.
    let is_gateways = matches!(passage.origin, Origin::Component(_) | Origin::Server);
    if passage.traits.message_type == MessageType::Error {
        let line = line_of(&passage.frame.id().filter(|_| is_gateways)?)?;
        return Some((Some(line), EventKind::SmsFailed, condition(passage)));
    }
    // What people note for themselves is for their own clients.
    if passage.frame.child("mark", notice::NAMESPACE).is_some() {
        return None;
    }
    for child in passage.frame.children() {
        let about = |name| child.attribute(name).and_then(|id| line_of(&id));
        let read = match (child.name, child.namespace) {
            ("received", RECEIPTS) if !is_gateways => {
                about("id").map(|line| (line, EventKind::Delivered, String::new()))
            }
            ("received", MARKERS) => about("id").map(|line| (line, EventKind::Delivered, String::new())),
            ("displayed" | "acknowledged", MARKERS) => {
                about("id").map(|line| (line, EventKind::Read, String::new()))
            }
            ("state", sms::NAMESPACE) if is_gateways => {
                about("id").zip(text_event(passage, &child)).map(|(line, (kind, why))| (line, kind, why))
            }
            ("act", notice::NAMESPACE) => {
                about("message").map(|line| (line, EventKind::Acted, action(&child)))
            }
            _ => None,
        };
        if let Some((line, kind, detail)) = read {
            return Some((Some(line), kind, detail));
        }
    }
    let body = passage.frame.child("body", "jabber:client")?.text().into_owned();
    let body: String = body.chars().take(ANSWER).collect();
    (!body.is_empty()).then_some((None, EventKind::Replied, body))
}

/// How far a text is; `None` for states that applications need not hear of.
fn text_event(passage: &Passage, state: &Child<'_>) -> Option<(EventKind, String)> {
    match state.attribute("value")?.as_ref() {
        "sent" => Some((EventKind::SmsSent, String::new())),
        "unconfirmed" => Some((EventKind::SmsUnconfirmed, String::new())),
        "delivered" => Some((EventKind::SmsReported, String::new())),
        "failed" => {
            let failure = passage.frame.child("failure", sms::NAMESPACE);
            let class =
                failure.and_then(|failure| failure.attribute("class").map(|class| class.into_owned()));
            Some((EventKind::SmsFailed, class.unwrap_or_default()))
        }
        _ => None,
    }
}

fn condition(passage: &Passage) -> String {
    let error = passage.frame.child("error", "jabber:client");
    let condition = error.and_then(|error| error.children().next().map(|child| child.name.to_owned()));
    condition.unwrap_or_default()
}

/// The action and what was filled in, as JSON.
fn action(act: &Child<'_>) -> String {
    let attribute = |child: &Child<'_>, name: &str| {
        Value::String(child.attribute(name).map(|value| value.into_owned()).unwrap_or_default())
    };
    let mut values = Map::new();
    for value in act.children().filter(|child| child.name == "value") {
        let name = value.attribute("name").map(|name| name.into_owned()).unwrap_or_default();
        let text: String = value.text().chars().take(ANSWER).collect();
        values.insert(name, Value::String(text));
    }
    let mut whole = Map::new();
    whole.insert("action".to_owned(), attribute(act, "action"));
    whole.insert("values".to_owned(), Value::Object(values));
    Value::Object(whole).to_string()
}
