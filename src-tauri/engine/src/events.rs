//! What the engine tells the window without being asked.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::{Account, ConnectionState, ConversationSummary, DepartmentCount, Message, PersonPresence};

/// One event. The window gets them in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", tag = "event", rename_all_fields = "camelCase")]
#[ts(export_to = "generated.ts")]
pub enum EngineEvent {
    /// The line changed.
    ConnectionChanged {
        /// New state.
        connection: ConnectionState,
    },
    /// Somebody signed in, or the name became known.
    AccountChanged {
        /// `None` after signing out.
        account: Option<Account>,
    },
    /// The tree changed: read it again.
    OrganizationChanged,
    /// Presence of watched people and counts of watched departments.
    PresenceChanged {
        /// People.
        people: Vec<PersonPresence>,
        /// Departments.
        counts: Vec<DepartmentCount>,
    },
    /// A row of the recent conversations is new or different.
    ConversationChanged {
        /// The row.
        conversation: ConversationSummary,
    },
    /// A row of the recent conversations is gone.
    ConversationClosed {
        /// Bare address of the other side.
        peer: String,
    },
    /// A message is new; it may belong before messages already shown.
    MessageAdded {
        /// The message.
        message: Message,
    },
    /// A message changed its state.
    MessageChanged {
        /// The message.
        message: Message,
    },
    /// A message was deleted locally.
    MessageRemoved {
        /// Bare address of the other side.
        peer: String,
        /// Its key.
        #[ts(type = "number")]
        id: i64,
    },
    /// The other side is typing or has stopped.
    TypingChanged {
        /// Bare address of the other side.
        peer: String,
        /// Is typing.
        typing: bool,
    },
    /// Sum of all unread messages.
    UnreadChanged {
        /// Sum.
        total: u32,
    },
    /// Show a notification; the shell does, the window does not.
    Notify {
        /// Bare address of the other side.
        peer: String,
        /// Display name.
        name: String,
        /// Text, already cut to one line.
        text: String,
        /// The message to open.
        #[ts(type = "number")]
        message: i64,
    },
    /// Take notifications of this conversation away: it was read elsewhere.
    WithdrawNotifications {
        /// Bare address of the other side.
        peer: String,
    },
}
