//! `export`: the organisation as a sheet that `import` reads back.

use std::path::PathBuf;

use clap::Args;

use super::folder::write_private;
use super::user::tree;
use super::{CommandError, DataFolder, remark, say};
use crate::organization::export;

/// Arguments of `export`.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// New CSV file; standard output when it is left away
    file: Option<PathBuf>,
    #[command(flatten)]
    folder: DataFolder,
}

impl Export {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let tree = tree(&self.folder.database()?)?;
        let failed =
            |error: csv::Error| CommandError::Refused(format!("the sheet cannot be written: {error}"));
        let sheet = export::csv(&tree).map_err(failed)?;
        let Some(file) = self.file else {
            let text = String::from_utf8(sheet)
                .map_err(|error| CommandError::Refused(format!("the sheet is no text: {error}")))?;
            return say(text.trim_start_matches('\u{feff}').trim_end());
        };
        write_private(&file, &sheet)?;
        remark(&format!("{}: {} people", file.display(), tree.people().count()));
        Ok(())
    }
}
