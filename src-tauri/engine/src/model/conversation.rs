//! Conversations: rows, messages, what became of them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::notice::Notice;

/// A row of the recent conversations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct ConversationSummary {
    /// Bare address of the other side.
    pub peer: String,
    /// Display name.
    pub name: String,
    /// Last message, one line.
    pub preview: String,
    /// Whether the last message is ours.
    pub preview_is_own: bool,
    /// Time of the last message, milliseconds since 1970 UTC.
    #[ts(type = "number")]
    pub time: i64,
    /// Unread messages.
    pub unread: u32,
    /// Kept at the top.
    pub pinned: bool,
    /// Text not sent yet.
    pub draft: Option<String>,
    /// Short name of the business system that the other side is, when it is one.
    pub system: Option<String>,
    /// Hash of that system's picture, when it has one.
    pub icon: Option<String>,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub enum MessageState {
    /// Waits for the connection.
    Queued,
    /// Stored by the server.
    Sent,
    /// On a client of the other side.
    Delivered,
    /// Seen by the other side.
    Read,
    /// Refused; see `failure`.
    Failed,
    /// A message of the other side.
    Received,
}

/// Where the person wants a message to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub enum DeliveryWish {
    /// The client, now or later.
    #[default]
    Client,
    /// The phone, as a text message.
    Phone,
    /// The client, or the phone when no client is there.
    ClientElsePhone,
    /// Both.
    Both,
}

/// How far a text message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub enum SmsState {
    /// Wished; nothing is known yet, and with `clientElsePhone` perhaps no text becomes of it.
    Wished,
    /// The gateway has it.
    Queued,
    /// A modem has it.
    Sending,
    /// A modem failed while it had it.
    Unconfirmed,
    /// The network has it.
    Sent,
    /// The phone has it.
    Delivered,
    /// It will not arrive; see `failure`.
    Failed,
    /// It came from the other side's phone.
    Received,
}

/// The text message that a message is, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct Sms {
    /// How far it is.
    pub state: SmsState,
    /// Word of the failure (`docs/sms.md`).
    pub failure: Option<String>,
    /// It was sent a second time, since nobody knew of the first.
    pub again: bool,
    /// It waits until then (XEP-0082), or may be tried again then.
    pub until: Option<String>,
}

impl Sms {
    /// In this state, and nothing else to say.
    pub fn new(state: SmsState) -> Self {
        Self { state, failure: None, again: false, until: None }
    }
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct Message {
    /// Key in the local store; grows in display order within a conversation only through `time`, then `id`.
    #[ts(type = "number")]
    pub id: i64,
    /// Bare address of the other side.
    pub peer: String,
    /// Bare address of the author.
    pub author: String,
    /// Text.
    pub text: String,
    /// Milliseconds since 1970 UTC.
    #[ts(type = "number")]
    pub time: i64,
    /// What became of it.
    pub state: MessageState,
    /// Error code of a failed message.
    pub failure: Option<String>,
    /// Set when it is a text message, too.
    pub sms: Option<Sms>,
    /// Set when a business system says it.
    pub notice: Option<Notice>,
}

/// A piece of a conversation, oldest message first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct ConversationPage {
    /// Bare address of the other side.
    pub peer: String,
    /// Messages.
    pub messages: Vec<Message>,
    /// More messages lie before the first.
    pub has_older: bool,
    /// Messages lie behind the last (a page opened at a search hit or notification).
    pub has_newer: bool,
    /// First unread message, when there is one: the divider stands above it.
    #[ts(type = "number | null")]
    pub first_unread: Option<i64>,
}
