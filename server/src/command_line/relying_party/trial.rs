//! `relying-party test`: what is found at a system, what ends in it with a session, and what was refused lately.

use clap::Args;
use posthouse_sign_on::issuer::Issuer;
use posthouse_sign_on::moment::Moment;

use super::{all, refusals, refused, registrar};
use crate::command_line::folder::{CA_CERTIFICATE, block_on};
use crate::command_line::{CommandError, DataFolder, now, say};
use crate::findings::Report;
use crate::outbound::Outbound;
use crate::sign_on::KeyFile;
use crate::sign_on::registration::endings;
use crate::sign_on::registration::trial::Trial as Visit;

/// Refusals that are explained.
const REFUSALS: u32 = 20;

#[derive(Debug, Args)]
#[command(after_help = "Each line begins with ok, WARNING or FAILED. Exit code 1 when something has FAILED.")]
pub(crate) struct Trial {
    /// Short name
    id: String,
    #[command(flatten)]
    folder: DataFolder,
}

impl Trial {
    pub(super) fn run(&self) -> Result<(), CommandError> {
        let database = self.folder.database()?;
        let party = block_on(registrar(&self.folder)?.find(&self.id))?.map_err(refused)?;
        let outbound = Outbound::new(&self.folder.file(CA_CERTIFICATE))
            .map_err(CommandError::file("the server's authority cannot be read"))?;
        let ring =
            KeyFile::read(&self.folder.data).map_err(|error| CommandError::Refused(error.to_string()))?;
        let issuer =
            Issuer::new(&self.folder.settings()?.single_sign_on.issuer).map_err(CommandError::Refused)?;
        let now = Moment(now()?.unix_timestamp());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(CommandError::file("a runtime cannot be started"))?;
        let visit = Visit { outbound: &outbound, issuer: &issuer, ring: &ring, now };
        let mut report = Report::default();
        for (about, finding) in runtime.block_on(visit.run(&party, &all(&database)?)) {
            report.add(about, finding);
        }
        say(&report.text())?;
        say("\nWhen a session ends (sign-out, a closed account, a new password, too long away):")?;
        for line in endings::told(&party) {
            say(&format!("  {line}"))?;
        }
        say("")?;
        say(&refusals::explained(&database, &self.id, REFUSALS)?)?;
        match report.failures() {
            0 => Ok(()),
            1 => Err(CommandError::Refused("1 thing has failed".to_owned())),
            count => Err(CommandError::Refused(format!("{count} things have failed"))),
        }
    }
}
