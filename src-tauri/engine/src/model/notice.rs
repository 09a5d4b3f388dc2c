//! Notices of business systems.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::conversation::Message;

/// What a business system says to the person (`docs/notices.md`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct Notice {
    /// The same for all its revisions.
    pub id: String,
    /// From 1.
    pub revision: u32,
    /// What has become of it.
    pub state: NoticeState,
    /// How much it matters.
    pub priority: NoticePriority,
    /// Short name of the system.
    pub system: String,
    /// What people call the system.
    pub system_name: String,
    /// Hash of the system's picture, when it has one.
    #[serde(default)]
    pub icon: Option<String>,
    /// One line.
    pub title: String,
    /// What there is to say beyond the title; may be empty.
    pub text: String,
    /// Where it is seen to.
    pub link: Option<NoticeLink>,
    /// Facts, in order.
    pub fields: Vec<NoticeField>,
    /// What the person may do, in order.
    pub actions: Vec<NoticeAction>,
    /// After this time it is of no interest: milliseconds since 1970 UTC.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub expires: Option<i64>,
    /// Key of the action that the person has chosen here.
    pub chosen: Option<String>,
    /// The person has marked it as done by hand; its system does not know.
    #[serde(default)]
    pub marked: bool,
    /// The server is not known to have the choice yet.
    #[serde(default)]
    pub under_way: bool,
    /// Error code of the last choice, when it was refused: another may be made.
    #[serde(default)]
    pub failure: Option<String>,
    /// The person has not seen it.
    #[serde(default)]
    pub unread: bool,
}

impl Notice {
    /// There is nothing left to do, as far as its system or the person has said.
    pub fn is_done(&self) -> bool {
        self.state != NoticeState::Open || self.chosen.is_some() || self.marked
    }

    /// The moment, in microseconds, after which it is of no interest.
    pub(crate) fn until(&self) -> Option<i64> {
        self.expires.map(|expires| expires.saturating_mul(1_000))
    }
}

/// Which notices are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub enum NoticeFilter {
    /// There may be something to do.
    Open,
    /// The person has not seen them.
    Unread,
    /// Nothing is left to do.
    Done,
    /// All of them.
    All,
}

/// A piece of a list of notices, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct NoticePage {
    /// Messages with notices.
    pub notices: Vec<Message>,
    /// There may be more behind the last.
    pub has_more: bool,
}

/// A place in a business system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct NoticeLink {
    /// The system whose tab it opens in.
    pub system: String,
    /// Path there.
    pub path: String,
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct NoticeField {
    /// What it is.
    pub label: String,
    /// The fact.
    pub value: String,
}

/// Something the person may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct NoticeAction {
    /// Key.
    pub id: String,
    /// Name.
    pub label: String,
    /// Where it stands.
    pub style: NoticeActionStyle,
    /// What is asked before; empty for a plain button.
    pub inputs: Vec<NoticeInput>,
}

/// A line to fill in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct NoticeInput {
    /// Key.
    pub name: String,
    /// Name.
    pub label: String,
    /// May not be left empty.
    pub required: bool,
}

/// A line that was filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct NoticeValue {
    /// Key of the line.
    pub name: String,
    /// What stands there.
    pub text: String,
}

/// What has become of a notice, as its system sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub enum NoticeState {
    /// There may be something to do.
    Open,
    /// Somebody has seen to it.
    Handled,
    /// The system has taken it back.
    Withdrawn,
}

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub enum NoticePriority {
    /// Can wait.
    Low,
    /// The usual.
    Normal,
    /// Soon.
    High,
    /// Now.
    Urgent,
}

/// Where an action stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub enum NoticeActionStyle {
    /// One of several.
    Usual,
    /// What most people will do.
    Primary,
    /// What cannot be undone.
    Danger,
}
