//! What became of a notice for the person (`docs/notices.md`): the server knows, and is asked.

use jid::{BareJid, Jid};
use posthouse_protocol::notice::{AskTimeline, NAMESPACE};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use xmpp_parsers::date::DateTime;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stanza_error::DefinedCondition;

use crate::connection::{AskError, IqPayload, Line};
use crate::error::{EngineError, EngineErrorCode};
use crate::model::{NoticeStep, NoticeStepKind};

/// Most steps that are taken from a server.
const MOST: usize = 200;
/// Most characters of one text.
const LONGEST: usize = 1_000;

/// What became of the notice that this message brought, in the order in which it happened.
///
/// # Errors
/// `NotFound` when the server knows no such notice of this person, or what became of the line.
pub(crate) async fn ask(line: &Line, me: &BareJid, message: &str) -> Result<Vec<NoticeStep>, EngineError> {
    let server = Jid::from(BareJid::from_parts(None, me.domain()));
    let question = Element::from(AskTimeline { message: message.to_owned() });
    let answer = line.ask(Some(server), IqPayload::Get(question)).await.map_err(refusal)?;
    answer
        .filter(|answer| answer.is("timeline", NAMESPACE))
        .map(|answer| read(&answer))
        .ok_or_else(|| EngineError::new(EngineErrorCode::Internal, "timeline"))
}

fn read(timeline: &Element) -> Vec<NoticeStep> {
    timeline.children().filter(|child| child.is("event", NAMESPACE)).filter_map(step).take(MOST).collect()
}

/// Of kinds that this client does not know it says nothing.
fn step(event: &Element) -> Option<NoticeStep> {
    let kind: StrDeserializer<'_, serde::de::value::Error> = event.attr("kind")?.into_deserializer();
    let kind = NoticeStepKind::deserialize(kind).ok()?;
    let time: DateTime = event.attr("time")?.parse().ok()?;
    let chosen = event.get_child("chosen", NAMESPACE).and_then(|chosen| chosen.attr("action"));
    let detail = event.get_child("detail", NAMESPACE).map(Element::text);
    Some(NoticeStep {
        kind,
        time: time.0.timestamp_millis(),
        action: chosen.map(short),
        detail: detail.map(|detail| short(&detail)).unwrap_or_default(),
    })
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

fn refusal(error: AskError) -> EngineError {
    let code = match error {
        AskError::Refused(refused) => match refused.defined_condition {
            DefinedCondition::InternalServerError => EngineErrorCode::Internal,
            // An older server knows of no such question.
            _ => EngineErrorCode::NotFound,
        },
        AskError::Lost => EngineErrorCode::ConnectionLost,
        AskError::TimedOut => EngineErrorCode::TimedOut,
    };
    EngineError::new(code, "")
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::model::NoticeStepKind;

    #[test]
    fn the_timeline_of_the_documentation_is_read_and_unknown_kinds_are_passed_over() {
        let steps = read(
            &"<timeline xmlns='urn:posthouse:notice:1' message='notice-17' id='m-4f' state='acted'>\
              <event kind='smsQueued' time='2026-11-27T08:30:00.000000Z'/>\
              <event kind='smsFailed' time='2026-11-27T08:31:00Z'><detail>reported</detail></event>\
              <event kind='beamed' time='2026-11-27T08:31:30Z'/>\
              <event kind='acted' time='2026-11-27T08:32:00Z'><chosen action='approve'>\
              <value name='why'>好</value></chosen></event></timeline>"
                .parse()
                .unwrap(),
        );
        let kinds: Vec<NoticeStepKind> = steps.iter().map(|step| step.kind).collect();
        assert_eq!(kinds, [NoticeStepKind::SmsQueued, NoticeStepKind::SmsFailed, NoticeStepKind::Acted]);
        assert_eq!(steps[0].time, 1_795_768_200_000);
        assert_eq!((steps[1].detail.as_str(), steps[2].action.as_deref()), ("reported", Some("approve")));
    }
}
