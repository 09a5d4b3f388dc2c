//! What a notice says.

use serde::{Deserialize, Serialize};

/// All that its receivers get; kept as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Short name of the system.
    pub app: String,
    /// Path there.
    pub path: String,
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// What it is.
    pub label: String,
    /// The fact.
    pub value: String,
}

/// Something the receiver may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Names it, to the application.
    pub id: String,
    /// Names it, to people.
    pub label: String,
    /// `primary` or `danger`, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub style: String,
    /// What is asked before it is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
}

/// A line to fill in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Names it, to the application.
    pub name: String,
    /// Names it, to people.
    pub label: String,
    /// May not be left empty.
    #[serde(default)]
    pub required: bool,
}
