//! What the engine tells the window without being asked.

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use ts_rs::TS;

use crate::model::{
    Account, BusinessBadge, ConnectionState, ConversationSummary, DepartmentCount, Message, PersonPresence,
};

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
    /// Somebody else chose the password: the person is to choose another one now.
    PasswordMustChange,
    /// A business system wants to know anew who the person is: a password, or no.
    ProofWanted {
        /// Names the question.
        id: String,
        /// Name of the system.
        system: String,
        /// Name of the person.
        person: String,
        /// Stands on the system's page, too.
        number: u8,
        /// Seconds until it is too late.
        seconds: u32,
    },
    /// What waits in business systems, of all that say it.
    BadgesChanged {
        /// Systems that are not here say nothing.
        badges: Vec<BusinessBadge>,
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

/// Events that may wait for the shell.
const WAITING: usize = 1_024;

/// The way to the window. Clones are the same way.
#[derive(Debug, Clone)]
pub(crate) struct Events(mpsc::Sender<EngineEvent>);

impl Events {
    /// A way, and its end for the shell.
    pub(crate) fn channel() -> (Self, mpsc::Receiver<EngineEvent>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), receiver)
    }

    /// Tells the window. Whoever has much to tell makes sure of [`Events::room`] first.
    pub(crate) fn tell(&self, event: EngineEvent) {
        if let Err(error) = self.0.try_send(event) {
            tracing::error!(%error, "the window does not listen");
        }
    }

    /// Waits until so many events can be told, or half of all if more are wanted.
    pub(crate) async fn room(&self, events: usize) {
        let wanted = events.min(WAITING.div_euclid(2));
        // A window that is gone needs no room.
        let _ = self.0.reserve_many(wanted).await;
    }
}
