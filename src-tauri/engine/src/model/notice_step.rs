//! What became of a notice, step by step.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something that has happened to a notice on its way to the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct NoticeStep {
    /// What.
    pub kind: NoticeStepKind,
    /// When: milliseconds since 1970 UTC.
    #[ts(type = "number")]
    pub time: i64,
    /// Key of the action that was chosen.
    pub action: Option<String>,
    /// More about it (why a text failed, what was answered), or empty.
    pub detail: String,
}

/// What can happen to a notice; the words are those of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub enum NoticeStepKind {
    /// The server has it on its disk.
    Accepted,
    /// A client is being given it, or it waits for one.
    Pushed,
    /// A client has it.
    Delivered,
    /// The person has seen it.
    Read,
    /// A text waits for the gateway.
    SmsQueued,
    /// A modem has sent the text.
    SmsSent,
    /// Nobody knows whether a modem has sent the text.
    SmsUnconfirmed,
    /// The text is on the phone.
    SmsReported,
    /// The text will not reach the phone.
    SmsFailed,
    /// The system has no texts left for the day.
    SmsLimited,
    /// It was not read in time and goes to the phone.
    Escalated,
    /// It was not sent in time.
    Expired,
    /// It cannot reach the person at all.
    Failed,
    /// The person has chosen an action.
    Acted,
    /// The person has answered.
    Replied,
    /// The client has been told what has become of it.
    Updated,
    /// It was taken back before it was sent.
    Withdrawn,
}
