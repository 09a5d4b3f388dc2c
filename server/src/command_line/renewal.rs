//! `renew-certificate`: another certificate by the same CA, so that clients go on trusting the server.

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use clap::Args;

use super::folder::{CA_CERTIFICATE, CA_KEY, CERTIFICATE, KEY, write_private};
use super::{CommandError, DataFolder, certificates, now, say};

/// Arguments of `renew-certificate`.
#[derive(Debug, Args)]
pub(crate) struct RenewCertificate {
    #[command(flatten)]
    folder: DataFolder,
    /// Another name or address that clients reach this server by; may be repeated
    #[arg(long = "also", value_name = "NAME")]
    also: Vec<String>,
}

impl RenewCertificate {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let config = self.folder.settings()?;
        let (certificate, key) = (self.folder.file(CERTIFICATE), self.folder.file(KEY));
        if config.tls.certificate != certificate || config.tls.key != key {
            return Err(CommandError::Refused(format!(
                "[tls] in the settings names {}, which did not come from the CA in the data folder; renew it \
                 where it came from",
                config.tls.certificate.display()
            )));
        }
        let read = |name| {
            let path = self.folder.file(name);
            fs::read_to_string(&path)
                .map_err(CommandError::file(format!("{} cannot be read", path.display())))
        };
        // Whoever the old one was for goes on using its names, also when it is damaged or gone.
        let old = fs::read_to_string(&certificate).unwrap_or_default();
        let also: Vec<String> = self.also.iter().cloned().chain(certificates::names_of(&old)).collect();
        let names = certificates::names(&config.domain, &also)?;
        let made = certificates::renew(&read(CA_CERTIFICATE)?, &read(CA_KEY)?, &names, now()?)?;
        replace(&key, &made.key)?;
        replace(&certificate, &made.chain)?;
        let addresses = names.addresses.iter().map(IpAddr::to_string);
        let names: Vec<String> = names.names.iter().cloned().chain(addresses).collect();
        let kind = if self.folder.has_running_server() {
            let process = self.folder.running_process().unwrap_or_default();
            format!("The server loads it within an hour, or now with: kill -HUP {process}")
        } else {
            "The server loads it when it starts.".to_owned()
        };
        say(&format!("A new certificate for {}.\n{kind}", names.join(", ")))
    }
}

/// Complete or as before: a server may read the file at any time.
fn replace(path: &Path, content: &str) -> Result<(), CommandError> {
    let draft = path.with_extension("new");
    // Left behind by a renewal that was interrupted.
    let _ = fs::remove_file(&draft);
    write_private(&draft, content.as_bytes())?;
    fs::rename(&draft, path).map_err(CommandError::file(format!("{} cannot be replaced", path.display())))
}
