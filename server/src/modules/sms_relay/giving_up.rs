//! Messages that waited too long for a gateway that is away: their senders are told that no text becomes of them.

use std::time::Duration;

use bytes::Bytes;
use jid::{BareJid, Jid};
use posthouse_protocol::sms::{self, FailureClass};
use posthouse_protocol::wire::{Frame, StreamNamespace, escape_attribute};

use super::Phones;
use super::pump::Pump;
use crate::clock::{Clock, Timestamp};
use crate::routing::router::Router;
use crate::storage::StorageError;
use crate::storage::relays::Expired;

/// How often the messages are looked at while the gateway is away.
const LOOK: Duration = Duration::from_secs(1);

/// What the sender reads.
const SENTENCE: &str = "The gateway to the phones was away for too long: the text was not sent.";

/// Works as long as the server.
pub(super) async fn run(phones: &Phones, pump: &Pump, router: &Router, clock: &Clock) {
    loop {
        tokio::time::sleep(LOOK).await;
        if !phones.has_gateway() {
            continue;
        }
        // A gateway that is there says itself what becomes of a message; not of one that was given up before.
        let until = if phones.is_here() { Timestamp(0) } else { clock.now() };
        if let Err(error) = give_up(phones, pump, router, until).await {
            tracing::error!(%error, "messages for phones that waited too long cannot be read");
        }
    }
}

async fn give_up(
    phones: &Phones,
    pump: &Pump,
    router: &Router,
    until: Timestamp,
) -> Result<(), StorageError> {
    for message in pump.expired(until).await? {
        tell(phones, router, &message).await;
        // Behind the notice, so that no crash can leave the sender without it.
        if let Ok(sender) = BareJid::new(&message.sender) {
            pump.settle(sender, message.name).await?;
        }
    }
    Ok(())
}

async fn tell(phones: &Phones, router: &Router, message: &Expired) {
    let notice = notice(phones, message);
    let Some((notice, from, to)) = notice else {
        return tracing::error!(sender = message.sender, "a message for a phone cannot be given up");
    };
    tracing::info!(sender = message.sender, "a message waited too long for the gateway");
    router.accept_from_server(notice, from, to).await;
}

/// For all clients of the sender, in the chat that was written to; one who is away gets it later.
fn notice(phones: &Phones, message: &Expired) -> Option<(Frame, Jid, Jid)> {
    let frame = Frame::parse_in(message.frame.clone(), StreamNamespace::Component).ok()?;
    let chat = frame.child("deliver", sms::NAMESPACE)?.attribute("chat")?.into_owned();
    let from = Jid::from(BareJid::new(&chat).ok()?);
    let to = Jid::from(BareJid::new(&message.sender).ok()?);
    let is_ours = to.domain().as_str().ends_with(&*phones.domain);
    debug_assert!(is_ours, "only people and business systems of this server write to phones");
    let id = escape_attribute(&message.name);
    let text = format!(
        "<message type='chat' id='sms-expired-{id}' from='{}' to='{}'>\
         <failure xmlns='{space}' id='{id}' class='{class}'>{SENTENCE}</failure>\
         <state xmlns='{space}' id='{id}' value='failed'/></message>",
        escape_attribute(from.as_str()),
        escape_attribute(to.as_str()),
        space = sms::NAMESPACE,
        class = FailureClass::Expired.word(),
    );
    Some((Frame::parse(Bytes::from(text)).ok()?, from, to))
}
