//! What applications are told.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::modules::notices::Invalid;
use crate::organization::directory::Directory;
use crate::storage::notices::{Content, EventKind, Timeline};

/// Of `POST`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Accepted {
    pub(super) id: String,
    /// How many people get it.
    pub(super) accepted: usize,
    /// Who does not, and why.
    pub(super) invalid: Vec<Invalid>,
    /// It was there before, under the same idempotency key.
    pub(super) replayed: bool,
}

/// Of `PATCH` and `DELETE`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Changed {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) revision: u32,
}

/// Of `GET`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown {
    id: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    status: String,
    revision: u32,
    content: Content,
    /// How many people are how far.
    counts: BTreeMap<String, i64>,
    recipients: Vec<Recipient>,
    /// `after` of the next part; absent when this is the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    person: String,
    login: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    state: String,
    events: Vec<Happened>,
}

/// Something that has happened, and when.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Happened {
    pub(super) event: EventKind,
    pub(super) time: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    pub(super) detail: String,
}

impl Shown {
    pub(super) fn of(timeline: Timeline, directory: &Directory) -> Self {
        let next = timeline.lines.last().map(|line| line.id).filter(|_| timeline.has_more);
        let recipients = timeline.lines.into_iter().map(|line| Recipient {
            name: directory.person_of_id(&line.person).map(|person| person.name.clone()),
            person: line.person,
            login: line.address.split('@').next().unwrap_or_default().to_owned(),
            state: line.state,
            events: line
                .events
                .into_iter()
                .map(|event| Happened { event: event.kind, time: event.time.to_xmpp(), detail: event.detail })
                .collect(),
        });
        let row = timeline.notice;
        Self {
            created_at: row.created.to_xmpp(),
            expires_at: (row.expires.0 > 0).then(|| row.expires.to_xmpp()),
            id: row.name,
            status: row.state,
            revision: row.revision,
            content: row.content,
            counts: timeline.counts.into_iter().collect(),
            recipients: recipients.collect(),
            next,
        }
    }
}
