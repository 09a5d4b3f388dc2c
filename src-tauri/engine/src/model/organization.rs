//! The organisation as the window shows it: tree, cards, search, presence.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A department of the organisation. Lists of departments arrive parents first, already in display order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct Department {
    /// Stable id.
    pub id: String,
    /// Id of the department above; `None` at the top.
    pub parent: Option<String>,
    /// Display name.
    pub name: String,
    /// Position among its siblings, counted from 0.
    pub position: u32,
}

/// A person in one department: a person with two posts stands in the tree twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct TreePerson {
    /// Bare address (JID) of the person: the key everywhere in the window.
    pub person: String,
    /// Display name.
    pub name: String,
    /// Department this row stands in.
    pub department: String,
    /// Title of this post.
    pub title: Option<String>,
    /// The person's main post; nobody has two, some have none.
    pub primary: bool,
    /// Position within the department, counted from 0.
    pub position: u32,
    /// Hash of the avatar, when there is one.
    pub avatar: Option<String>,
}

/// One batch of the tree; at most 500 rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct TreeBatch {
    /// Departments of this batch.
    pub departments: Vec<Department>,
    /// People of this batch.
    pub people: Vec<TreePerson>,
    /// True on the last batch.
    pub last: bool,
}

/// What a person does right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub enum Availability {
    /// Signed in and at the desk.
    Online,
    /// Away for a moment.
    Away,
    /// Away for longer.
    ExtendedAway,
    /// Does not want to be disturbed.
    DoNotDisturb,
    /// Signed in nowhere.
    Offline,
}

/// Presence of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct PersonPresence {
    /// Bare address.
    pub person: String,
    /// The most available of the person's clients.
    pub availability: Availability,
    /// Free text of the person.
    pub status: Option<String>,
}

/// How many people of a department and all below it are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct DepartmentCount {
    /// Department id.
    pub department: String,
    /// Signed in.
    pub online: u32,
    /// All.
    pub total: u32,
}

/// The card of a person (R26).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct PersonCard {
    /// Bare address.
    pub person: String,
    /// ID the person signs in with.
    pub login: String,
    /// Display name.
    pub name: String,
    /// Posts: department path such as `总部 / 财务部` and title.
    pub posts: Vec<PersonPost>,
    /// `male`, `female` or absent.
    pub gender: Option<String>,
    /// Office phones.
    pub phones: Vec<String>,
    /// Mobile number, as far as policy shows it.
    pub mobile: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Presence now.
    pub presence: PersonPresence,
}

/// One post on a [`PersonCard`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct PersonPost {
    /// Department names from the top.
    pub department_path: Vec<String>,
    /// Title.
    pub title: Option<String>,
    /// The main post.
    pub primary: bool,
}

/// A hit of the people search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct PersonHit {
    /// Bare address.
    pub person: String,
    /// Display name.
    pub name: String,
    /// Department names from the top.
    pub department_path: Vec<String>,
    /// Title of the main post.
    pub title: Option<String>,
}

/// A picture of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AvatarPicture {
    /// Media type, such as `image/png`.
    pub media_type: String,
    /// The picture.
    pub bytes: Vec<u8>,
}
