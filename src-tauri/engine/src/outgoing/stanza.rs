//! The stanzas we write.

use jid::{BareJid, Jid};
use posthouse_protocol::{notice, sms};
use xmpp_parsers::chatstates::ChatState;
use xmpp_parsers::message::{Id, Lang, Message};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stanza_id::OriginId;
use xmpp_parsers::{displayed_markers, receipts};

use crate::model::{DeliveryWish, NoticeValue};
use crate::store::messages::{self, StoredMessage};

const HINTS: &str = "urn:xmpp:hints";

/// A text with its origin-id (XEP-0359), that asks for a receipt (XEP-0184) and a marker (XEP-0333). Each copy
/// of a message is the same. `None` when the address is none any more.
pub(super) fn text(message: &StoredMessage) -> Option<Message> {
    let peer = BareJid::new(&message.peer).ok()?;
    if let Some(act) = &message.act
        && let Some(done) = act.mark
    {
        return Some(mark(peer, message, notice::Mark { message: act.message.clone(), done }));
    }
    let mut stanza = Message::chat(Jid::from(peer))
        .with_body(Lang::default(), message.text.clone())
        .with_payload(ChatState::Active)
        .with_payload(receipts::Request)
        .with_payload(displayed_markers::Markable)
        .with_payload(OriginId { id: message.origin_id.clone() });
    if message.wish != DeliveryWish::Client {
        let wish = messages::word_of_wish(message.wish).to_owned();
        stanza = stanza.with_payload(sms::Delivery { wish });
    }
    if let Some(act) = &message.act {
        let value =
            |value: &NoticeValue| notice::Value { name: value.name.clone(), text: value.text.clone() };
        stanza = stanza.with_payload(notice::Act {
            message: act.message.clone(),
            action: act.action.clone(),
            values: act.values.iter().map(value).collect(),
        });
    }
    stanza.id = Some(Id(message.message_id.clone()));
    Some(stanza)
}

/// What the person notes for themselves about a notice. It has no words: they would be an answer.
fn mark(peer: BareJid, message: &StoredMessage, mark: notice::Mark) -> Message {
    let mut stanza = Message::chat(Jid::from(peer))
        .with_payload(mark)
        .with_payload(OriginId { id: message.origin_id.clone() });
    stanza.id = Some(Id(message.message_id.clone()));
    stanza
}

/// The message called so has arrived (XEP-0184 section 5.3: receipts are not acknowledged themselves).
pub(crate) fn receipt(peer: &BareJid, id: &str) -> Message {
    Message::chat(Jid::from(peer.clone())).with_payload(receipts::Received { id: id.to_owned() })
}

/// Everything through the message called so has been seen (XEP-0333).
pub(crate) fn displayed(peer: &BareJid, id: &str) -> Message {
    Message::chat(Jid::from(peer.clone()))
        .with_payload(displayed_markers::Displayed { id: Id(id.to_owned()) })
}

/// Typing, or not (XEP-0085); nobody keeps it (XEP-0334).
pub(crate) fn chat_state(peer: &BareJid, typing: bool) -> Message {
    let state = if typing { ChatState::Composing } else { ChatState::Active };
    let mut stanza = Message::chat(Jid::from(peer.clone())).with_payload(state);
    stanza.payloads.push(Element::bare("no-store", HINTS));
    stanza
}
