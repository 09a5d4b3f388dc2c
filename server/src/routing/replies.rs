//! The stanzas the server writes by itself: errors and IQ results (RFC 6120 section 8.3 and 8.2.3).

use bytes::Bytes;
use posthouse_protocol::wire::{Frame, StanzaKind, escape};

use super::stanza_error::{ErrorType, StanzaError};

const STANZA_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";

impl ErrorType {
    /// The value of the `type` attribute.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Cancel => "cancel",
            Self::Continue => "continue",
            Self::Modify => "modify",
            Self::Wait => "wait",
        }
    }
}

/// The answer that refuses `stanza`: from its addressee to `to`. `None` when the stanza must not be answered
/// with an error, being one itself, or an IQ result (RFC 6120 section 8.3.1).
pub fn error(stanza: &Frame, to: &str, error: &StanzaError) -> Option<Bytes> {
    let name = match stanza.kind() {
        StanzaKind::Message => "message",
        StanzaKind::Presence => "presence",
        StanzaKind::Iq => "iq",
        StanzaKind::Nonza => return None,
    };
    let is_final = match stanza.type_().as_deref() {
        Some("error") => true,
        Some("result") => stanza.kind() == StanzaKind::Iq,
        _ => false,
    };
    if is_final {
        return None;
    }
    let mut text = String::with_capacity(384);
    open(&mut text, name, "error", stanza, to);
    text.push_str("><error type='");
    text.push_str(error.error_type.name());
    text.push_str("'><");
    text.push_str(error.condition.name());
    push_all(&mut text, &[" xmlns='", STANZA_ERRORS, "'/>"]);
    if let Some(human) = &error.text {
        push_all(&mut text, &["<text xmlns='", STANZA_ERRORS, "' xml:lang='en'>", &escape(human), "</text>"]);
    }
    if let Some((name, namespace)) = error.application {
        push_all(&mut text, &["<", name, " xmlns='", namespace, "'/>"]);
    }
    text.push_str(error.element.as_deref().unwrap_or_default());
    push_all(&mut text, &["</error></", name, ">"]);
    Some(text.into())
}

/// The result of an IQ request, with one ready-made payload element or none.
pub fn result(request: &Frame, to: &str, payload: Option<&[u8]>) -> Bytes {
    let mut text = String::with_capacity(160);
    open(&mut text, "iq", "result", request, to);
    let Some(payload) = payload else {
        text.push_str("/>");
        return text.into();
    };
    text.push('>');
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(payload);
    bytes.extend_from_slice(b"</iq>");
    bytes.into()
}

/// Everything of the start tag but its end.
fn open(text: &mut String, name: &str, type_: &str, request: &Frame, to: &str) {
    push_all(text, &["<", name, " type='", type_, "'"]);
    if let Some(id) = request.id() {
        push_all(text, &[" id='", &escape(&id), "'"]);
    }
    // The answer comes from whom the request named; without a name it was the own account.
    if let Some(from) = request.to() {
        push_all(text, &[" from='", &escape(&from), "'"]);
    }
    push_all(text, &[" to='", &escape(to), "'"]);
}

fn push_all(text: &mut String, parts: &[&str]) {
    for part in parts {
        text.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::stanza_error::Condition;

    fn frame(text: &'static str) -> Frame {
        Frame::parse(Bytes::from_static(text.as_bytes())).unwrap()
    }

    #[test]
    fn an_error_comes_from_the_addressee_with_the_same_id() {
        let request = frame("<iq type='get' id='a&amp;b' to='b@h'><x xmlns='n'/></iq>");
        let refused = StanzaError::new(Condition::ServiceUnavailable).with_text("<no>");
        let answer = error(&request, "a@h/r", &refused).unwrap();
        assert_eq!(
            answer,
            "<iq type='error' id='a&amp;b' from='b@h' to='a@h/r'><error type='cancel'>\
             <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
             <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>&lt;no&gt;</text></error></iq>"
        );
    }

    #[test]
    fn errors_and_results_are_never_answered() {
        let refused = StanzaError::new(Condition::ServiceUnavailable);
        assert_eq!(error(&frame("<message type='error' to='b@h'/>"), "a@h/r", &refused), None);
        assert_eq!(error(&frame("<iq type='result' id='1'/>"), "a@h/r", &refused), None);
        assert_eq!(error(&frame("<a xmlns='urn:xmpp:sm:3' h='1'/>"), "a@h/r", &refused), None);
    }
}
