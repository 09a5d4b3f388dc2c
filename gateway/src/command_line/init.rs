//! `init`: makes a data folder that `run` can start from.

use clap::Args;

use super::{CommandError, DataFolder, SETTINGS, say};
use crate::config::EXAMPLE;

/// Arguments of `init`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    #[command(flatten)]
    folder: DataFolder,
}

impl Init {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let settings = self.folder.file(SETTINGS);
        let shown = settings.display().to_string();
        if settings.exists() {
            return Err(CommandError::Refused(format!("{shown} is there already; nothing was changed")));
        }
        std::fs::create_dir_all(&self.folder.data)
            .map_err(CommandError::file(self.folder.data.display().to_string()))?;
        std::fs::write(&settings, EXAMPLE).map_err(CommandError::file(shown.clone()))?;
        private(&settings).map_err(CommandError::file(shown.clone()))?;
        say(&format!(
            "{shown} is made.\nNext: plug the modems in, look at `posthouse-gateway modems`, write them into \
             the settings,\nthen `posthouse-gateway doctor --data {folder}` and `posthouse-gateway run --data {folder}`.",
            folder = self.folder.data.display()
        ))
    }
}

/// The settings hold PINs and the secret.
#[cfg(unix)]
fn private(file: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))
}

/// The settings hold PINs and the secret; elsewhere the folder's own rights have to do.
#[cfg(not(unix))]
fn private(_: &std::path::Path) -> std::io::Result<()> {
    Ok(())
}
