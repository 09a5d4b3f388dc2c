//! The contact that answers codes (`urn:posthouse:codes:1`, `docs/sms.md`): found by service discovery at the gateway,
//! with the codes that this person may use.

use jid::{BareJid, Jid};
use posthouse_protocol::codes;
use xmpp_parsers::disco::{DiscoItemsQuery, DiscoItemsResult};
use xmpp_parsers::minidom::Element;

use crate::connection::{AskError, IqPayload, Line};
use crate::error::{EngineError, EngineErrorCode};
use crate::model::{QueryCode, QueryContact};

/// Most codes that are taken from a gateway.
const MOST: usize = 100;
/// Most characters of a code and of its words of help.
const LONGEST: usize = 40;

/// The address that the contact has at the gateway of this account's server.
pub(crate) fn is_contact(peer: &BareJid, me: &BareJid) -> bool {
    peer.node().is_some_and(|node| node.as_str() == codes::CONTACT)
        && peer.domain().as_str() == gateway(me.domain().as_str())
}

/// The contact; `None` when the gateway offers none.
pub(crate) async fn contact(line: &Line, me: &BareJid) -> Result<Option<QueryContact>, EngineError> {
    let Ok(gateway) = Jid::new(&gateway(me.domain().as_str())) else { return Ok(None) };
    let query = DiscoItemsQuery { node: None, rsm: None };
    let items = match line.ask(Some(gateway), IqPayload::get(query)).await {
        Ok(answer) => answer.and_then(|answer| DiscoItemsResult::try_from(answer).ok()),
        Err(error) => return Err(refusal(&error)),
    };
    let items = items.map(|result| result.items).unwrap_or_default();
    let found = items.into_iter().find(|item| is_contact(&item.jid.to_bare(), me));
    let Some(item) = found else { return Ok(None) };
    let address = item.jid.to_bare();
    let question = Element::bare("codes", codes::NAMESPACE);
    let answer = line.ask(Some(address.clone().into()), IqPayload::Get(question)).await;
    let answer = answer.map_err(|error| refusal(&error))?;
    let codes = answer.map(|answer| read(&answer)).unwrap_or_default();
    Ok(Some(QueryContact { address: address.to_string(), codes }))
}

fn read(answer: &Element) -> Vec<QueryCode> {
    let codes = answer.children().filter(|child| child.is("code", codes::NAMESPACE));
    let short = |text: &str| text.chars().take(LONGEST).collect::<String>();
    let code = |child: &Element| {
        let name = short(child.attr("name").unwrap_or_default());
        (!name.is_empty()).then(|| QueryCode { name, help: short(child.attr("help").unwrap_or_default()) })
    };
    codes.filter_map(code).take(MOST).collect()
}

fn gateway(domain: &str) -> String {
    format!("sms.{domain}")
}

fn refusal(error: &AskError) -> EngineError {
    let code = match error {
        // The gateway is away, or this server has none.
        AskError::Refused(_) => EngineErrorCode::GatewayAway,
        AskError::Lost => EngineErrorCode::ConnectionLost,
        AskError::TimedOut => EngineErrorCode::TimedOut,
    };
    EngineError::new(code, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jid(text: &str) -> BareJid {
        BareJid::new(text).unwrap()
    }

    #[test]
    fn only_the_own_gateways_contact_is_one() {
        let me = jid("zhang.san@posthouse.test");
        assert!(is_contact(&jid("query@sms.posthouse.test"), &me));
        for other in
            ["query@posthouse.test", "query@sms.other.test", "wang@sms.posthouse.test", "sms.posthouse.test"]
        {
            assert!(!is_contact(&jid(other), &me), "{other}");
        }
    }

    #[test]
    fn codes_are_read_and_what_makes_no_sense_is_left_out() {
        let long = "长".repeat(100);
        let text = format!(
            "<codes xmlns='{space}'><code name='001' help='待办'/><code name='' help='x'/><other/>\
             <code name='002' help='{long}'/></codes>",
            space = codes::NAMESPACE
        );
        let codes = read(&text.parse::<Element>().unwrap());
        let names: Vec<(&str, usize)> =
            codes.iter().map(|code| (code.name.as_str(), code.help.chars().count())).collect();
        assert_eq!(names, [("001", 2), ("002", 40)]);
    }
}
