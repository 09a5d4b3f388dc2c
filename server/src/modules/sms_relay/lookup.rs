//! Answers the gateway's questions: whose number is this, whom does the text begin with, and who is this person?

use std::sync::Arc;

use async_trait::async_trait;
use jid::BareJid;
use posthouse_protocol::organization::Person;
use posthouse_protocol::sms;
use posthouse_protocol::wire::escape_attribute;

use super::{Phones, number};
use crate::clock::Clock;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::stages::IqHandler;
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::Database;
use crate::storage::audit::{self, AuditEntry};
use crate::storage::organization;

/// Most characters of what stands in the audit log.
const LONGEST: usize = 64;

/// The handler.
#[derive(Debug)]
pub(super) struct Lookup {
    pub(super) phones: Phones,
    pub(super) database: Database,
    pub(super) clock: Arc<Clock>,
}

#[async_trait]
impl IqHandler for Lookup {
    fn namespaces(&self) -> &'static [&'static str] {
        &[sms::NAMESPACE]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        // Numbers are for the gateway only.
        if request.session.is_some() || !self.phones.is_gateway(request.from) {
            return Err(StanzaError::new(Condition::Forbidden));
        }
        if request.payload.name == "ignored" && request.is_set && *request.target == IqTarget::Server {
            return self.ignored(&request).await;
        }
        let is_find =
            request.payload.name == "find" && !request.is_set && *request.target == IqTarget::Server;
        let text = |name| request.payload.attribute(name).filter(|_| is_find);
        let (owner, named) = match (text("number"), text("person")) {
            (Some(number), _) => {
                let owner = self.phones.directory.best_person(|person| {
                    person.mobile.as_deref().filter(|mobile| number::is_same(mobile, &number)).map(str::len)
                });
                let named = owner.as_ref().and_then(|owner| self.named(owner, &request));
                (owner, named)
            }
            (None, Some(person)) => {
                let account = BareJid::new(&person).map_err(|_| StanzaError::new(Condition::BadRequest))?;
                (self.phones.directory.person(&account), None)
            }
            (None, None) => return Err(StanzaError::new(Condition::BadRequest)),
        };
        let owner = match owner {
            Some(owner) => self.owner(&owner).await?,
            None => String::new(),
        };
        let named = named.map(|named| format!("<named {}/>", names(&named))).unwrap_or_default();
        Ok(IqAnswer::Payload(format!("<found xmlns='{}'>{owner}{named}</found>", sms::NAMESPACE).into()))
    }
}

impl Lookup {
    /// Whom a text begins with, when its owner may write to them.
    fn named(&self, owner: &Person, request: &IqRequest<'_>) -> Option<Arc<Person>> {
        let begins = request.payload.attribute("begins").filter(|begins| !begins.is_empty())?;
        let named = self.phones.directory.best_person(|person| length_at_start(person, &begins))?;
        self.phones.directory.may_chat(&owner.jid, &named.jid).then_some(named)
    }

    /// What business systems know the person by, and where they belong.
    async fn owner(&self, person: &Person) -> Result<String, StanzaError> {
        let login = person.jid.node().map_or("", |login| login.as_str()).to_owned();
        let reading = self.database.read(move |connection| organization::person_by_login(connection, &login));
        let row = reading.await.map_err(|error| {
            tracing::error!(%error, "a person cannot be read for the gateway");
            StanzaError::new(Condition::InternalServerError)
        })?;
        let employee_number = row.map(|row| row.employee_number).filter(|number| !number.is_empty());
        let optional = |name: &str, value: Option<&str>| {
            value.map(|value| format!(" {name}='{}'", escape_attribute(value))).unwrap_or_default()
        };
        let department = |id: &str| {
            let path = self.phones.directory.department_path(id).join("/");
            format!("<department path='{}'/>", escape_attribute(&path))
        };
        let departments: String = person.posts.iter().map(|post| department(&post.department)).collect();
        Ok(format!(
            "<owner {names} id='{id}'{employee_number}{mobile}{status}>{departments}</owner>",
            names = names(person),
            id = escape_attribute(&person.id),
            employee_number = optional("employee-number", employee_number.as_deref()),
            status = optional("status", person.status.word()),
            mobile = optional("mobile", person.mobile.as_deref()),
        ))
    }

    /// A phone nobody knows wrote: who did, without the middle of its number, stands in the audit log.
    async fn ignored(&self, request: &IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        let attribute =
            |name| request.payload.attribute(name).map(|value| value.chars().take(LONGEST).collect());
        let number: String = attribute("number").ok_or_else(|| StanzaError::new(Condition::BadRequest))?;
        let way: String = attribute("way").unwrap_or_default();
        let entry = AuditEntry {
            time: self.clock.now(),
            actor: request.from.to_string(),
            action: "text ignored".to_owned(),
            subject: number,
            detail: format!("nobody has this number; it came through {way}"),
        };
        audit::write(&self.database, entry).await.map_err(|error| {
            tracing::error!(%error, "an ignored text cannot be noted");
            StanzaError::new(Condition::InternalServerError)
        })?;
        Ok(IqAnswer::Empty)
    }
}

/// How much of the text is this person's name or login.
fn length_at_start(person: &Person, text: &str) -> Option<usize> {
    let login = person.jid.node().map_or("", |login| login.as_str());
    let begins = |name: &&str| !name.is_empty() && text.starts_with(*name);
    [person.name.as_str(), login].into_iter().filter(begins).map(str::len).max()
}

/// The attributes that name somebody.
fn names(person: &Person) -> String {
    let (address, name) = (escape_attribute(person.jid.as_str()), escape_attribute(&person.name));
    format!("address='{address}' name='{name}'")
}
