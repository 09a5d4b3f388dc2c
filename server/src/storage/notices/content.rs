//! What a notice says.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// All that its receivers get; kept as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Content {
    /// One line.
    pub title: String,
    /// More than one line; may be empty.
    pub text: String,
    /// How much it matters: `low`, `normal`, `high` or `urgent`.
    pub priority: String,
    /// Where it is seen to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// Facts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// What the receiver may do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
}

/// A place in a business system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Short name of the system.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$")]
    pub app: String,
    /// Path there.
    #[schema(max_length = 2_000, pattern = "^/([^/\\\\]|$)")]
    pub path: String,
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// What it is.
    #[schema(min_length = 1, max_length = 50)]
    pub label: String,
    /// The fact.
    #[schema(max_length = 500)]
    pub value: String,
}

/// Something the receiver may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Names it, to the application.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$")]
    pub id: String,
    /// Names it, to people.
    #[schema(min_length = 1, max_length = 50)]
    pub label: String,
    /// `primary` or `danger`, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schema(pattern = "^(primary|danger)?$")]
    pub style: String,
    /// What is asked before it is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 8)]
    pub inputs: Vec<Input>,
}

/// A line to fill in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Names it, to the application.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$")]
    pub name: String,
    /// Names it, to people.
    #[schema(min_length = 1, max_length = 50)]
    pub label: String,
    /// May not be left empty.
    #[serde(default)]
    pub required: bool,
}
