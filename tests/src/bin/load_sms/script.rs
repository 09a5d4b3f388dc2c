//! A handler's script: what a peer calls for each text that comes in.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// Writes a line for each call.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) program: PathBuf,
    calls: PathBuf,
}

impl Script {
    pub(crate) fn write(folder: &Path, condition: &str) -> anyhow::Result<Self> {
        let (program, calls) = (folder.join("handler"), folder.join("calls"));
        std::fs::write(&calls, "")?;
        std::fs::write(&program, format!("#!/bin/sh\n{condition}echo x >> {}\n", calls.display()))?;
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
        Ok(Self { program, calls })
    }

    /// Waits until it was called so often; looks every few milliseconds.
    pub(crate) async fn until_called(&self, times: usize) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while std::fs::read_to_string(&self.calls)?.lines().count() < times {
            anyhow::ensure!(Instant::now() < deadline, "the handler was not called");
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        Ok(())
    }
}
