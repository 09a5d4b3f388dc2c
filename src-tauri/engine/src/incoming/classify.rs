//! Says what a message is. Whoever claims something that only the server or the own account may claim is not
//! heard: copies (XEP-0280 section 11), archive results (XEP-0313), pushes of the directory and of presence.

use jid::{BareJid, Jid};
use posthouse_protocol::{organization, presence, sign_on, sms};
use xmpp_parsers::chatstates::ChatState;
use xmpp_parsers::delay::Delay;
use xmpp_parsers::message::{Message, MessageType};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::pubsub::event::{Event, Payload};
use xmpp_parsers::stanza_id::{OriginId, StanzaId};
use xmpp_parsers::{carbons, displayed_markers, mam, message_displayed, ns, receipts};

use super::{failure, notice, phone};
use crate::error::EngineErrorCode;
use crate::model::{DeliveryWish, Notice, Sms};
use crate::store::messages::Act;

/// Characters of a text that are kept; a longer one is cut.
const LONGEST_TEXT: usize = 100_000;
/// Bytes of an id; a longer one is treated as none.
pub(super) const LONGEST_ID: usize = 1_024;
/// Most read positions taken from one event.
const MOST_POSITIONS: usize = 1_000;

/// A message from outside, by what it is.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// Belongs to a conversation.
    Arrival(Box<Arrival>),
    /// Another client of this account has read: whose messages, and through which (id of the own archive).
    ReadElsewhere(Vec<(BareJid, String)>),
    /// The directory changed.
    Directory(Box<organization::Entries>),
    /// Presence changed.
    Presence(Box<presence::State>),
    /// What waits in business systems changed.
    Badges(sign_on::Badges),
    /// One result of a query of the own archive.
    ArchiveResult(Box<mam::Result_>),
    /// Nothing that concerns us.
    Nothing,
}

/// How a message came to this client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Addressed to this client: now, or out of the offline store.
    Direct,
    /// A copy of what another client of the account sent or received (XEP-0280).
    Copied,
    /// Read from the archive.
    Archived,
}

/// One message of a conversation, with everything it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) way: Way,
    /// The other side.
    pub(crate) peer: BareJid,
    /// Written by this account.
    pub(crate) own: bool,
    /// Id in the own archive, or empty.
    pub(crate) archive_id: String,
    /// When the server accepted it, microseconds, if it says so.
    pub(crate) stamp: Option<i64>,
    pub(crate) text: Option<Text>,
    /// Id of a message that has been delivered (XEP-0184).
    pub(crate) receipt: Option<String>,
    /// Id of the message through which the author has read (XEP-0333).
    pub(crate) displayed: Option<String>,
    /// The author is typing, or no longer (XEP-0085).
    pub(crate) typing: Option<bool>,
    /// A message of ours that was refused: its id, why.
    pub(crate) failure: Option<(String, EngineErrorCode)>,
    /// How far a text message of ours is: its id, what the gateway says.
    pub(crate) sms: Option<(String, Sms)>,
}

/// Words, and what their author wants to hear about them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Text {
    pub(crate) body: String,
    /// The author's origin-id (XEP-0359), or empty.
    pub(crate) origin_id: String,
    /// `id` of the stanza, or empty.
    pub(crate) message_id: String,
    pub(crate) wants_receipt: bool,
    pub(crate) markable: bool,
    /// Where its author wanted it.
    pub(crate) wish: DeliveryWish,
    /// Written on a phone.
    pub(crate) is_from_phone: bool,
    /// A business system says it.
    pub(crate) notice: Option<Notice>,
    /// What the person has chosen with it.
    pub(crate) act: Option<Act>,
}

/// Says what `message` is to the account `me`.
pub(crate) fn classify(message: Message, me: &BareJid) -> Incoming {
    let is_from_account = message.from.as_ref().is_none_or(|from| is_account(from, me));
    if is_from_account && let Some(result) = payload::<mam::Result_>(&message, "result", ns::MAM) {
        return Incoming::ArchiveResult(Box::new(result));
    }
    if has(&message, "sent", ns::CARBONS) || has(&message, "received", ns::CARBONS) {
        return if is_from_account { copied(&message, me) } else { Incoming::Nothing };
    }
    match message.type_ {
        MessageType::Headline => push(&message, me, is_from_account),
        MessageType::Groupchat => Incoming::Nothing,
        MessageType::Chat | MessageType::Normal | MessageType::Error => {
            let stamp = stamp_of_server(&message, me);
            let archive_id = archive_id(&message, me);
            arrival(message, me, Way::Direct, archive_id, stamp)
        }
    }
}

