//! An unlocked keyring on a scene's desktop.

use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::daemon::Daemon;

/// Starts the keyring, unlocked, and waits until it answers on the bus.
///
/// # Errors
/// It is not installed or does not start.
pub(super) async fn start(environment: &[(String, String)]) -> anyhow::Result<Daemon> {
    let mut command = Command::new("gnome-keyring-daemon");
    command
        .args(["--foreground", "--unlock", "--components=secrets"])
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let (daemon, mut input) = Daemon::start_with_input(&mut command)?;
    // The daemon takes everything up to the end of its input as the keyring's password.
    input.write_all(b"test").await?;
    drop(input);
    let address = environment
        .iter()
        .find(|(name, _)| name == "DBUS_SESSION_BUS_ADDRESS")
        .map(|(_, value)| value.as_str())
        .context("a desktop without a bus")?;
    tokio::time::timeout(
        Duration::from_secs(20),
        super::session_bus::owned(address, "org.freedesktop.secrets"),
    )
    .await
    .context("the keyring does not answer")??;
    Ok(daemon)
}
