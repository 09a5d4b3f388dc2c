//! `run`: starts the gateway and ends with SIGTERM or Ctrl-C.

use std::fs::File;
use std::io::IsTerminal;

use clap::Args;
use tracing_subscriber::EnvFilter;

use super::{CommandError, DataFolder, block_on};
use crate::config::{Config, LogFormat};
use crate::gateway::Gateway;

/// Held by the gateway that works with a data folder.
const LOCK: &str = "gateway.lock";

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    folder: DataFolder,
}

/// Whether a gateway works with this folder now.
pub(super) fn is_running(folder: &DataFolder) -> bool {
    File::open(folder.file(LOCK)).is_ok_and(|file| file.try_lock().is_err())
}

impl Run {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let config = self.folder.config()?;
        begin_log(&config)?;
        let _lock = self.lock()?;
        block_on(self.serve(&config))
    }

    /// Two gateways on one folder would send everything twice.
    fn lock(&self) -> Result<File, CommandError> {
        let path = self.folder.file(LOCK);
        let shown = path.display().to_string();
        let file = File::create(&path).map_err(CommandError::file(shown))?;
        file.try_lock().map_err(|_| {
            let folder = self.folder.data.display();
            CommandError::Refused(format!("another gateway works with {folder}; stop it first"))
        })?;
        Ok(file)
    }

    async fn serve(&self, config: &Config) -> Result<(), CommandError> {
        let gateway = Gateway::start(config, &self.folder.data).await?;
        tracing::info!(modems = config.modems.len(), "the gateway works");
        stop_signal().await.map_err(CommandError::file("signals cannot be waited for"))?;
        tracing::info!("stops");
        gateway.stop().await;
        tracing::info!("stopped");
        Ok(())
    }
}

fn begin_log(config: &Config) -> Result<(), CommandError> {
    let refused = |problem: String| CommandError::Refused(format!("log.level: {problem}"));
    let filter = EnvFilter::try_new(&config.log.level).map_err(|error| refused(error.to_string()))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let begun = match config.log.format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    begun.map_err(|error| CommandError::Refused(format!("the log cannot be written: {error}")))
}

#[cfg(unix)]
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn stop_signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
