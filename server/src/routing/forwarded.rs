//! Wraps stanzas into others (XEP-0297) and writes the stamps they carry; the stanza's bytes are copied as they are.

use jid::BareJid;
use posthouse_protocol::wire::{Frame, escape};

use crate::clock::Timestamp;

/// `<stanza-id/>` of XEP-0359.
pub fn stanza_id(by: &BareJid, id: &str) -> Vec<u8> {
    format!("<stanza-id xmlns='urn:xmpp:sid:0' by='{}' id='{}'/>", escape(by.as_str()), escape(id))
        .into_bytes()
}

/// `<delay/>` of XEP-0203.
pub fn delay(from: Option<&str>, time: Timestamp) -> Vec<u8> {
    let stamp = time.to_xmpp();
    match from {
        Some(from) => format!("<delay xmlns='urn:xmpp:delay' from='{}' stamp='{stamp}'/>", escape(from)),
        None => format!("<delay xmlns='urn:xmpp:delay' stamp='{stamp}'/>"),
    }
    .into_bytes()
}

/// `<forwarded/>` around a stanza that declares its own namespace, such as one of the store.
pub fn forwarded(stanza: &[u8], time: Option<Timestamp>) -> Vec<u8> {
    const OPEN: &[u8] = b"<forwarded xmlns='urn:xmpp:forward:0'>";
    const CLOSE: &[u8] = b"</forwarded>";
    let delay = time.map(|time| delay(None, time)).unwrap_or_default();
    [OPEN, &delay, stanza, CLOSE].concat()
}

/// The stanza in a form that can stand inside another namespace.
pub fn self_contained(frame: &Frame) -> Frame {
    frame.edit().self_contained().finish()
}
