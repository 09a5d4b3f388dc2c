//! Answers what others ask of this client.

use std::collections::BTreeSet;

use jid::{BareJid, Jid};
use xmpp_parsers::disco::{DiscoInfoQuery, DiscoInfoResult, Identity};
use xmpp_parsers::iq::Iq;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

/// What this client can do (XEP-0030).
const FEATURES: &[&str] = &[
    ns::CHATSTATES,
    ns::DISCO_INFO,
    ns::DISPLAYED_MARKERS,
    ns::PING,
    ns::RECEIPTS,
    ns::SID,
    "urn:xmpp:mds:displayed:0+notify",
];

/// The answer to a request; `None` when `iq` is none. Only the server, the own account and people of the
/// organisation are told what this client can do.
pub(crate) fn answer(iq: Iq, me: &BareJid) -> Option<Iq> {
    let (from, id, payload, is_get) = match iq {
        Iq::Get { from, id, payload, .. } => (from, id, payload, true),
        Iq::Set { from, id, payload, .. } => (from, id, payload, false),
        Iq::Result { .. } | Iq::Error { .. } => return None,
    };
    let is_ours = from.as_ref().is_none_or(|from| from.domain() == me.domain());
    let server = Jid::from(BareJid::from_parts(None, me.domain()));
    let is_of_server = from.as_ref().is_none_or(|from| *from == server);
    let is_question = !is_get && is_of_server && payload.is("prove", posthouse_protocol::sign_on::NAMESPACE);
    let answer = if is_question || is_get && is_ours && payload.is("ping", ns::PING) {
        Iq::Result { from: None, to: None, id, payload: None }
    } else if is_get && is_ours && payload.is("query", ns::DISCO_INFO) {
        let node = DiscoInfoQuery::try_from(payload).ok().and_then(|query| query.node);
        Iq::from_result(id, Some(capabilities(node)))
    } else {
        let condition = DefinedCondition::ServiceUnavailable;
        Iq::from_error(id, StanzaError::new(ErrorType::Cancel, condition, "en", ""))
    };
    let to: Option<Jid> = from;
    Some(match to {
        Some(to) => answer.with_to(to),
        None => answer,
    })
}

fn capabilities(node: Option<String>) -> DiscoInfoResult {
    DiscoInfoResult {
        node,
        identities: vec![Identity::new("client", "pc", "en", "Posthouse")],
        features: FEATURES.iter().map(|feature| (*feature).to_owned()).collect::<BTreeSet<_>>(),
        extensions: Vec::new(),
    }
}
