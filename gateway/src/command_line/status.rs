//! `status`: how the running gateway is.

use clap::Args;

use super::{CommandError, DataFolder, run, say};
use crate::status;

/// Arguments of `status`.
#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    folder: DataFolder,
}

impl Status {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let data = self.folder.data.display();
        if !run::is_running(&self.folder) {
            return Err(CommandError::Refused(format!("no gateway works with {data}")));
        }
        let snapshot = status::read(&self.folder.data)
            .map_err(CommandError::file("the gateway has not written its status yet"))?;
        snapshot.lines().iter().try_for_each(|line| say(line))
    }
}
