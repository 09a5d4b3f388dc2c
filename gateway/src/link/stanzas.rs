//! The stanzas we write, in the stream's own namespace.

use posthouse_protocol::sms::NAMESPACE as SMS;
use posthouse_protocol::wire::{escape, escape_attribute};

use super::voice::Voice;
use crate::clock::Moment;
use crate::outbox::{Failure, TextState};
use crate::quotas::Refusal;
use crate::store::{TextRow, Waiting};

/// For between apostrophes.
pub(super) fn attribute(value: &str) -> String {
    escape_attribute(value).into_owned()
}

/// A text that came from a phone.
pub(super) fn text(waiting: &Waiting, voice: &Voice, to: &str, body: &str) -> String {
    let complete = if waiting.is_complete { "" } else { " complete='false'" };
    format!(
        "<message type='chat' id='sms-{id}' from='{from}' to='{to}'><body>{body}</body>\
         <sms xmlns='{SMS}'{complete}{chat}/><origin-id xmlns='urn:xmpp:sid:0' id='sms-{id}'/></message>",
        id = waiting.id,
        from = attribute(&voice.from),
        chat = voice.chat,
        to = attribute(to),
        body = escape(body),
    )
}

/// How far a text to a phone is; nothing for states its sender need not hear of.
pub(super) fn state(row: &TextRow, domain: &str) -> String {
    let voice = Voice::of(&row.recipient, domain);
    let (from, chat, to) = (attribute(&voice.from), &voice.chat, attribute(&row.origin));
    let id = attribute(&row.origin_id);
    let again = if row.is_resent { " again='true'" } else { "" };
    // What is final waits for a sender who is not there; all else is of the moment.
    let until = if row.state == TextState::Queued && row.held > Moment(0) {
        format!(" until='{}'", row.held.to_xmpp())
    } else {
        String::new()
    };
    let is_final = matches!(row.state, TextState::Delivered | TextState::Failed);
    let hint = if is_final { "" } else { "<no-store xmlns='urn:xmpp:hints'/>" };
    let notice = |more: &str| {
        format!(
            "<message type='chat' id='sms-state-{number}-{word}' from='{from}' to='{to}'>{more}\
             <state xmlns='{SMS}' id='{id}' value='{word}'{again}{until}{chat}/>{hint}</message>",
            number = row.id,
            word = row.state.word(),
        )
    };
    match row.state {
        TextState::Queued | TextState::Sending | TextState::Sent | TextState::Unconfirmed => notice(""),
        TextState::Delivered => notice(&format!("<received xmlns='urn:xmpp:receipts' id='{id}'/>")),
        TextState::Failed => {
            let failure = row.failure.unwrap_or(Failure::Refused);
            let sentence = failure.sentence();
            // The client that asked gets an error of the protocol; all clients of the person get the reason.
            message_error(&row.origin_id, &voice, &row.reply_to, condition(failure), sentence)
                + &notice(&format!("<failure xmlns='{SMS}' id='{id}' class='{}'/>", failure.word()))
        }
    }
}

fn condition(failure: Failure) -> &'static str {
    match failure {
        Failure::Destination => "item-not-found",
        Failure::Reported => "recipient-unavailable",
        Failure::Ours => "not-acceptable",
        Failure::Refused => "service-unavailable",
        Failure::Expired => "remote-server-timeout",
        Failure::Unconfirmed => "undefined-condition",
    }
}

/// A message that goes back to its sender, with a sentence for people.
pub(super) fn message_error(id: &str, voice: &Voice, to: &str, condition: &str, sentence: &str) -> String {
    format!(
        "<message type='error' id='{id}' from='{from}' to='{to}'><sms xmlns='{SMS}'{chat}/>{error}</message>",
        id = attribute(id),
        from = attribute(&voice.from),
        chat = voice.chat,
        to = attribute(to),
        error = error(condition, sentence),
    )
}

/// A text that its sender may not send, or not now: an error of the protocol for the client that wrote, and the
/// reason for all clients of the person.
pub(super) fn over_limit(id: &str, voice: &Voice, to: &str, refusal: Refusal, sentence: &str) -> String {
    let person = to.split_once('/').map_or(to, |(person, _)| person);
    let (id, from, chat) = (attribute(id), attribute(&voice.from), &voice.chat);
    let next = refusal.next().map(|next| format!(" until='{}'", next.to_xmpp())).unwrap_or_default();
    format!(
        "<message type='error' id='{id}' from='{from}' to='{to}'><sms xmlns='{SMS}'{chat}/>{error}</message>\
         <message type='chat' id='sms-limit-{id}' from='{from}' to='{person}'>\
         <failure xmlns='{SMS}' id='{id}' class='limit'{next}/>\
         <state xmlns='{SMS}' id='{id}' value='failed'{chat}/></message>",
        to = attribute(to),
        person = attribute(person),
        error = error_of(refusal.kind(), refusal.condition(), sentence),
    )
}

/// An error that trying again does not mend.
pub(super) fn error(condition: &str, sentence: &str) -> String {
    error_of("cancel", condition, sentence)
}

fn error_of(kind: &str, condition: &str, sentence: &str) -> String {
    format!(
        "<error type='{kind}'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
         <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>{}</text></error>",
        escape(sentence)
    )
}

