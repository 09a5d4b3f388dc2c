//! Questions to the server's directory about texts that came: whose phone is it, and whom does the text name? A
//! text waits for the answer, and those behind it wait with it: a conversation keeps its order.

use std::collections::BTreeMap;

use posthouse_protocol::sms;
use posthouse_protocol::wire::{Child, Frame, StanzaKind, escape_attribute};

use super::Link;
use super::stream::{LinkError, Writer};
use crate::conversation::{Colleague, Found};
use crate::query_codes::Asker;
use crate::store::Waiting;

/// Texts by their number in the inbox; `None` until the answer is there.
#[derive(Debug, Default)]
pub(super) struct Lookups(BTreeMap<i64, Option<Found>>);

impl Lookups {
    /// What is known about a text; asks when nobody has yet.
    pub(super) async fn of(
        &mut self,
        link: &Link,
        text: &Waiting,
        writer: &mut Writer,
    ) -> Result<Option<Found>, LinkError> {
        if let Some(known) = self.0.get(&text.id) {
            return Ok(known.clone());
        }
        let question = link.conversations.question(text);
        let stanza = format!(
            "<iq type='get' id='find-{id}' from='{from}' to='{to}'>\
             <find xmlns='{space}' number='{number}' begins='{begins}'/></iq>",
            id = text.id,
            from = escape_attribute(&link.settings.domain),
            to = escape_attribute(&link.settings.server),
            space = sms::NAMESPACE,
            number = escape_attribute(&question.number),
            begins = escape_attribute(&question.begins),
        );
        writer.write(stanza.as_bytes()).await?;
        self.0.insert(text.id, None);
        Ok(None)
    }

    /// Takes an answer; false when it is something else.
    pub(super) fn take(&mut self, frame: &Frame) -> Result<bool, LinkError> {
        let id = frame.id().and_then(|id| id.strip_prefix("find-")?.parse::<i64>().ok());
        let Some(id) = id.filter(|_| frame.kind() == StanzaKind::Iq) else { return Ok(false) };
        match frame.type_().as_deref() {
            Some("result") => {
                self.0.insert(id, Some(found(frame).unwrap_or_default()));
                Ok(true)
            }
            Some("error") => Err(LinkError::Refused("it does not say whose phone a text is from".to_owned())),
            Some(_) | None => Ok(false),
        }
    }

    /// Only these texts still wait.
    pub(super) fn keep(&mut self, waiting: &[Waiting]) {
        self.0.retain(|id, _| waiting.iter().any(|text| text.id == *id));
    }
}

/// What the server says about people.
pub(super) fn found(frame: &Frame) -> Option<Found> {
    let found = frame.child("found", sms::NAMESPACE)?;
    let owner = found.child("owner", sms::NAMESPACE);
    Some(Found {
        owner: owner.as_ref().and_then(colleague),
        asker: owner.as_ref().and_then(asker).unwrap_or_default(),
        named: found.child("named", sms::NAMESPACE).as_ref().and_then(colleague),
    })
}

fn asker(child: &Child<'_>) -> Option<Asker> {
    let attribute = |name| child.attribute(name).map(std::borrow::Cow::into_owned);
    let address = attribute("address")?;
    let paths = child.children().filter(|child| child.name == "department");
    Some(Asker {
        person: address.split_once('@').map_or(address.as_str(), |(login, _)| login).to_owned(),
        address,
        // A server that is older than the gateway does not say it.
        id: attribute("id").unwrap_or_default(),
        employee_number: attribute("employee-number"),
        number: attribute("mobile"),
        is_disabled: attribute("status").as_deref() == Some("disabled"),
        departments: paths.filter_map(|child| Some(child.attribute("path")?.into_owned())).collect(),
    })
}

fn colleague(child: &Child<'_>) -> Option<Colleague> {
    let attribute = |name| child.attribute(name).map(std::borrow::Cow::into_owned);
    Some(Colleague { address: attribute("address")?, name: attribute("name")? })
}
