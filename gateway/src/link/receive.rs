//! What the server sends: messages to phones, questions, presence.

use posthouse_protocol::wire::{Child, Frame, StanzaKind};
use posthouse_protocol::{codes, sms};

use super::exchange::Heard;
use super::presence::{self, Followers};
use super::stream::{LinkError, Writer};
use super::voice::Voice;
use super::{Link, contact, questions, stanzas};
use crate::conversation::{Colleague, Letter};
use crate::outbox::Order;

/// Both addresses and the id of a stanza.
struct Envelope {
    from: String,
    to: String,
    id: String,
}

pub(super) async fn heed(
    link: &Link,
    frame: &Frame,
    heard: &mut Heard,
    writer: &mut Writer,
) -> Result<(), LinkError> {
    let frame = frame.to_client_namespace();
    let (Some(from), Some(to)) = (frame.from(), frame.to()) else { return Ok(()) };
    let id = frame.id().map(std::borrow::Cow::into_owned).unwrap_or_default();
    let envelope = Envelope { from: from.into_owned(), to: to.into_owned(), id };
    match frame.kind() {
        StanzaKind::Message => message(link, &frame, &envelope, heard, writer).await,
        StanzaKind::Iq => question(link, &frame, &envelope, heard, writer).await,
        StanzaKind::Presence => presence(link, &frame, &envelope, &mut heard.followers, writer).await,
        StanzaKind::Nonza => Ok(()),
    }
}

/// A body goes to the phone; all else (typing, receipts, errors) phones do not know.
async fn message(
    link: &Link,
    frame: &Frame,
    envelope: &Envelope,
    heard: &mut Heard,
    writer: &mut Writer,
) -> Result<(), LinkError> {
    let is_chat = matches!(frame.type_().as_deref(), None | Some("chat" | "normal"));
    let body = frame.child("body", "jabber:client").map(|body| body.text().into_owned());
    let Some(body) = body.filter(|body| is_chat && !body.is_empty()) else { return Ok(()) };
    let refuse = |condition, sentence| {
        let voice = Voice::of(&envelope.to, &link.settings.domain);
        stanzas::message_error(&envelope.id, &voice, &envelope.from, condition, sentence)
    };
    let person = bare(&envelope.from);
    if !is_of(domain(person), &link.settings.server) {
        let error = refuse("forbidden", "Only people of this server can write to phones.");
        return writer.write(error.as_bytes()).await;
    }
    if is_for_contact(link, frame, envelope) {
        let asked = (envelope.from.as_str(), envelope.id.as_str());
        let is_kept = heard.questions.ask(link, asked, body, writer).await?;
        if is_kept && frame.child("request", RECEIPTS).is_some() && !envelope.id.is_empty() {
            let receipt = contact::receipt(&envelope.id, &envelope.to, &envelope.from);
            writer.write(receipt.as_bytes()).await?;
        }
        return Ok(());
    }
    // The server knows the number and whether this may be.
    let Some((letter, recipient, is_alone)) = letter(&frame.element(), person, body) else {
        let error = refuse("item-not-found", "No phone is known under this address.");
        return writer.write(error.as_bytes()).await;
    };
    let is_urgent = frame
        .child("deliver", sms::NAMESPACE)
        .is_some_and(|deliver| deliver.attribute("urgent").as_deref() == Some("true"));
    let outgoing = if is_alone {
        link.conversations.alone(letter)
    } else {
        link.conversations.outgoing(letter).await.map_err(LinkError::Store)?
    };
    let order = Order {
        origin: person.to_owned(),
        reply_to: envelope.from.clone(),
        origin_id: if envelope.id.is_empty() { outgoing.name } else { envelope.id.clone() },
        recipient,
        number: outgoing.number,
        body: outgoing.body,
        is_flash: false,
        wanted: outgoing.modem,
    };
    let (origin, origin_id) = (order.origin.clone(), order.origin_id.clone());
    let chat = order.recipient.clone();
    match link.outbox.request(order, is_urgent).await.map_err(LinkError::Store)? {
        Ok(true) => Ok(()),
        // The server does not know that it is here.
        Ok(false) => link.outbox.tell_again(origin, origin_id).await.map_err(LinkError::Store),
        Err(refusal) => {
            let voice = Voice::of(&chat, &link.settings.domain);
            let sentence = refusal.sentence(link.outbox.rules().zone);
            tracing::info!(sender = origin, ?refusal, "a text is over its sender's limit");
            let told = stanzas::over_limit(&origin_id, &voice, &envelope.from, refusal, &sentence);
            writer.write(told.as_bytes()).await
        }
    }
}

/// Receipts (XEP-0184).
const RECEIPTS: &str = "urn:xmpp:receipts";

/// A person asks with a code. Where the server says whose phone it is, it is a text for that phone.
fn is_for_contact(link: &Link, frame: &Frame, envelope: &Envelope) -> bool {
    bare(&envelope.to) == questions::address(link)
        && frame.child("deliver", sms::NAMESPACE).is_none()
        && questions::desk(link).is_some()
}