/// An answer to a question.
pub(super) fn result(id: &str, from: &str, to: &str, payload: &str) -> String {
    let (id, from, to) = (attribute(id), attribute(from), attribute(to));
    format!("<iq type='result' id='{id}' from='{from}' to='{to}'>{payload}</iq>")
}

/// A question that is not answered.
pub(super) fn refusal(id: &str, from: &str, to: &str) -> String {
    let (id, from, to) = (attribute(id), attribute(from), attribute(to));
    let error = error("service-unavailable", "The gateway does not know this.");
    format!("<iq type='error' id='{id}' from='{from}' to='{to}'>{error}</iq>")
}

/// Whether the server is still there, and has seen all before.
pub(super) fn ping(id: &str, from: &str, to: &str) -> String {
    let (from, to) = (attribute(from), attribute(to));
    format!("<iq type='get' id='{id}' from='{from}' to='{to}'><ping xmlns='urn:xmpp:ping'/></iq>")
}

/// Presence of this type; `None` is available.
pub(super) fn presence(kind: Option<&str>, from: &str, to: &str) -> String {
    let kind = kind.map(|kind| format!(" type='{kind}'")).unwrap_or_default();
    format!("<presence{kind} from='{}' to='{}'/>", attribute(from), attribute(to))
}

/// Presence with a sentence for people.
pub(super) fn presence_with(kind: Option<&str>, from: &str, to: &str, sentence: &str) -> String {
    let kind = kind.map(|kind| format!(" type='{kind}'")).unwrap_or_default();
    let (from, to) = (attribute(from), attribute(to));
    format!("<presence{kind} from='{from}' to='{to}'><status>{}</status></presence>", escape(sentence))
}

/// A question that is not for everybody.
pub(super) fn forbidden(id: &str, from: &str, to: &str) -> String {
    let (id, from, to) = (attribute(id), attribute(from), attribute(to));
    let error = error("forbidden", "Only administrators of the gateway may ask for this.");
    format!("<iq type='error' id='{id}' from='{from}' to='{to}'>{error}</iq>")
}

/// A text of a phone nobody knows, for the server's audit log. The number is masked.
pub(super) fn ignored(id: i64, from: &str, to: &str, number: &str, way: &str) -> String {
    format!(
        "<iq type='set' id='ignored-{id}' from='{}' to='{}'><ignored xmlns='{SMS}' number='{}' way='{}'/></iq>",
        attribute(from),
        attribute(to),
        attribute(number),
        attribute(way),
    )
}

/// What the gateway is (XEP-0030, XEP-0100).
pub(super) fn identity() -> String {
    let features = ["http://jabber.org/protocol/disco#info", "urn:xmpp:ping", "urn:xmpp:receipts", SMS];
    let features: String = features.iter().map(|feature| format!("<feature var='{feature}'/>")).collect();
    format!(
        "<query xmlns='http://jabber.org/protocol/disco#info'>\
         <identity category='gateway' type='sms' name='SMS'/>{features}</query>"
    )
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use posthouse_protocol::wire::{Frame, StreamNamespace};

    use super::{SMS, Voice, message_error};
    use crate::clock::Moment;
    use crate::outbox::{Failure, TextState};
    use crate::store::TextRow;

    fn row(state: TextState) -> TextRow {
        TextRow {
            id: 7,
            origin: "o'brien@posthouse.test".to_owned(),
            origin_id: "<&'>".to_owned(),
            reply_to: "o'brien@posthouse.test/desk".to_owned(),
            recipient: "+8613800000001@sms.posthouse.test".to_owned(),
            number: "+8613800000001".to_owned(),
            state,
            failure: Some(Failure::Reported),
            told: TextState::Queued,
            is_resent: false,
            held: Moment(0),
        }
    }

    fn state(row: &TextRow) -> String {
        super::state(row, "sms.posthouse.test")
    }

    fn read(stanza: String) -> Frame {
        Frame::parse_in(Bytes::from(stanza), StreamNamespace::Component).expect("a stanza")
    }

    #[test]
    fn a_delivered_text_is_a_receipt_whatever_its_id() {
        let frame = read(state(&row(TextState::Delivered)));
        let receipt = frame.child("received", "urn:xmpp:receipts").unwrap();
        assert_eq!(receipt.attribute("id").unwrap(), "<&'>");
        assert_eq!(frame.to().unwrap(), "o'brien@posthouse.test");
    }

    #[test]
    fn a_text_that_was_sent_again_says_so() {
        let again = |is_resent| {
            let frame = read(state(&TextRow { is_resent, ..row(TextState::Sent) }));
            frame.child("state", SMS).unwrap().attribute("again").map(|value| value.into_owned())
        };
        assert_eq!((again(false), again(true)), (None, Some("true".to_owned())));
    }

    #[test]
    fn a_failed_text_comes_back_with_a_sentence() {
        let stanzas = state(&row(TextState::Failed));
        let (error, notice) = stanzas.split_once("</message>").unwrap();
        let error = read(format!("{error}</message>"));
        assert_eq!((error.type_().unwrap(), error.id().unwrap()), ("error".into(), "<&'>".into()));
        assert_eq!(error.to().unwrap(), "o'brien@posthouse.test/desk");
        let notice = read(notice.to_owned());
        assert_eq!(notice.child("failure", SMS).unwrap().attribute("class").unwrap(), "reported");
        read(message_error("1", &Voice::of("a", "b"), "b", "item-not-found", "<no>"));
    }
}
