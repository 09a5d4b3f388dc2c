//! What the window shows: plain values, the same in Rust and in TypeScript.

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
}

impl Sms {
    /// In this state, and nothing else to say.
    pub fn new(state: SmsState) -> Self {
        Self { state, failure: None, again: false }
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

/// What the last session left, for the sign-in form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct SavedSignIn {
    /// Server address as it was typed.
    pub server: String,
    /// ID.
    pub login: String,
    /// A password lies in the keyring.
    pub has_password: bool,
    /// The system has a keyring, so that "remember" can be offered.
    pub can_remember: bool,
}

/// What the sign-in form sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct SignIn {
    /// IP address, host name or domain, with or without a port.
    pub server: String,
    /// ID (`zhang.san`) or full address (`zhang.san@example.org`).
    pub login: String,
    /// Password; empty = use the one in the keyring.
    pub password: String,
    /// Keep the password in the keyring.
    pub remember: bool,
    /// Fingerprint (SHA-256, lower-case hex) of the certificate authority or certificate the user has accepted just now.
    pub accept_fingerprint: Option<String>,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct Account {
    /// Bare address.
    pub person: String,
    /// Display name, once the directory is known.
    pub name: String,
    /// Server as typed.
    pub server: String,
}

/// The state of the line, for the strip near the composer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", tag = "state")]
#[ts(export_to = "generated.ts")]
pub enum ConnectionState {
    /// Signed out.
    SignedOut,
    /// Tries to connect.
    Connecting,
    /// Connected and in step with the server.
    Online,
    /// Connected; reads what was missed.
    CatchingUp,
    /// Waits before the next try.
    Waiting {
        /// Seconds until the next try.
        #[serde(rename = "retryInSeconds")]
        #[ts(rename = "retryInSeconds")]
        retry_in_seconds: u32,
        /// Why the last try failed: a code of [`crate::error::EngineErrorCode`].
        reason: crate::error::EngineErrorCode,
    },
    /// Stopped for good until the user does something.
    Stopped {
        /// Why.
        reason: crate::error::EngineErrorCode,
    },
}

/// One line of the connection self-test (R72).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct ConnectionTestStep {
    /// `resolve`, `connect`, `tls`, `stream`, `login`, `roundTrip`.
    pub step: String,
    /// Passed.
    pub passed: bool,
    /// Milliseconds it took.
    pub milliseconds: u32,
    /// Fact to show: an address, a protocol version, a fingerprint.
    pub detail: String,
    /// Why it failed.
    pub failure: Option<crate::error::EngineErrorCode>,
}

/// Settings of this computer and person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export_to = "generated.ts")]
pub struct Settings {
    /// `system`, `zh-CN`, `en`.
    pub language: String,
    /// `system`, `light`, `dark`.
    pub theme: String,
    /// `compact`, `cozy`.
    pub density: String,
    /// `enter`, `ctrlEnter`.
    pub send_key: String,
    /// Show notifications.
    pub notifications: bool,
    /// Show the text in notifications.
    pub notification_text: bool,
    /// Tell others when their messages were read.
    pub send_read_markers: bool,
    /// Tell others when one is typing.
    pub send_typing: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: "system".to_owned(),
            theme: "system".to_owned(),
            density: "cozy".to_owned(),
            send_key: "enter".to_owned(),
            notifications: true,
            notification_text: true,
            send_read_markers: true,
            send_typing: true,
        }
    }
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
