//! The gateway to phones, as its administrators see it (`urn:posthouse:sms:1`, `docs/sms.md`).

use jid::{BareJid, Jid};
use posthouse_protocol::sms::NAMESPACE;
use xmpp_parsers::date::DateTime;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stanza_error::DefinedCondition;

use crate::connection::{AskError, IqPayload, Line};
use crate::error::{EngineError, EngineErrorCode};
use crate::model::{GatewayStatus, GatewayTexts, GatewayWay, GatewayWayKind};

/// Most modems, lines and states that are taken from a gateway.
const MOST: usize = 500;
/// Most characters of one text.
const LONGEST: usize = 1_000;

/// How the gateway is.
///
/// # Errors
/// `Forbidden` for all but its administrators, `GatewayAway`, or what became of the line.
pub(crate) async fn status(line: &Line, me: &BareJid) -> Result<GatewayStatus, EngineError> {
    let address = BareJid::new(&format!("sms.{}", me.domain()));
    let address = address.map_err(|_| EngineError::new(EngineErrorCode::NotFound, "gateway"))?;
    let question = Element::bare("status", NAMESPACE);
    let answer = line.ask(Some(Jid::from(address)), IqPayload::Get(question)).await.map_err(refusal)?;
    answer
        .filter(|answer| answer.is("status", NAMESPACE))
        .map(|answer| read(&answer))
        .ok_or_else(|| EngineError::new(EngineErrorCode::Internal, "status"))
}

fn read(status: &Element) -> GatewayStatus {
    let children = || status.children().filter(|child| child.ns() == NAMESPACE).take(MOST);
    GatewayStatus {
        waiting: number(status, "waiting").unwrap_or(0),
        received: number(status, "received").unwrap_or(0),
        cost: text(status, "cost").unwrap_or_default(),
        currency: text(status, "currency").unwrap_or_default(),
        ways: children().filter_map(way).collect(),
        today: children()
            .filter(|child| child.name() == "texts")
            .filter_map(|child| {
                Some(GatewayTexts { state: text(child, "state")?, count: number(child, "count")? })
            })
            .collect(),
    }
}

fn way(element: &Element) -> Option<GatewayWay> {
    let kind = match element.name() {
        "modem" => GatewayWayKind::Modem,
        "line" => GatewayWayKind::Line,
        _ => return None,
    };
    let until = element.attr("rests-until").and_then(|time| time.parse::<DateTime>().ok());
    Some(GatewayWay {
        kind,
        name: text(element, "name")?,
        is_ready: element.attr("ready") == Some("true"),
        condition: text(element, "condition").unwrap_or_default(),
        state: text(element, "state").unwrap_or_default(),
        reason: text(element, "reason"),
        rests_until: until.map(|until| until.0.timestamp_millis()),
        operator: text(element, "operator"),
        signal: number(element, "signal"),
        sent: number(element, "sent"),
    })
}

fn text(element: &Element, name: &str) -> Option<String> {
    element.attr(name).map(|value| value.chars().take(LONGEST).collect())
}

fn number<N: std::str::FromStr>(element: &Element, name: &str) -> Option<N> {
    element.attr(name)?.parse().ok()
}

fn refusal(error: AskError) -> EngineError {
    let code = match error {
        AskError::Refused(refused) => match refused.defined_condition {
            DefinedCondition::Forbidden | DefinedCondition::NotAllowed => EngineErrorCode::Forbidden,
            DefinedCondition::ItemNotFound | DefinedCondition::FeatureNotImplemented => {
                EngineErrorCode::NotFound
            }
            // The server answers for a gateway that is not there.
            _ => EngineErrorCode::GatewayAway,
        },
        AskError::Lost => EngineErrorCode::ConnectionLost,
        AskError::TimedOut => EngineErrorCode::TimedOut,
    };
    EngineError::new(code, "")
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::model::GatewayWayKind;

    #[test]
    fn the_status_of_the_documentation_is_read() {
        let status = read(
            &"<status xmlns='urn:posthouse:sms:1' waiting='2' received='5' cost='0.15' currency='CNY'>\
              <modem name='one' ready='false' condition='ready' state='rests until 12:30: CMS 38' \
              rests-until='2026-11-27T04:30:00Z' reason='CMS 38' operator='CHINA MOBILE' signal='-71' sent='12'/>\
              <line name='carrier' ready='false' condition='away' state='away: refused' reason='refused'/>\
              <robot name='x'/><texts state='delivered' count='3'/></status>"
                .parse()
                .unwrap(),
        );
        assert_eq!((status.waiting, status.received, status.cost.as_str()), (2, 5, "0.15"));
        assert_eq!((status.today[0].state.as_str(), status.today[0].count), ("delivered", 3));
        let [modem, line] = &status.ways[..] else { panic!("{:?}", status.ways) };
        assert_eq!((modem.kind, modem.is_ready, modem.signal), (GatewayWayKind::Modem, false, Some(-71)));
        assert_eq!(modem.rests_until, Some(1_795_753_800_000));
        assert_eq!((line.kind, line.reason.as_deref()), (GatewayWayKind::Line, Some("refused")));
    }
}
