//! Whether the desktop has a place for tray icons: somebody owns `org.kde.StatusNotifierWatcher` on the
//! session bus (StatusNotifierItem specification). GNOME has none without an extension.

use futures_util::StreamExt;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Whether the watcher is there right now.
///
/// # Errors
/// There is no session bus.
pub(super) async fn is_there() -> zbus::Result<bool> {
    let connection = zbus::Connection::session().await?;
    let bus = DBusProxy::new(&connection).await?;
    Ok(bus.name_has_owner(BusName::try_from(WATCHER)?).await?)
}

/// Returns once the watcher is there; panels often start after the programs of a session.
///
/// # Errors
/// There is no session bus, or it went away.
pub(super) async fn wait_until_there() -> zbus::Result<()> {
    let connection = zbus::Connection::session().await?;
    let bus = DBusProxy::new(&connection).await?;
    // Listening starts before the question, so that no arrival falls between the two.
    let mut changes = bus.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
    if bus.name_has_owner(BusName::try_from(WATCHER)?).await? {
        return Ok(());
    }
    while let Some(change) = changes.next().await {
        if change.args()?.new_owner().is_some() {
            return Ok(());
        }
    }
    Err(zbus::Error::InputOutput(std::sync::Arc::new(std::io::ErrorKind::ConnectionAborted.into())))
}
