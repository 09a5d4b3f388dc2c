//! What the server sends: messages to phones, questions, presence.

use posthouse_protocol::wire::{Frame, StanzaKind};

use super::stream::{LinkError, Writer};
use super::{Link, stanzas};
use crate::outbox::Order;

/// Both addresses and the id of a stanza.
struct Envelope {
    from: String,
    to: String,
    id: String,
}

pub(super) async fn heed(link: &Link, frame: &Frame, writer: &mut Writer) -> Result<(), LinkError> {
    let frame = frame.to_client_namespace();
    let (Some(from), Some(to)) = (frame.from(), frame.to()) else { return Ok(()) };
    let id = frame.id().map(std::borrow::Cow::into_owned).unwrap_or_default();
    let envelope = Envelope { from: from.into_owned(), to: to.into_owned(), id };
    match frame.kind() {
        StanzaKind::Message => message(link, &frame, &envelope, writer).await,
        StanzaKind::Iq => question(link, &frame, &envelope, writer).await,
        StanzaKind::Presence => presence(link, &frame, &envelope, writer).await,
        StanzaKind::Nonza => Ok(()),
    }
}

/// A body goes to the phone; all else (typing, receipts, errors) phones do not know.
async fn message(
    link: &Link,
    frame: &Frame,
    envelope: &Envelope,
    writer: &mut Writer,
) -> Result<(), LinkError> {
    let is_chat = matches!(frame.type_().as_deref(), None | Some("chat" | "normal"));
    let body = frame.child("body", "jabber:client").map(|body| body.text().into_owned());
    let Some(body) = body.filter(|body| is_chat && !body.is_empty()) else { return Ok(()) };
    let refuse = |condition, sentence| {
        stanzas::message_error(&envelope.id, &envelope.to, &envelope.from, condition, sentence)
    };
    let person = bare(&envelope.from);
    if domain(person) != link.settings.server {
        let error = refuse("forbidden", "Only people of this server can write to phones.");
        return writer.write(error.as_bytes()).await;
    }
    let Some(number) = link.conversations.number_of(local(&envelope.to)) else {
        let error = refuse("item-not-found", "No phone is known under this address.");
        return writer.write(error.as_bytes()).await;
    };
    let recipient = bare(&envelope.to).to_owned();
    let outgoing = link.conversations.outgoing(person, &recipient, &number, &body);
    let outgoing = outgoing.await.map_err(LinkError::Store)?;
    let order = Order {
        origin: person.to_owned(),
        reply_to: envelope.from.clone(),
        origin_id: if envelope.id.is_empty() { outgoing.name } else { envelope.id.clone() },
        recipient,
        number,
        body: outgoing.body,
        is_flash: false,
        wanted: outgoing.modem,
    };
    link.outbox.take(order).await.map_err(LinkError::Store)?;
    Ok(())
}

async fn question(
    link: &Link,
    frame: &Frame,
    envelope: &Envelope,
    writer: &mut Writer,
) -> Result<(), LinkError> {
    if !matches!(frame.type_().as_deref(), Some("get" | "set")) {
        return Ok(());
    }
    let payload = frame.children().next().map(|child| (child.name.to_owned(), child.namespace.to_owned()));
    let payload = payload.as_ref().map(|(name, namespace)| (name.as_str(), namespace.as_str()));
    let is_known =
        envelope.to == link.settings.domain || link.conversations.number_of(local(&envelope.to)).is_some();
    let (id, from, to) = (&envelope.id, &envelope.to, &envelope.from);
    let answer = match payload {
        Some(("ping", "urn:xmpp:ping")) if is_known => stanzas::result(id, from, to, ""),
        Some(("query", "http://jabber.org/protocol/disco#info")) if is_known => {
            stanzas::result(id, from, to, &stanzas::identity())
        }
        Some(("query", items @ "http://jabber.org/protocol/disco#items")) if is_known => {
            stanzas::result(id, from, to, &format!("<query xmlns='{items}'/>"))
        }
        Some(_) | None => stanzas::refusal(id, from, to),
    };
    writer.write(answer.as_bytes()).await
}

/// A phone can always be reached as far as we know, and lets everybody see that.
async fn presence(
    link: &Link,
    frame: &Frame,
    envelope: &Envelope,
    writer: &mut Writer,
) -> Result<(), LinkError> {
    if link.conversations.number_of(local(&envelope.to)).is_none() {
        return Ok(());
    }
    let (from, to) = (bare(&envelope.to), bare(&envelope.from));
    let answer = match frame.type_().as_deref() {
        Some("subscribe") => {
            stanzas::presence(Some("subscribed"), from, to) + &stanzas::presence(None, from, to)
        }
        Some("probe") => stanzas::presence(None, from, &envelope.from),
        Some(_) | None => return Ok(()),
    };
    writer.write(answer.as_bytes()).await
}

fn bare(address: &str) -> &str {
    address.split_once('/').map_or(address, |(bare, _)| bare)
}

fn local(address: &str) -> &str {
    bare(address).split_once('@').map_or("", |(local, _)| local)
}

fn domain(bare: &str) -> &str {
    bare.split_once('@').map_or(bare, |(_, domain)| domain)
}
