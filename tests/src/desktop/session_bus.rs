//! A session bus of its own that starts no service by itself: what a scene did not start is not there.

use std::path::Path;

use anyhow::Context;
use futures_util::StreamExt;
use tokio::process::Command;

use crate::daemon::Daemon;

/// Starts the bus; answers with its address.
///
/// # Errors
/// The bus is not installed or does not start.
pub(super) async fn start(folder: &Path) -> anyhow::Result<(Daemon, String)> {
    let configuration = folder.join("bus.conf");
    let text = format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN\" \
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n\
         <busconfig>\n  <type>session</type>\n  <listen>unix:path={}</listen>\n  <auth>EXTERNAL</auth>\n  \
         <policy context=\"default\">\n    <allow send_destination=\"*\" eavesdrop=\"true\"/>\n    \
         <allow eavesdrop=\"true\"/>\n    <allow own=\"*\"/>\n  </policy>\n</busconfig>\n",
        folder.join("bus").display()
    );
    std::fs::write(&configuration, text).context("the bus configuration")?;
    let mut command = Command::new("dbus-daemon");
    command.arg("--config-file").arg(&configuration).args(["--nofork", "--print-address=1"]);
    let (daemon, address) = Daemon::start_and_listen(&mut command).await?;
    Ok((daemon, address.trim().to_owned()))
}

/// Waits until somebody owns a name on the bus.
///
/// # Errors
/// There is no such bus, or it went away.
pub(super) async fn owned(address: &str, name: &str) -> anyhow::Result<()> {
    let connection = zbus::connection::Builder::address(address)?.build().await?;
    let bus = zbus::fdo::DBusProxy::new(&connection).await?;
    let mut changes = bus.receive_name_owner_changed_with_args(&[(0, name)]).await?;
    if bus.name_has_owner(zbus::names::BusName::try_from(name)?).await? {
        return Ok(());
    }
    while let Some(change) = changes.next().await {
        if change.args()?.new_owner().is_some() {
            return Ok(());
        }
    }
    anyhow::bail!("the bus went away")
}

/// Waits until a program on the bus calls a method of another one.
///
/// # Errors
/// There is no such bus, or it went away.
pub(super) async fn called(address: &str, method: &str) -> anyhow::Result<()> {
    let connection = zbus::connection::Builder::address(address)?.build().await?;
    let calls = zbus::MatchRule::builder().msg_type(zbus::message::Type::MethodCall).member(method)?.build();
    let mut seen = zbus::MessageStream::from(&connection);
    zbus::fdo::MonitoringProxy::new(&connection).await?.become_monitor(&[calls], 0).await?;
    while let Some(message) = seen.next().await {
        if message?.header().member().is_some_and(|member| member == method) {
            return Ok(());
        }
    }
    anyhow::bail!("the bus went away")
}
