//! The shape rules of RFC 6120 section 8.

use posthouse_protocol::wire::{Frame, StanzaKind};

/// What to do about a stanza of the wrong shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// Answer `bad-request`.
    Answer,
    /// Do not answer: the stanza is an answer itself.
    Drop,
}

/// IQs need an id, a known type, and exactly one payload if they ask (section 8.2.3); presence a known type
/// (RFC 6121 section 4.7.1).
pub(super) fn check(stanza: &Frame) -> Result<(), Problem> {
    match stanza.kind() {
        StanzaKind::Message | StanzaKind::Nonza => Ok(()),
        StanzaKind::Presence => check_presence(stanza),
        StanzaKind::Iq => check_iq(stanza),
    }
}

fn check_presence(stanza: &Frame) -> Result<(), Problem> {
    match stanza.type_().as_deref() {
        None
        | Some(
            "unavailable" | "subscribe" | "subscribed" | "unsubscribe" | "unsubscribed" | "probe" | "error",
        ) => Ok(()),
        Some(_) => Err(Problem::Answer),
    }
}

fn check_iq(stanza: &Frame) -> Result<(), Problem> {
    let has_id = stanza.id().is_some_and(|id| !id.is_empty());
    match stanza.type_().as_deref() {
        Some("get" | "set") if has_id && stanza.children().count() == 1 => Ok(()),
        Some("result") if has_id && stanza.children().count() <= 1 => Ok(()),
        Some("error") if has_id => Ok(()),
        Some("result" | "error") => Err(Problem::Drop),
        _ => Err(Problem::Answer),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn shape_of(text: &'static str) -> Result<(), Problem> {
        check(&Frame::parse(Bytes::from_static(text.as_bytes())).unwrap())
    }

    #[test]
    fn a_request_has_an_id_and_one_payload() {
        assert_eq!(shape_of("<iq type='get' id='1'><x xmlns='n'/></iq>"), Ok(()));
        assert_eq!(shape_of("<iq type='get'><x xmlns='n'/></iq>"), Err(Problem::Answer));
        assert_eq!(shape_of("<iq type='get' id='1'/>"), Err(Problem::Answer));
        assert_eq!(shape_of("<iq type='set' id='1'><x xmlns='n'/><y xmlns='n'/></iq>"), Err(Problem::Answer));
        assert_eq!(shape_of("<iq type='push' id='1'><x xmlns='n'/></iq>"), Err(Problem::Answer));
        assert_eq!(shape_of("<iq id='1'><x xmlns='n'/></iq>"), Err(Problem::Answer));
    }

    #[test]
    fn a_bad_answer_is_dropped() {
        assert_eq!(shape_of("<iq type='result' id='1'/>"), Ok(()));
        assert_eq!(shape_of("<iq type='result'/>"), Err(Problem::Drop));
        assert_eq!(
            shape_of("<iq type='result' id='1'><x xmlns='n'/><y xmlns='n'/></iq>"),
            Err(Problem::Drop)
        );
    }

    #[test]
    fn presence_has_a_known_type() {
        assert_eq!(shape_of("<presence/>"), Ok(()));
        assert_eq!(shape_of("<presence type='available'/>"), Err(Problem::Answer));
    }
}
