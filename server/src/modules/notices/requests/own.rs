//! What became of a notice, for the person who asks and for nobody else.

use jid::BareJid;
use posthouse_protocol::notice::NAMESPACE;

use super::super::mailbox::line_of;
use super::writing;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::notices::{NoticeStore, OwnTimeline, relay_name};

/// Answers a person's client.
pub(super) async fn answer(
    notices: &NoticeStore,
    person: &BareJid,
    request: &IqRequest<'_>,
) -> Result<IqAnswer, StanzaError> {
    let element = &request.payload;
    if element.name != "timeline" || request.is_set || *request.target != IqTarget::Server {
        // All else is for components.
        return Err(StanzaError::new(Condition::Forbidden));
    }
    let message = element.attribute("message").ok_or_else(|| StanzaError::new(Condition::BadRequest))?;
    let unknown = || StanzaError::new(Condition::ItemNotFound);
    let line = line_of(&message).ok_or_else(unknown)?;
    let found = notices.own_timeline(line, person.to_string()).await.map_err(|error| {
        tracing::error!(%error, "what became of a notice cannot be read");
        StanzaError::new(Condition::InternalServerError)
    })?;
    Ok(IqAnswer::Payload(write(line, &found.ok_or_else(unknown)?).into_bytes()))
}

fn write(line: i64, found: &OwnTimeline) -> String {
    let OwnTimeline { name, state, events } = found;
    let message = relay_name(line);
    let mut text = format!("<timeline xmlns='{NAMESPACE}' message='{message}' id='{name}' state='{state}'>");
    for event in events {
        writing::event(event, &mut text);
    }
    text + "</timeline>"
}
