//! Notifications of the operating system: one per conversation, a click opens the message (U9).

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::Serialize;
use tauri::{AppHandle, Emitter, Runtime};
use tokio::sync::watch;
use tracing::debug;

use crate::window;

#[cfg(all(unix, not(target_os = "macos")))]
mod freedesktop;
#[cfg(all(unix, not(target_os = "macos")))]
use freedesktop::present;

#[cfg(any(windows, target_os = "macos"))]
mod native;
#[cfg(any(windows, target_os = "macos"))]
use native::present;

/// The page opens the conversation when it hears this.
const OPEN_CONVERSATION: &str = "open-conversation";

/// Each shown notification waits for its click; past this many the oldest waits no longer, so that a
/// service which never reports an end cannot fill the memory.
const SHOWN_AT_MOST: usize = 32;

/// What to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// Bare address of the other side.
    pub(crate) peer: String,
    /// Display name, the first line.
    pub(crate) title: String,
    /// One line of text.
    pub(crate) text: String,
    /// Message to open on a click.
    pub(crate) message: i64,
}

/// How a notification ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// The user clicked it.
    Clicked,
    /// It went away: timed out, dismissed, replaced or withdrawn.
    Gone,
}

/// What a shown notification still has to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Stay until the user or the system ends it.
    Stay,
    /// A newer notification of the same conversation takes its place.
    MakeRoom,
    /// It was read elsewhere: go away.
    Withdraw,
}

#[derive(Clone, Serialize)]
struct OpenConversation {
    peer: String,
    message: i64,
}

/// A notification on the screen.
struct Shown {
    /// Tells the waiting task what to do.
    order: watch::Sender<Order>,
    /// Number the system gave it, once known; the next of the conversation replaces it.
    number: Arc<Mutex<Option<u32>>>,
    /// Grows with every notification.
    turn: u64,
}

/// The notifications on the screen, by conversation.
#[derive(Clone, Default)]
pub(crate) struct Notifications {
    shown: Arc<Mutex<HashMap<String, Shown>>>,
}

impl Notifications {
    /// Shows a notification, in place of an earlier one of the same conversation. A system without a
    /// notification service shows nothing; the unread badge is there in any case.
    pub(crate) fn show<R: Runtime>(&self, app: &AppHandle<R>, notice: Notice) {
        let (order, orders) = watch::channel(Order::Stay);
        let number = Arc::new(Mutex::new(None));
        let replaced = self.register(&notice.peer, order, &number);
        let shown = Arc::clone(&self.shown);
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            let ending = present(&notice, replaced, Arc::clone(&number), orders).await;
            forget(&shown, &notice.peer, &number);
            if ending == Ending::Clicked {
                open(&app, notice);
            }
        });
    }

    /// Takes the notification of a conversation away.
    pub(crate) fn withdraw(&self, peer: &str) {
        if let Some(shown) = self.shown.lock().remove(peer) {
            shown.order.send_replace(Order::Withdraw);
        }
    }

    /// Takes all notifications away, when the person signs out or the program ends.
    pub(crate) fn withdraw_all(&self) {
        for (_, shown) in self.shown.lock().drain() {
            shown.order.send_replace(Order::Withdraw);
        }
    }

    /// Notes a new notification and answers with the number of the one it replaces.
    fn register(
        &self,
        peer: &str,
        order: watch::Sender<Order>,
        number: &Arc<Mutex<Option<u32>>>,
    ) -> Option<u32> {
        let mut shown = self.shown.lock();
        let turn = shown.values().map(|entry| entry.turn).max().unwrap_or(0).saturating_add(1);
        let earlier = shown.insert(peer.to_owned(), Shown { order, number: Arc::clone(number), turn });
        if shown.len() > SHOWN_AT_MOST {
            forget_the_oldest(&mut shown);
        }
        earlier.and_then(|earlier| {
            earlier.order.send_replace(Order::MakeRoom);
            *earlier.number.lock()
        })
    }
}

fn forget_the_oldest(shown: &mut HashMap<String, Shown>) {
    let oldest = shown.iter().min_by_key(|(_, entry)| entry.turn).map(|(peer, _)| peer.clone());
    if let Some(entry) = oldest.and_then(|peer| shown.remove(&peer)) {
        entry.order.send_replace(Order::MakeRoom);
    }
}

/// Forgets a notification that ended, unless a newer one of the conversation has taken its place.
fn forget(shown: &Mutex<HashMap<String, Shown>>, peer: &str, number: &Arc<Mutex<Option<u32>>>) {
    let mut shown = shown.lock();
    if shown.get(peer).is_some_and(|entry| Arc::ptr_eq(&entry.number, number)) {
        shown.remove(peer);
    }
}

fn open<R: Runtime>(app: &AppHandle<R>, notice: Notice) {
    window::show(app);
    let target = OpenConversation { peer: notice.peer, message: notice.message };
    if let Err(error) = app.emit_to(window::LABEL, OPEN_CONVERSATION, target) {
        debug!(?error, "the window did not hear of the click");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;
    use tokio::sync::watch;

    use super::{Notifications, Order, SHOWN_AT_MOST, forget};

    #[test]
    fn a_newer_notification_of_a_conversation_replaces_the_older() {
        let notifications = Notifications::default();
        let (first, first_orders) = watch::channel(Order::Stay);
        let number = Arc::new(Mutex::new(Some(7)));
        assert_eq!(notifications.register("bob", first, &number), None);

        let (second, _orders) = watch::channel(Order::Stay);
        let newer = Arc::new(Mutex::new(None));
        assert_eq!(notifications.register("bob", second, &newer), Some(7));
        assert_eq!(*first_orders.borrow(), Order::MakeRoom);

        forget(&notifications.shown, "bob", &number);
        assert!(notifications.shown.lock().contains_key("bob"), "the newer one is still on the screen");
        forget(&notifications.shown, "bob", &newer);
        assert!(notifications.shown.lock().is_empty());
    }

    #[test]
    fn what_was_read_elsewhere_is_withdrawn() {
        let notifications = Notifications::default();
        let (order, orders) = watch::channel(Order::Stay);
        notifications.register("bob", order, &Arc::default());
        notifications.withdraw("alice");
        assert_eq!(*orders.borrow(), Order::Stay);
        notifications.withdraw("bob");
        assert_eq!(*orders.borrow(), Order::Withdraw);
    }

    #[test]
    fn a_flood_of_conversations_does_not_pile_up() {
        let notifications = Notifications::default();
        let mut orders = Vec::new();
        for number in 0..=SHOWN_AT_MOST {
            let (order, receiver) = watch::channel(Order::Stay);
            notifications.register(&format!("person{number}"), order, &Arc::default());
            orders.push(receiver);
        }
        assert_eq!(notifications.shown.lock().len(), SHOWN_AT_MOST);
        assert_eq!(*orders[0].borrow(), Order::MakeRoom, "the oldest makes room");
        assert_eq!(*orders[1].borrow(), Order::Stay);
    }
}
