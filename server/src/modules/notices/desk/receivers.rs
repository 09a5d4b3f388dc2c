//! Who is meant, and whether the application may write to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use posthouse_protocol::organization::{Person, PersonStatus};
use serde::Serialize;
use utoipa::ToSchema;

use super::refusal::{Refusal, RefusalCode};
use super::request::To;
use crate::modules::notices::NoticeParts;
use crate::organization::changes::person_id;
use crate::organization::fields;
use crate::storage::applications::ApplicationRow;
use crate::storage::notices::{DeliveryMode, Receiver};

/// Those who get it, and those who do not.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) receivers: Vec<Receiver>,
    pub(super) invalid: Vec<Invalid>,
}

/// Somebody who does not get it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Invalid {
    /// As the application wrote it.
    pub recipient: String,
    /// `unknown`, `disabled`, `not_allowed` or `no_phone`.
    pub reason: &'static str,
}

pub(super) async fn find(
    parts: &NoticeParts,
    application: &ApplicationRow,
    to: &To,
    delivery: DeliveryMode,
) -> Result<Found, Refusal> {
    let has_gateway = parts.components.find(&format!("sms.{}", parts.domain)).is_some();
    if delivery == DeliveryMode::Phone && !has_gateway {
        return Err(Refusal::of_field("delivery", "There is no way to phones."));
    }
    let (people, mut invalid) = meant(parts, application, to, &tagged(parts, &to.tags).await?)?;
    let mut receivers = Vec::with_capacity(people.len());
    for (person, named) in people.into_values() {
        let has_phone = has_gateway && person.mobile.is_some();
        match problem(parts, application, &person, delivery == DeliveryMode::Phone && !has_phone) {
            // Who was not named is not missed.
            Some(reason) => invalid.extend(named.map(|recipient| Invalid { recipient, reason })),
            None => receivers.push(Receiver {
                person: person.id.clone(),
                address: person.jid.to_string(),
                costs_text: costs_text(parts, &person, delivery, has_phone),
            }),
        }
    }
    Ok(Found { receivers, invalid })
}

/// People by their ids, each once, and how they were named one by one.
type People = BTreeMap<String, (Arc<Person>, Option<String>)>;

/// Tags as the application wrote them, each with the ids of those who have it.
async fn tagged<'a>(parts: &NoticeParts, tags: &'a [String]) -> Result<Vec<(&'a String, Vec<i64>)>, Refusal> {
    let mut found = Vec::with_capacity(tags.len());
    for written in tags {
        let people = match fields::tag(written) {
            Ok(tag) => parts.catalogue.people_tagged(tag).await.map_err(Refusal::internal)?,
            // What is no tag is nobody's.
            Err(_) => Vec::new(),
        };
        found.push((written, people));
    }
    Ok(found)
}

fn meant(
    parts: &NoticeParts,
    application: &ApplicationRow,
    to: &To,
    tagged: &[(&String, Vec<i64>)],
) -> Result<(People, Vec<Invalid>), Refusal> {
    let directory = &parts.directory;
    let (mut people, mut invalid) = (People::new(), Vec::new());
    let unknown = |recipient: &String| Invalid { recipient: recipient.clone(), reason: "unknown" };
    let mut add = |person: Arc<Person>, named: Option<String>| {
        let (_, known) = people.entry(person.id.clone()).or_insert((person, None));
        *known = known.take().or(named);
    };
    for name in &to.people {
        match directory.person_named(&parts.domain, name) {
            Some(person) => add(person, Some(name.clone())),
            None => invalid.push(unknown(name)),
        }
    }
    for one in &to.departments {
        match directory.department_named(&one.department) {
            Some(id) => {
                directory.members(&id, one.with_sub_departments).into_iter().for_each(|it| add(it, None));
            }
            None => invalid.push(unknown(&one.department)),
        }
    }
    for (tag, ids) in tagged {
        if ids.is_empty() {
            invalid.push(unknown(tag));
        }
        // Who has just been added is not known to the directory yet, as in a department.
        let people = ids.iter().filter_map(|id| directory.person_of_id(&person_id(*id)));
        people.for_each(|person| add(person, None));
    }
    if to.everyone {
        if !application.scope.everyone {
            return Err(Refusal {
                field: Some("to.everyone".to_owned()),
                ..Refusal::new(RefusalCode::Forbidden, "The application may not write to everybody.")
            });
        }
        directory.everybody().into_iter().for_each(|person| add(person, None));
    }
    Ok((people, invalid))
}

fn problem(
    parts: &NoticeParts,
    application: &ApplicationRow,
    person: &Person,
    lacks_phone: bool,
) -> Option<&'static str> {
    if !parts.directory.may_be_written_to(person, &application.scope) {
        Some("not_allowed")
    } else if person.status == PersonStatus::Disabled {
        Some("disabled")
    } else if lacks_phone {
        Some("no_phone")
    } else {
        None
    }
}

/// Whether it will cost a text, as things stand now.
fn costs_text(parts: &NoticeParts, person: &Person, delivery: DeliveryMode, has_phone: bool) -> bool {
    let is_online = || {
        let sessions = &parts.sessions;
        sessions.any(&person.jid, |session| session.is_available() && session.priority() >= 0)
    };
    match delivery {
        DeliveryMode::Client => false,
        DeliveryMode::Phone | DeliveryMode::Both => has_phone,
        DeliveryMode::Auto => has_phone && !is_online(),
    }
}
