//! Answers the gateway's questions: whose number is this, and whom does the text begin with?

use async_trait::async_trait;
use posthouse_protocol::organization::Person;
use posthouse_protocol::sms;
use posthouse_protocol::wire::escape_attribute;

use super::{Phones, number};
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::stages::IqHandler;
use crate::routing::stanza_error::{Condition, StanzaError};

/// The handler.
#[derive(Debug)]
pub(super) struct Lookup(pub(super) Phones);

#[async_trait]
impl IqHandler for Lookup {
    fn namespaces(&self) -> &'static [&'static str] {
        &[sms::NAMESPACE]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        // Numbers are for the gateway only.
        if request.session.is_some() || !self.0.is_gateway(request.from) {
            return Err(StanzaError::new(Condition::Forbidden));
        }
        let is_find =
            request.payload.name == "find" && !request.is_set && *request.target == IqTarget::Server;
        let number = request.payload.attribute("number").filter(|_| is_find);
        let Some(number) = number else { return Err(StanzaError::new(Condition::BadRequest)) };
        let owner = self.0.directory.best_person(|person| {
            person.mobile.as_deref().filter(|mobile| number::is_same(mobile, &number)).map(str::len)
        });
        let named = owner.as_ref().and_then(|owner| {
            let begins = request.payload.attribute("begins").filter(|begins| !begins.is_empty())?;
            let named = self.0.directory.best_person(|person| length_at_start(person, &begins))?;
            self.0.directory.may_chat(&owner.jid, &named.jid).then_some(named)
        });
        let owner = owner.map(|owner| element("owner", &owner)).unwrap_or_default();
        let named = named.map(|named| element("named", &named)).unwrap_or_default();
        Ok(IqAnswer::Payload(format!("<found xmlns='{}'>{owner}{named}</found>", sms::NAMESPACE).into()))
    }
}

/// How much of the text is this person's name or login.
fn length_at_start(person: &Person, text: &str) -> Option<usize> {
    let login = person.jid.node().map_or("", |login| login.as_str());
    let begins = |name: &&str| !name.is_empty() && text.starts_with(*name);
    [person.name.as_str(), login].into_iter().filter(begins).map(str::len).max()
}

fn element(role: &str, person: &Person) -> String {
    let (address, name) = (escape_attribute(person.jid.as_str()), escape_attribute(&person.name));
    format!("<{role} address='{address}' name='{name}'/>")
}
