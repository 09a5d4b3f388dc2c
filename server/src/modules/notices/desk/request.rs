//! What applications send.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::refusal::{Refusal, RefusalCode};
use crate::storage::notices::{Action, DeliveryMode, Field, Link};

/// `POST /api/v1/messages`
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewMessage {
    pub(crate) to: To,
    #[serde(default)]
    pub(crate) delivery: DeliveryMode,
    #[schema(minimum = 1, maximum = 2_592_000)]
    pub(crate) escalate_after_seconds: Option<i64>,
    #[schema(format = DateTime)]
    pub(crate) expires_at: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    pub(crate) idempotency_key: Option<String>,
    #[serde(default)]
    pub(crate) priority: Priority,
    #[schema(min_length = 1, max_length = 200)]
    pub(crate) title: String,
    #[serde(default)]
    #[schema(max_length = 4_000)]
    pub(crate) text: String,
    pub(crate) link: Option<Link>,
    #[serde(default)]
    #[schema(max_items = 30)]
    pub(crate) fields: Vec<Field>,
    #[serde(default)]
    #[schema(max_items = 8)]
    pub(crate) actions: Vec<Action>,
}

/// To whom.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct To {
    /// IDs to sign in with, or ids of the directory.
    #[serde(default)]
    pub(crate) people: Vec<String>,
    #[serde(default)]
    pub(crate) departments: Vec<Department>,
    /// Everybody who has one of these tags.
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    #[serde(default)]
    pub(crate) everyone: bool,
}

/// A department, with all below it unless that is switched off.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ToDepartment)]
pub(crate) struct Department {
    /// Id of the directory, or path such as `总部/财务部`.
    pub(crate) department: String,
    #[serde(default = "yes")]
    pub(crate) with_sub_departments: bool,
}

fn yes() -> bool {
    true
}

/// How much it matters.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Priority {
    /// Of little weight.
    Low,
    /// As usual.
    #[default]
    Normal,
    /// Of weight.
    High,
    /// At once.
    Urgent,
}

impl Priority {
    /// Its word.
    pub(crate) fn word(self) -> &'static str {
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
pub struct ChangeMessage {
    pub(crate) status: Option<Status>,
    pub(crate) priority: Option<Priority>,
    #[schema(min_length = 1, max_length = 200)]
    pub(crate) title: Option<String>,
    #[schema(max_length = 4_000)]
    pub(crate) text: Option<String>,
    pub(crate) link: Option<Link>,
    #[schema(max_items = 30)]
    pub(crate) fields: Option<Vec<Field>>,
    #[schema(max_items = 8)]
    pub(crate) actions: Option<Vec<Action>>,
}

/// What has become of it.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// It waits for somebody.
    Open,
    /// Somebody has seen to it.
    Handled,
}

impl Status {
    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Handled => "handled",
        }
    }
}

/// What was meant by what was written; otherwise which field is wrong.
///
/// # Errors
/// It is no such request.
pub fn read<T: DeserializeOwned>(written: &serde_json::Value) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(written).map_err(|error| {
        let (path, sentence) = (error.path().to_string(), format!("{}.", error.inner()));
        // The whole is no field.
        if path == "." {
            Refusal::new(RefusalCode::BadRequest, sentence)
        } else {
            Refusal::of_field(path, sentence)
        }
    })
}
