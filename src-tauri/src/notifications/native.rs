//! Notifications of Windows and macOS. These systems end a notification themselves; it cannot be withdrawn
//! from here.

use std::sync::Arc;

use notify_rust::{Notification, NotificationResponse};
use parking_lot::Mutex;
use tokio::sync::{oneshot, watch};
use tracing::debug;

use super::{Ending, Notice, Order};

/// Shows the notice and waits until it ends or is told to.
pub(super) async fn present(
    notice: &Notice,
    _replaced: Option<u32>,
    _number: Arc<Mutex<Option<u32>>>,
    mut orders: watch::Receiver<Order>,
) -> Ending {
    let mut notification = Notification::new();
    notification.appname("Posthouse").summary(&notice.title).body(&notice.text);
    let (ended, ending) = oneshot::channel();
    // The wait for a click blocks for as long as the notification is on the screen.
    tokio::task::spawn_blocking(move || {
        // Nobody waits any more when the conversation was read elsewhere.
        let _ = ended.send(wait(&notification));
    });
    tokio::select! {
        ending = ending => ending.unwrap_or(Ending::Gone),
        _ = orders.wait_for(|order| *order != Order::Stay) => Ending::Gone,
    }
}

fn wait(notification: &Notification) -> Ending {
    let mut ending = Ending::Gone;
    let outcome = notification.show().and_then(|handle| {
        handle.wait_for_response(|response: &NotificationResponse| {
            if response.is_default_action() {
                ending = Ending::Clicked;
            }
        })
    });
    if let Err(error) = outcome {
        debug!(?error, "the notification was not shown");
    }
    ending
}
