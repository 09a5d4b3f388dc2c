//! `init`: makes a data folder that `run` can start from.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use clap::Args;

use super::folder::{
    CA_CERTIFICATE, CA_KEY, CERTIFICATE, DATABASE, KEY, SETTINGS, actor, block_on, make_private_folder,
    write_private,
};
use super::{CommandError, DataFolder, certificates, now, say};
use crate::accounts::password::{PasswordKeys, one_time_password};
use crate::clock::Clock;
use crate::config::{self, EXAMPLE, Passwords};
use crate::organization::editor::{Editor, NewPassword};
use crate::storage::Database;

/// Login of the first administrator.
const ADMINISTRATOR: &str = "admin";

/// Arguments of `init`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    #[command(flatten)]
    folder: DataFolder,
    /// Domain of all addresses, such as example.org
    #[arg(long)]
    domain: String,
    /// Another name or address that clients reach this server by; may be repeated
    #[arg(long = "also", value_name = "NAME")]
    also: Vec<String>,
}

impl Init {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let domain = config::domain(&self.domain)
            .map_err(|problem| CommandError::Refused(format!("the domain {problem}")))?;
        for name in [SETTINGS, DATABASE, CERTIFICATE, KEY, CA_CERTIFICATE, CA_KEY] {
            if self.folder.file(name).exists() {
                let path = self.folder.data.display();
                return Err(CommandError::Refused(format!(
                    "{path} has a {name} already; choose another folder, or start the server with `run`"
                )));
            }
        }
        make_private_folder(&self.folder.data)?;
        let names = self.write_certificates(&domain)?;
        let password = self.make_database()?;
        // Last, so that an interrupted `init` leaves no folder that looks finished.
        let settings = EXAMPLE.replace("domain = \"example.org\"", &format!("domain = \"{domain}\""));
        write_private(&self.folder.file(SETTINGS), settings.as_bytes())?;
        say(&report(&self.folder.data, &domain, &names, &password))
    }

    /// Answers the names in the certificate.
    fn write_certificates(&self, domain: &str) -> Result<Vec<String>, CommandError> {
        let names = certificates::names(domain, &self.also)?;
        let made = certificates::make(domain, &names, now()?)?;
        for (name, content) in [
            (CA_CERTIFICATE, &made.ca_certificate),
            (CA_KEY, &made.ca_key),
            (CERTIFICATE, &made.server.chain),
            (KEY, &made.server.key),
        ] {
            write_private(&self.folder.file(name), content.as_bytes())?;
        }
        let addresses = names.addresses.iter().map(IpAddr::to_string);
        Ok(names.names.iter().cloned().chain(addresses).collect())
    }

    fn make_database(&self) -> Result<String, CommandError> {
        let file = self.folder.file(DATABASE);
        // SQLite gives its side files the permissions of the file itself.
        write_private(&file, b"")?;
        let editor = Editor::new(Database::open(&file)?, Arc::new(Clock::System), actor());
        let password = one_time_password()?;
        let keys = PasswordKeys::derive(&password, Passwords::default().iterations)?;
        let password_keys = NewPassword { keys: keys.rows(), must_change: true };
        block_on(editor.add_account(ADMINISTRATOR, "administrator", password_keys))??;
        Ok(password)
    }
}

fn report(folder: &Path, domain: &str, names: &[String], password: &str) -> String {
    let folder = folder.display();
    format!(
        "The data folder {folder} is ready for {domain}.\n\
         \n\
         Administrator:     {ADMINISTRATOR}\n\
         One-time password: {password}\n\
         Note it now: it is stored nowhere and must be changed at the first sign-in.\n\
         \n\
         Certificate for:   {}\n\
         CA for clients:    {folder}/{CA_CERTIFICATE}\n\
         Settings:          {folder}/{SETTINGS}\n\
         \n\
         Next: posthouse-server run --data {folder}",
        names.join(", ")
    )
}
