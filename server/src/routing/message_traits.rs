//! What a message is to a chat history, found by looking at its direct children once.

use posthouse_protocol::sms;
use posthouse_protocol::wire::{Child, Frame};

use super::passage::{MessageTraits, MessageType};

const HINTS: &str = "urn:xmpp:hints";
const IDS: &str = "urn:xmpp:sid:0";
const CHAT_STATES: &str = "http://jabber.org/protocol/chatstates";

/// Payloads without a body that a history cannot do without: receipts and markers, calls, changes of earlier
/// messages, invitations, encrypted content (XEP-0313 section 5.1.1, XEP-0280 section 6.1).
const HISTORY: &[&str] = &[
    "urn:xmpp:receipts",
    "urn:xmpp:chat-markers:0",
    "urn:xmpp:jingle-message:0",
    "urn:xmpp:message-correct:0",
    "urn:xmpp:message-retract:0",
    "urn:xmpp:message-retract:1",
    "urn:xmpp:message-moderate:1",
    "urn:xmpp:fasten:0",
    "urn:xmpp:reactions:0",
    "urn:xmpp:call-invites:0",
    "urn:xmpp:omemo:1",
    "urn:xmpp:omemo:2",
    "eu.siacs.conversations.axolotl",
    "urn:xmpp:openpgp:0",
    "jabber:x:encrypted",
    "jabber:x:conference",
    "urn:xmpp:attention:0",
    "urn:posthouse:notice:1",
];

/// What the children say.
#[derive(Default)]
struct Content {
    has_body: bool,
    has_history: bool,
    has_other: bool,
    has_state: bool,
    is_private: bool,
    has_stanza_id: bool,
    has_origin_id: bool,
    is_about_phones: bool,
    hints: Hints,
}

#[derive(Default)]
struct Hints {
    store: bool,
    no_store: bool,
    no_permanent_store: bool,
    no_copy: bool,
}

impl MessageTraits {
    /// The traits of a message.
    pub fn of(frame: &Frame) -> Self {
        let message_type = message_type(frame);
        let content = frame.children().fold(Content::default(), Content::with);
        let is_kept = matches!(message_type, MessageType::Normal | MessageType::Chat);
        let is_history = content.has_body || content.has_history || content.hints.store;
        let hints = &content.hints;
        Self {
            message_type,
            has_body: content.has_body,
            archive: is_kept && is_history && !hints.no_store && !hints.no_permanent_store,
            store: is_kept && (is_history || content.has_other) && !hints.no_store,
            copy: content.may_be_copied(message_type),
            has_stanza_id: content.has_stanza_id,
            has_origin_id: content.has_origin_id,
            is_about_phones: content.is_about_phones,
        }
    }

    /// Nothing but typing: whoever does not look does not need it.
    pub fn is_fleeting(&self) -> bool {
        !self.store && !self.archive && !self.has_body && self.message_type != MessageType::Error
    }
}

impl Content {
    fn with(mut self, child: Child<'_>) -> Self {
        match (child.name, child.namespace) {
            ("body", "jabber:client") => self.has_body = true,
            ("store", HINTS) => self.hints.store = true,
            ("no-store", HINTS) => self.hints.no_store = true,
            ("no-permanent-store", HINTS) => self.hints.no_permanent_store = true,
            ("no-copy", HINTS) => self.hints.no_copy = true,
            ("private", "urn:xmpp:carbons:2") => self.is_private = true,
            (_, CHAT_STATES) => self.has_state = true,
            ("request", "urn:xmpp:receipts") | ("markable", "urn:xmpp:chat-markers:0") => {}
            ("thread", "jabber:client") => {}
            ("origin-id", IDS) => self.has_origin_id = true,
            ("stanza-id", IDS) => self.has_stanza_id = true,
            ("x", "http://jabber.org/protocol/muc#user") => {
                self.has_history |= child.children().any(|inner| inner.name == "invite");
            }
            // How far a text is belongs into the history; where it should go is said beside a body.
            (name, sms::NAMESPACE) => {
                self.is_about_phones = true;
                self.has_history |= name != "delivery";
            }
            (_, namespace) if HISTORY.contains(&namespace) => self.has_history = true,
            _ => self.has_other = true,
        }
        self
    }

    /// XEP-0280 section 6.1.
    fn may_be_copied(&self, message_type: MessageType) -> bool {
        let is_wanted = match message_type {
            MessageType::Chat => true,
            MessageType::Normal => self.has_body || self.has_history || self.hints.store || self.has_state,
            MessageType::Groupchat | MessageType::Headline | MessageType::Error => false,
        };
        is_wanted && !self.is_private && !self.hints.no_copy
    }
}

fn message_type(frame: &Frame) -> MessageType {
    match frame.type_().as_deref() {
        Some("chat") => MessageType::Chat,
        Some("groupchat") => MessageType::Groupchat,
        Some("headline") => MessageType::Headline,
        Some("error") => MessageType::Error,
        Some(_) | None => MessageType::Normal,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn traits(type_: &str, children: &str) -> MessageTraits {
        let stanza = format!("<message type='{type_}'>{children}</message>");
        MessageTraits::of(&Frame::parse(Bytes::from(stanza)).expect("a well-formed message"))
    }

    #[test]
    fn typing_is_copied_but_not_kept() {
        let typing = traits("chat", "<composing xmlns='http://jabber.org/protocol/chatstates'/>");
        assert!(typing.copy && !typing.store && !typing.archive && typing.is_fleeting());
    }

    #[test]
    fn a_receipt_is_kept() {
        let receipt = traits("normal", "<received xmlns='urn:xmpp:receipts' id='1'/>");
        assert!(receipt.copy && receipt.store && receipt.archive);
    }

    #[test]
    fn hints_decide() {
        let hinted = |hint: &str| traits("chat", &format!("<body>x</body><{hint} xmlns='urn:xmpp:hints'/>"));
        assert!(!hinted("no-store").archive && !hinted("no-store").store);
        assert!(!hinted("no-permanent-store").archive && hinted("no-permanent-store").store);
        assert!(!hinted("no-copy").copy && hinted("no-copy").archive);
        assert!(traits("chat", "<store xmlns='urn:xmpp:hints'/>").archive);
    }

    #[test]
    fn errors_headlines_and_room_messages_are_not_kept() {
        for type_ in ["error", "headline", "groupchat"] {
            let it = traits(type_, "<body>x</body>");
            assert!(!it.archive && !it.store && !it.copy, "{type_}");
        }
    }

    #[test]
    fn private_messages_are_not_copied() {
        assert!(!traits("chat", "<body>x</body><private xmlns='urn:xmpp:carbons:2'/>").copy);
    }

    #[test]
    fn an_unknown_payload_waits_for_its_receiver() {
        let unknown = traits("normal", "<x xmlns='urn:example:any'/>");
        assert!(unknown.store && !unknown.archive && !unknown.copy);
    }
}
