//! What the contact that answers questions writes.

use posthouse_protocol::codes::NAMESPACE as CODES;
use posthouse_protocol::wire::escape;

use super::stanzas::{attribute, error};

/// Who answers questions: a program (XEP-0030).
pub(super) fn identity(name: &str) -> String {
    let features = ["http://jabber.org/protocol/disco#info", "urn:xmpp:receipts", CODES];
    let features: String = features.iter().map(|feature| format!("<feature var='{feature}'/>")).collect();
    format!(
        "<query xmlns='http://jabber.org/protocol/disco#info'>\
         <identity category='client' type='bot' name='{}'/>{features}</query>",
        attribute(name)
    )
}

/// Who answers questions, in the list of what there is.
pub(super) fn item(address: &str, name: &str) -> String {
    format!("<item jid='{}' name='{}'/>", attribute(address), attribute(name))
}

/// Codes that somebody may use, each with its words of help.
pub(super) fn codes(codes: &[(&str, &str)]) -> String {
    let code = |(code, help): &(&str, &str)| {
        format!("<code name='{}' help='{}'/>", attribute(code), attribute(help))
    };
    let codes: String = codes.iter().map(code).collect();
    format!("<codes xmlns='{CODES}'>{codes}</codes>")
}

/// The answer to a question in a chat; all clients of the person get it.
pub(super) fn answer(id: &str, from: &str, to: &str, body: &str) -> String {
    let (id, from, to) = (attribute(id), attribute(from), attribute(to));
    format!(
        "<message type='chat' id='{id}' from='{from}' to='{to}'><body>{}</body>\
         <origin-id xmlns='urn:xmpp:sid:0' id='{id}'/></message>",
        escape(body)
    )
}

/// A question arrived (XEP-0184).
pub(super) fn receipt(id: &str, from: &str, to: &str) -> String {
    let (id, from, to) = (attribute(id), attribute(from), attribute(to));
    format!(
        "<message from='{from}' to='{to}' id='received-{id}'>\
         <received xmlns='urn:xmpp:receipts' id='{id}'/><no-store xmlns='urn:xmpp:hints'/></message>"
    )
}

/// A stanza of this kind goes back to its sender.
pub(super) fn not_answered(
    kind: &str,
    id: &str,
    (from, to): (&str, &str),
    condition: &str,
    sentence: &str,
) -> String {
    let (id, from, to) = (attribute(id), attribute(from), attribute(to));
    let error = error(condition, sentence);
    format!("<{kind} type='error' id='{id}' from='{from}' to='{to}'>{error}</{kind}>")
}
