//! What applications send.

use serde::Deserialize;

use crate::storage::notices::{Action, DeliveryMode, Field, Link};

/// `POST /api/v1/messages`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewMessage {
    pub(super) to: To,
    #[serde(default)]
    pub(super) delivery: DeliveryMode,
    pub(super) escalate_after_seconds: Option<i64>,
    pub(super) expires_at: Option<String>,
    pub(super) idempotency_key: Option<String>,
    #[serde(default)]
    pub(super) priority: Priority,
    pub(super) title: String,
    #[serde(default)]
    pub(super) text: String,
    pub(super) link: Option<Link>,
    #[serde(default)]
    pub(super) fields: Vec<Field>,
    #[serde(default)]
    pub(super) actions: Vec<Action>,
}

/// To whom.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct To {
    /// IDs to sign in with, or ids of the directory.
    pub(super) people: Vec<String>,
    pub(super) departments: Vec<Department>,
    pub(super) everyone: bool,
}

/// A department, with all below it unless that is switched off.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Department {
    /// Id of the directory, or path such as `总部/财务部`.
    pub(super) department: String,
    #[serde(default = "yes")]
    pub(super) with_sub_departments: bool,
}

fn yes() -> bool {
    true
}

/// How much it matters.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Priority {
    Low,
    #[default]
    Normal,
    High,
    Urgent,
}

impl Priority {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

/// `PATCH /api/v1/messages/{id}`: what is given takes the place of what was there.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ChangeMessage {
    pub(super) status: Option<Status>,
    pub(super) priority: Option<Priority>,
    pub(super) title: Option<String>,
    pub(super) text: Option<String>,
    pub(super) link: Option<Link>,
    pub(super) fields: Option<Vec<Field>>,
    pub(super) actions: Option<Vec<Action>>,
}

/// What has become of it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Open,
    Handled,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Handled => "handled",
        }
    }
}

/// `GET /api/v1/messages/{id}`: which part of the list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    pub(super) after: Option<i64>,
    pub(super) limit: Option<u32>,
}