/// What the server says beside the message: `<deliver/>`.
fn letter(message: &Child<'_>, person: &str, body: String) -> Option<(Letter, String, bool)> {
    let deliver = message.child("deliver", sms::NAMESPACE)?;
    let attribute = |name| deliver.attribute(name).map(std::borrow::Cow::into_owned);
    let recipient = attribute("chat")?;
    let writer = Colleague { address: person.to_owned(), name: attribute("name")? };
    let letter = Letter { writer, recipient: recipient.clone(), number: attribute("number")?, body };
    let is_alone = attribute("alone").is_some_and(|word| word == "true");
    Some((letter, recipient, is_alone))
}

async fn question(
    link: &Link,
    frame: &Frame,
    envelope: &Envelope,
    heard: &mut Heard,
    writer: &mut Writer,
) -> Result<(), LinkError> {
    if !matches!(frame.type_().as_deref(), Some("get" | "set")) {
        return Ok(());
    }
    let payload = frame.children().next().map(|child| (child.name.to_owned(), child.namespace.to_owned()));
    let payload = payload.as_ref().map(|(name, namespace)| (name.as_str(), namespace.as_str()));
    let (id, from, to) = (&envelope.id, &envelope.to, &envelope.from);
    let desk = questions::desk(link);
    let title = desk.map(|desk| desk.registry().contact());
    let is_contact = desk.is_some() && bare(from) == questions::address(link);
    let answer = match payload {
        Some(("query", "http://jabber.org/protocol/disco#info")) if is_contact => {
            stanzas::result(id, from, to, &contact::identity(title.unwrap_or_default()))
        }
        Some(("codes", codes::NAMESPACE)) if is_contact && frame.type_().as_deref() == Some("get") => {
            return heard.questions.list(link, (to.as_str(), id.as_str()), writer).await;
        }
        Some(("ping", "urn:xmpp:ping")) => stanzas::result(id, from, to, ""),
        Some(("query", "http://jabber.org/protocol/disco#info")) => {
            stanzas::result(id, from, to, &stanzas::identity())
        }
        Some(("query", items @ "http://jabber.org/protocol/disco#items")) => {
            let name = title.filter(|_| *from == link.settings.domain);
            let item = name.map(|name| contact::item(&questions::address(link), name)).unwrap_or_default();
            stanzas::result(id, from, to, &format!("<query xmlns='{items}'>{item}</query>"))
        }
        Some(("status", sms::NAMESPACE)) => status(link, envelope).await?,
        Some(_) | None => stanzas::refusal(id, from, to),
    };
    writer.write(answer.as_bytes()).await
}

/// How the gateway is, for administrators.
async fn status(link: &Link, envelope: &Envelope) -> Result<String, LinkError> {
    let (id, from, to) = (&envelope.id, &envelope.to, &envelope.from);
    let is_administrator = link.settings.administrators.iter().any(|address| address == bare(to));
    let Some(reporter) = link.status.as_ref().filter(|_| is_administrator && from == &link.settings.domain)
    else {
        return Ok(stanzas::forbidden(id, from, to));
    };
    let snapshot = reporter.snapshot().await.map_err(LinkError::Store)?;
    Ok(stanzas::result(id, from, to, &snapshot.xml()))
}

/// A phone can always be reached as far as we know, and lets everybody see that; the gateway itself says how many
/// modems are ready.
async fn presence(
    link: &Link,
    frame: &Frame,
    envelope: &Envelope,
    followers: &mut Followers,
    writer: &mut Writer,
) -> Result<(), LinkError> {
    let (from, to) = (bare(&envelope.to), bare(&envelope.from));
    let is_gateway = from == link.settings.domain;
    let current = |to: &str| {
        if is_gateway { presence::current(link, to) } else { stanzas::presence(None, from, to) }
    };
    let kind = frame.type_();
    let answer = match kind.as_deref() {
        Some("subscribe") => stanzas::presence(Some("subscribed"), from, to) + &current(to),
        Some("unsubscribe") => stanzas::presence(Some("unsubscribed"), from, to),
        // One who came says so to all they follow (RFC 6121 section 4.2.2).
        Some("probe") | None if is_gateway => current(&envelope.from),
        Some("probe") => current(&envelope.from),
        Some(_) | None => String::new(),
    };
    if is_gateway {
        match kind.as_deref() {
            Some("subscribe") => followers.add(to),
            Some("probe") | None => followers.add(&envelope.from),
            Some("unavailable") => followers.remove(&envelope.from),
            Some("unsubscribe") => followers.remove(to),
            Some(_) => {}
        }
    }
    if answer.is_empty() { Ok(()) } else { writer.write(answer.as_bytes()).await }
}

/// The server's domain, or one below it: applications write from there.
fn is_of(domain: &str, server: &str) -> bool {
    domain.strip_suffix(server).is_some_and(|below| below.is_empty() || below.ends_with('.'))
}

fn bare(address: &str) -> &str {
    address.split_once('/').map_or(address, |(bare, _)| bare)
}

fn domain(bare: &str) -> &str {
    bare.split_once('@').map_or(bare, |(_, domain)| domain)
}
