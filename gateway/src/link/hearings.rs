//! Questions to the server about answers: does what a phone wrote choose something that a notice offered it? A text
//! waits for that, as for what the directory says. Whatever is chosen is on the server's disk before the text is
//! taken as handled here.

use std::collections::BTreeMap;

use posthouse_protocol::notice::{NAMESPACE, domain_below};
use posthouse_protocol::wire::{Frame, StanzaKind, escape, escape_attribute};

use super::Link;
use super::stream::{LinkError, Writer};
use crate::conversation::Found;
use crate::store::Waiting;

/// What the server says about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// It was an answer; the phone is told this.
    Say(String),
    /// It was none.
    Pass,
}

/// Texts by their number in the inbox; `None` until the answer is there.
#[derive(Debug, Default)]
pub(super) struct Hearings(BTreeMap<i64, Option<Heard>>);

impl Hearings {
    /// What is known about a text; asks when nobody has yet.
    pub(super) async fn of(
        &mut self,
        link: &Link,
        (text, found): (&Waiting, &Found),
        writer: &mut Writer,
    ) -> Result<Option<Heard>, LinkError> {
        if let Some(known) = self.0.get(&text.id) {
            return Ok(known.clone());
        }
        let Some(owner) = found.owner.as_ref().filter(|_| !found.asker.is_disabled) else {
            return Ok(Some(Heard::Pass));
        };
        let home = domain_below(&link.settings.server);
        let follows = link.conversations.is_last_from(&text.sender, &home).await.map_err(LinkError::Store)?;
        if !link.conversations.may_answer(&text.body, follows) {
            return Ok(Some(Heard::Pass));
        }
        let stanza = format!(
            "<iq type='set' id='hear-{id}' from='{from}' to='{to}'>\
             <answer xmlns='{NAMESPACE}' person='{person}' follows='{follows}'>{said}</answer></iq>",
            id = text.id,
            from = escape_attribute(&link.settings.domain),
            to = escape_attribute(&link.settings.server),
            person = escape_attribute(&owner.address),
            said = escape(&text.body),
        );
        writer.write(stanza.as_bytes()).await?;
        self.0.insert(text.id, None);
        Ok(None)
    }

    /// Takes an answer; false when it is something else.
    pub(super) fn take(&mut self, frame: &Frame) -> Result<bool, LinkError> {
        let id = frame.id().and_then(|id| id.strip_prefix("hear-")?.parse::<i64>().ok());
        let Some(id) = id.filter(|_| frame.kind() == StanzaKind::Iq) else { return Ok(false) };
        match frame.type_().as_deref() {
            Some("result") => {
                self.0.insert(id, Some(heard(frame)));
                Ok(true)
            }
            Some("error") if is_unknown(frame) => {
                // The server is older than notices that can be answered.
                self.0.insert(id, Some(Heard::Pass));
                Ok(true)
            }
            Some("error") => Err(LinkError::Refused("it does not take answers to notices".to_owned())),
            Some(_) | None => Ok(false),
        }
    }

    /// Only these texts still wait.
    pub(super) fn keep(&mut self, waiting: &[Waiting]) {
        self.0.retain(|id, _| waiting.iter().any(|text| text.id == *id));
    }
}

fn heard(frame: &Frame) -> Heard {
    let say = frame.child("heard", NAMESPACE).and_then(|heard| heard.child("say", NAMESPACE));
    say.map_or(Heard::Pass, |say| Heard::Say(say.text().into_owned()))
}

fn is_unknown(frame: &Frame) -> bool {
    let frame = frame.to_client_namespace();
    let error = frame.child("error", "jabber:client");
    let unknown = ["service-unavailable", "feature-not-implemented"];
    error.is_some_and(|error| error.children().any(|child| unknown.contains(&child.name)))
}