/// Says what a message of the own archive is.
pub(crate) fn archived(result: mam::Result_, me: &BareJid) -> Incoming {
    let stamp = result.forwarded.delay.as_ref().map(microseconds);
    let message = result.forwarded.message;
    match message.type_ {
        MessageType::Chat | MessageType::Normal => {
            arrival(message, me, Way::Archived, short(result.id), stamp)
        }
        MessageType::Headline | MessageType::Groupchat | MessageType::Error => Incoming::Nothing,
    }
}

fn copied(message: &Message, me: &BareJid) -> Incoming {
    let sent = payload::<carbons::Sent>(message, "sent", ns::CARBONS).map(|it| (it.forwarded, true));
    let received = || payload::<carbons::Received>(message, "received", ns::CARBONS);
    let Some((forwarded, is_sent)) = sent.or_else(|| received().map(|it| (it.forwarded, false))) else {
        return Incoming::Nothing;
    };
    let inner = forwarded.message;
    let ours = if is_sent { inner.from.as_ref() } else { inner.to.as_ref() };
    let is_true = ours.is_some_and(|address| address.to_bare() == *me);
    if !is_true || !matches!(inner.type_, MessageType::Chat | MessageType::Normal) {
        return Incoming::Nothing;
    }
    let stamp = forwarded.delay.as_ref().map(microseconds);
    let archive_id = archive_id(&inner, me);
    arrival(inner, me, Way::Copied, archive_id, stamp)
}

/// What the server or the account announces. Anybody may send a headline; only they are believed.
fn push(message: &Message, me: &BareJid, is_from_account: bool) -> Incoming {
    let is_from_server =
        message.from.as_ref().is_some_and(|from| from.node().is_none() && from.domain() == me.domain());
    if is_from_server || is_from_account {
        if let Some(entries) = payload::<organization::Entries>(message, "entries", organization::NAMESPACE) {
            return Incoming::Directory(Box::new(entries));
        }
        if let Some(state) = payload::<presence::State>(message, "state", presence::NAMESPACE) {
            return Incoming::Presence(Box::new(state));
        }
        if let Some(badges) = payload::<sign_on::Badges>(message, "badges", sign_on::NAMESPACE) {
            return Incoming::Badges(badges);
        }
    }
    if !is_from_account {
        return Incoming::Nothing;
    }
    let Some(Payload::Items { node, published, .. }) =
        payload::<Event>(message, "event", ns::PUBSUB_EVENT).map(|event| event.payload)
    else {
        return Incoming::Nothing;
    };
    if node.0 != ns::MDS {
        return Incoming::Nothing;
    }
    let items = published.into_iter().take(MOST_POSITIONS);
    let positions =
        items.filter_map(|item| read_position(&item.id?.0, item.payload?, me)).collect::<Vec<_>>();
    Incoming::ReadElsewhere(positions)
}

/// An item of XEP-0490: whose messages have been read, and through which.
pub(crate) fn read_position(item: &str, payload: Element, me: &BareJid) -> Option<(BareJid, String)> {
    let peer = BareJid::new(item).ok()?;
    let displayed = message_displayed::Displayed::try_from(payload).ok()?;
    let is_own = is_account(&displayed.stanza_id.by, me);
    (is_own && displayed.stanza_id.id.len() <= LONGEST_ID).then_some((peer, displayed.stanza_id.id))
}

