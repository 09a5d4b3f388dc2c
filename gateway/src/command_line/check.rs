//! `check`: reads the settings and says what they mean.

use clap::Args;

use super::{CommandError, DataFolder, say};

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    folder: DataFolder,
}

impl Check {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let config = self.folder.config()?;
        match config.link() {
            Some(link) => say(&format!("Server: {} as {}", link.address, link.domain))?,
            None => say("Server: none; texts that come are only kept")?,
        }
        if config.modems.is_empty() && config.smpp.is_empty() {
            say("Modems: none; texts wait until there is one")?;
        }
        for modem in &config.modems {
            say(&format!("Modem {}: {}", modem.name, modem.port))?;
        }
        for line in &config.smpp {
            let how = if line.tls { "over TLS" } else { "without TLS" };
            let numbers = if line.prefixes.is_empty() { "all".to_owned() } else { line.prefixes.join(", ") };
            say(&format!("Line {}: {} {how}, for numbers: {numbers}", line.name, line.address))?;
        }
        for line in config.registry()?.lines() {
            say(&line)?;
        }
        say("The settings are in order.")
    }
}
