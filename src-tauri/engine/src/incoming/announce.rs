//! Tells the window what storing has changed, and asks for notifications.

use std::collections::BTreeMap;
use std::time::Duration;

use super::store::Applied;
use crate::events::EngineEvent;
use crate::mailbox::{Mailbox, preview};
use crate::store::messages::{self, StoredMessage, UNREAD};

/// How long the window has for showing a message before a notification is asked for.
const GLANCE: Duration = Duration::from_millis(500);

/// Which new messages the window hears about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Announce {
    /// All.
    Everything,
    /// None: it is asking for them and gets them as an answer.
    Changes,
}

impl Mailbox {
    /// Tells the window. Waits until it has taken enough of what was told before.
    pub(crate) async fn announce(&self, applied: &Applied, what: Announce) {
        let added = applied.added.iter().filter(|_| what == Announce::Everything);
        let rows = applied.touched.len().saturating_add(applied.read_elsewhere.len()).saturating_add(1);
        let count = applied.added.len().saturating_add(applied.changed.len()).saturating_add(rows);
        self.events().room(count).await;
        for message in added {
            self.events().tell(EngineEvent::MessageAdded { message: self.model(message) });
        }
        for message in &applied.changed {
            self.events().tell(EngineEvent::MessageChanged { message: self.model(message) });
        }
        for peer in &applied.read_elsewhere {
            self.events().tell(EngineEvent::WithdrawNotifications { peer: peer.clone() });
        }
        self.tell_rows(applied.touched.iter().map(String::as_str)).await;
    }

    /// Asks for one notification for each conversation with something new: its newest message.
    pub(crate) async fn notify(&self, fresh: Vec<StoredMessage>) {
        if !self.settings().notifications || self.attention().is_busy() {
            return;
        }
        let mut newest = BTreeMap::new();
        for message in fresh {
            newest.insert(message.peer.clone(), message);
        }
        newest.retain(|peer, _: &mut StoredMessage| !self.attention().is_on(peer));
        if newest.is_empty() {
            return;
        }
        // The window may be showing the message already and say at once that it has been read.
        if self.attention().is_window_looked_at() {
            tokio::time::sleep(GLANCE).await;
        }
        for message in newest.into_values() {
            let id = message.id;
            let now = self.store().read(move |connection| messages::by_id(connection, id)).await;
            if matches!(now, Ok(Some(stored)) if stored.unread == UNREAD) {
                self.ask_for_notification(&message);
            }
        }
    }

    fn ask_for_notification(&self, message: &StoredMessage) {
        let shows_text = self.settings().notification_text;
        let text = if shows_text { preview(&message.text) } else { String::new() };
        self.events().tell(EngineEvent::Notify {
            peer: message.peer.clone(),
            name: match &message.notice {
                Some(notice) => notice.system_name.clone(),
                None => self.name_of(&message.peer),
            },
            text,
            message: message.id,
        });
    }
}
