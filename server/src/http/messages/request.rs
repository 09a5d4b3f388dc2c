//! What applications send.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::storage::notices::{Action, DeliveryMode, Field, Link};

/// `POST /api/v1/messages`
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewMessage {
    pub(super) to: To,
    #[serde(default)]
    pub(super) delivery: DeliveryMode,
    #[schema(minimum = 1, maximum = 2_592_000)]
    pub(super) escalate_after_seconds: Option<i64>,
    #[schema(format = DateTime)]
    pub(super) expires_at: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    pub(super) idempotency_key: Option<String>,
    #[serde(default)]
    pub(super) priority: Priority,
    #[schema(min_length = 1, max_length = 200)]
    pub(super) title: String,
    #[serde(default)]
    #[schema(max_length = 4_000)]
    pub(super) text: String,
    pub(super) link: Option<Link>,
    #[serde(default)]
    #[schema(max_items = 30)]
    pub(super) fields: Vec<Field>,
    #[serde(default)]
    #[schema(max_items = 8)]
    pub(super) actions: Vec<Action>,
}

/// To whom.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct To {
    /// IDs to sign in with, or ids of the directory.
    #[serde(default)]
    pub(super) people: Vec<String>,
    #[serde(default)]
    pub(super) departments: Vec<Department>,
    #[serde(default)]
    pub(super) everyone: bool,
}

/// A department, with all below it unless that is switched off.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ToDepartment)]
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
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
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
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ChangeMessage {
    pub(super) status: Option<Status>,
    pub(super) priority: Option<Priority>,
    #[schema(min_length = 1, max_length = 200)]
    pub(super) title: Option<String>,
    #[schema(max_length = 4_000)]
    pub(super) text: Option<String>,
    pub(super) link: Option<Link>,
    #[schema(max_items = 30)]
    pub(super) fields: Option<Vec<Field>>,
    #[schema(max_items = 8)]
    pub(super) actions: Option<Vec<Action>>,
}

/// What has become of it.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
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
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// `next` of the part before.
    #[param(value_type = i64, required = false)]
    pub(super) after: Option<i64>,
    /// How many at once.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 500)]
    pub(super) limit: Option<u32>,
}
