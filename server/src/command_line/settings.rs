//! `check-config`: reads the settings as `run` does and says what is wrong.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;

use super::folder::SETTINGS;
use super::{CommandError, DataFolder, say};
use crate::config::Config;
use crate::organization::visibility::VisibilityRules;

/// Arguments of `check-config`.
#[derive(Debug, Args)]
pub(crate) struct CheckConfig {
    #[command(flatten)]
    folder: DataFolder,
    /// Another settings file than DIR/server.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl CheckConfig {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let path = self.config.unwrap_or_else(|| self.folder.file(SETTINGS));
        let config = Config::read(&path, &self.folder.data)?;
        visibility(&config)?;
        for file in [&config.tls.certificate, &config.tls.key] {
            std::fs::File::open(file)
                .map_err(CommandError::file(format!("{} cannot be read", file.display())))?;
        }
        say(&format!("{} is in order.", path.display()))?;
        for (door, addresses) in config.listen.doors() {
            let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            let text = if list.is_empty() { "off".to_owned() } else { list.join(", ") };
            say(&format!("  {door:<11} {text}"))?;
        }
        Ok(())
    }
}

/// The visibility rules of the settings.
pub(crate) fn visibility(config: &Config) -> Result<VisibilityRules, CommandError> {
    VisibilityRules::deserialize(config.visibility.clone())
        .map_err(|error| CommandError::Refused(format!("[visibility] in the settings: {}", error.message())))
}
