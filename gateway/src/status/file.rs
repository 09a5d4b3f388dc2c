//! The file in the data folder that the command line reads: written anew every few seconds while a gateway runs.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;

use super::{Reporter, Snapshot};

const NAME: &str = "status.json";
const EVERY: Duration = Duration::from_secs(5);

/// Keeps the file as new as the gateway until told to stop.
pub async fn keep(reporter: Reporter, data: PathBuf, mut stop: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = async { stop.wait_for(|stops| *stops).await.map(|_| ()) } => return,
        }
        match reporter.snapshot().await {
            Ok(snapshot) => {
                if let Err(error) = write(&data, &snapshot).await {
                    tracing::warn!(%error, "the status cannot be written");
                }
            }
            Err(error) => tracing::warn!(%error, "the status cannot be read"),
        }
    }
}

/// Whoever reads sees all of the old one or all of the new one.
async fn write(data: &Path, snapshot: &Snapshot) -> io::Result<()> {
    let fresh = data.join(format!("{NAME}.new"));
    tokio::fs::write(&fresh, serde_json::to_vec_pretty(snapshot)?).await?;
    tokio::fs::rename(&fresh, data.join(NAME)).await
}

/// What the running gateway wrote last.
///
/// # Errors
/// There is no file, or it cannot be read.
pub fn read(data: &Path) -> io::Result<Snapshot> {
    Ok(serde_json::from_slice(&std::fs::read(data.join(NAME))?)?)
}