fn arrival(message: Message, me: &BareJid, way: Way, archive_id: String, stamp: Option<i64>) -> Incoming {
    let from = message.from.as_ref().map_or_else(|| me.clone(), Jid::to_bare);
    let own = from == *me;
    let peer = if own { message.to.as_ref().map_or_else(|| me.clone(), Jid::to_bare) } else { from };
    let mut arrival = Arrival {
        way,
        peer,
        own,
        archive_id,
        stamp,
        text: None,
        receipt: None,
        displayed: None,
        typing: None,
        failure: None,
        sms: None,
    };
    if message.type_ == MessageType::Error {
        let id = message.id.as_ref().map(|id| short(id.0.clone())).unwrap_or_default();
        let code = failure::code(&message);
        // The gateway says the same in a notice, which knows better: a client may have the message.
        let is_gateways = has(&message, "sms", sms::NAMESPACE);
        arrival.failure = (!id.is_empty() && !is_gateways).then_some((id, code));
        return if arrival.failure.is_some() {
            Incoming::Arrival(Box::new(arrival))
        } else {
            Incoming::Nothing
        };
    }
    let receipt = payload::<receipts::Received>(&message, "received", ns::RECEIPTS).map(|it| short(it.id));
    arrival.receipt = receipt.filter(|id| !id.is_empty());
    let displayed = payload::<displayed_markers::Displayed>(&message, "displayed", ns::DISPLAYED_MARKERS);
    arrival.displayed = displayed.map(|it| short(it.id.0)).filter(|id| !id.is_empty());
    arrival.typing = if way == Way::Archived || arrival.stamp.is_some() { None } else { typing(&message) };
    arrival.text = text(&message);
    match arrival.text.as_mut() {
        Some(text) if own => text.act = notice::act(&message),
        Some(text) => text.notice = notice::of(&message, &arrival.peer, me),
        None if own => {
            arrival.text =
                notice::mark(&message, &arrival.peer, me).map(|mark| wordless(&message, Some(mark)));
        }
        None => {}
    }
    arrival.sms = if arrival.own { None } else { phone::notice(&message) };
    let is_something = arrival.text.is_some()
        || arrival.sms.is_some()
        || arrival.receipt.is_some()
        || arrival.displayed.is_some()
        || arrival.typing.is_some();
    if is_something { Incoming::Arrival(Box::new(arrival)) } else { Incoming::Nothing }
}

fn text(message: &Message) -> Option<Text> {
    let (_, body) = message.get_best_body(Vec::new())?;
    if body.trim().is_empty() {
        return None;
    }
    Some(Text {
        body: body.chars().take(LONGEST_TEXT).collect(),
        wants_receipt: has(message, "request", ns::RECEIPTS),
        markable: has(message, "markable", ns::DISPLAYED_MARKERS),
        wish: phone::wish(message),
        is_from_phone: has(message, "sms", sms::NAMESPACE),
        ..wordless(message, None)
    })
}

/// A message by its names alone, and what the person says with it.
fn wordless(message: &Message, act: Option<Act>) -> Text {
    let origin = payload::<OriginId>(message, "origin-id", ns::SID);
    Text {
        origin_id: origin.map(|it| short(it.id)).unwrap_or_default(),
        message_id: message.id.as_ref().map(|id| short(id.0.clone())).unwrap_or_default(),
        act,
        ..Text::default()
    }
}

fn typing(message: &Message) -> Option<bool> {
    let state = message.payloads.iter().find(|payload| payload.ns() == ns::CHATSTATES)?;
    match ChatState::try_from(state.clone()).ok()? {
        ChatState::Composing => Some(true),
        ChatState::Active | ChatState::Gone | ChatState::Inactive | ChatState::Paused => Some(false),
    }
}

/// The id that the own account gave (XEP-0359 section 5: nobody else's says anything about our archive).
fn archive_id(message: &Message, me: &BareJid) -> String {
    let ids = message.payloads.iter().filter(|payload| payload.is("stanza-id", ns::SID));
    let own = ids.filter_map(|id| StanzaId::try_from(id.clone()).ok()).find(|id| is_account(&id.by, me));
    own.map(|id| short(id.id)).unwrap_or_default()
}

fn stamp_of_server(message: &Message, me: &BareJid) -> Option<i64> {
    let delays = message.payloads.iter().filter(|payload| payload.is("delay", ns::DELAY));
    let of_server = delays.filter_map(|delay| Delay::try_from(delay.clone()).ok()).find(|delay| {
        delay.from.as_ref().is_some_and(|from| from.domain() == me.domain() && from.node().is_none())
    });
    of_server.as_ref().map(microseconds)
}

/// The account itself, not one of its clients.
fn is_account(address: &Jid, me: &BareJid) -> bool {
    address.resource().is_none() && address.to_bare() == *me
}

fn microseconds(delay: &Delay) -> i64 {
    delay.stamp.0.timestamp_micros()
}

fn short(id: String) -> String {
    if id.len() <= LONGEST_ID { id } else { String::new() }
}

fn has(message: &Message, name: &str, namespace: &str) -> bool {
    message.payloads.iter().any(|payload| payload.is(name, namespace))
}

fn payload<T: TryFrom<Element>>(message: &Message, name: &str, namespace: &str) -> Option<T> {
    let element = message.payloads.iter().find(|payload| payload.is(name, namespace))?;
    T::try_from(element.clone()).ok()
}

#[cfg(test)]
mod tests;
