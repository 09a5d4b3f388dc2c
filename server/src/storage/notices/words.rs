//! The words that stand in the tables and in the interface.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Gives an enum its words, in both directions.
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What the word stands for.
            pub fn of_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

/// Where an application wants a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryMode {
    /// The client of those who are there, the phone of those who are not.
    #[default]
    Auto,
    /// The client, now or later.
    Client,
    /// The phone.
    Phone,
    /// Both.
    Both,
}

words!(DeliveryMode { Auto = "auto", Client = "client", Phone = "phone", Both = "both" });

/// Which way a notice takes to one receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Nobody has decided.
    Open,
    /// The client.
    Client,
    /// The client, once more and nothing else: the server ended while it was sending, and the client may have it.
    Again,
    /// The phone.
    Phone,
    /// Both.
    Both,
}

words!(Way { Open = "", Client = "client", Again = "again", Phone = "phone", Both = "both" });

/// What has to be done about a notice and one receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Send it.
    Send,
    /// Send it to the phone, unless it has been read.
    Escalate,
    /// Send it to the phone: no client took it.
    Phone,
    /// Tell the client what has become of it.
    Update,
}

words!(Task { Send = "send", Escalate = "escalate", Phone = "phone", Update = "update" });

/// What has happened to a notice on its way to one receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum EventKind {
    /// The server has it on its disk.
    Accepted,
    /// A client is being given it, or it waits for one.
    Pushed,
    /// A client has it.
    Delivered,
    /// The receiver has seen it.
    Read,
    /// It waits for the gateway.
    SmsQueued,
    /// A modem has sent it.
    SmsSent,
    /// Nobody knows whether a modem has sent it.
    SmsUnconfirmed,
    /// It is on the phone.
    SmsReported,
    /// It will not reach the phone.
    SmsFailed,
    /// The application has no texts left for the day; it goes on when there are some again.
    SmsLimited,
    /// It was not read in time and goes to the phone.
    Escalated,
    /// It was not sent in time.
    Expired,
    /// It cannot reach the receiver at all.
    Failed,
    /// The receiver has chosen an action.
    Acted,
    /// The receiver has answered.
    Replied,
    /// The client has been told what has become of it.
    Updated,
    /// It was taken back before it was sent.
    Withdrawn,
}

words!(EventKind {
    Accepted = "accepted",
    Pushed = "pushed",
    Delivered = "delivered",
    Read = "read",
    SmsQueued = "smsQueued",
    SmsSent = "smsSent",
    SmsUnconfirmed = "smsUnconfirmed",
    SmsReported = "smsReported",
    SmsFailed = "smsFailed",
    SmsLimited = "smsLimited",
    Escalated = "escalated",
    Expired = "expired",
    Failed = "failed",
    Acted = "acted",
    Replied = "replied",
    Updated = "updated",
    Withdrawn = "withdrawn",
});

impl EventKind {
    /// How far a notice has come with this, for the one word that says where it stands.
    pub fn rank(self) -> u8 {
        match self {
            Self::Accepted => 0,
            Self::SmsLimited | Self::Escalated | Self::Updated => 1,
            Self::Pushed => 2,
            Self::SmsQueued => 3,
            Self::SmsUnconfirmed => 4,
            Self::SmsSent => 5,
            Self::Expired | Self::Failed | Self::Withdrawn | Self::SmsFailed => 6,
            Self::SmsReported => 7,
            Self::Delivered => 8,
            Self::Read => 9,
            Self::Replied => 10,
            Self::Acted => 11,
        }
    }
}
