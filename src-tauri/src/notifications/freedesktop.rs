//! Notifications by the Desktop Notifications specification: `org.freedesktop.Notifications` on the
//! session bus.

use std::sync::Arc;

use notify_rust::{Notification, NotificationHandle, NotificationResponse};
use parking_lot::Mutex;
use tokio::sync::{OnceCell, watch};
use tracing::debug;

use super::{Ending, Notice, Order};

/// Whether the notification service reads the body as markup: asked once, the answer does not change.
static READS_MARKUP: OnceCell<bool> = OnceCell::const_new();

/// Shows the notice and waits until it ends or is told to.
pub(super) async fn present(
    notice: &Notice,
    replaced: Option<u32>,
    number: Arc<Mutex<Option<u32>>>,
    mut orders: watch::Receiver<Order>,
) -> Ending {
    let handle = match build(notice, replaced).await.show_async().await {
        Ok(handle) => handle,
        Err(error) => {
            debug!(?error, "no notification service");
            return Ending::Gone;
        }
    };
    *number.lock() = Some(handle.id());
    tokio::select! {
        ending = outcome(&handle) => ending,
        order = told(&mut orders) => {
            if order == Order::Withdraw {
                handle.close_async().await;
            }
            Ending::Gone
        }
    }
}

async fn build(notice: &Notice, replaced: Option<u32>) -> Notification {
    let mut notification = Notification::new();
    notification
        .appname("Posthouse")
        .icon("org.posthouse.desktop")
        .hint(notify_rust::Hint::DesktopEntry("org.posthouse.desktop".to_owned()))
        .hint(notify_rust::Hint::Category("im.received".to_owned()))
        .summary(&notice.title)
        .action("default", "打开 / Open");
    if reads_markup().await {
        notification.body(&escaped(&notice.text));
    } else {
        notification.body(&notice.text);
    }
    if let Some(id) = replaced {
        notification.id(id);
    }
    notification
}

async fn outcome(handle: &NotificationHandle) -> Ending {
    let mut ending = Ending::Gone;
    handle
        .wait_for_action_async(|response: &NotificationResponse| {
            if response.is_default_action() {
                ending = Ending::Clicked;
            }
        })
        .await;
    ending
}

/// Waits for an order other than to stay. An orphaned notification stays until the system ends it.
async fn told(orders: &mut watch::Receiver<Order>) -> Order {
    let order = orders.wait_for(|order| *order != Order::Stay).await.map(|order| *order).ok();
    match order {
        Some(order) => order,
        None => std::future::pending().await,
    }
}

async fn reads_markup() -> bool {
    *READS_MARKUP
        .get_or_init(|| async {
            let asked = tokio::task::spawn_blocking(notify_rust::get_capabilities).await;
            matches!(asked, Ok(Ok(names)) if names.iter().any(|name| name == "body-markup"))
        })
        .await
}

/// Text that a service which reads markup shows as it was written.
fn escaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => plain.push_str("&amp;"),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_message_cannot_bring_markup_into_a_notification() {
        assert_eq!(
            escaped("<b>粗</b> & <a href='x'>y</a>"),
            "&lt;b&gt;粗&lt;/b&gt; &amp; &lt;a href='x'&gt;y&lt;/a&gt;"
        );
    }
}
