//! What the command line says: which data to use, whom to sign in, and where.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use posthouse_engine::model::SignIn;

/// The desktop messenger of one organisation.
#[derive(Debug, Clone, Parser)]
#[command(name = "posthouse", version)]
pub(crate) struct Launch {
    /// Folder for everything this window stores; the default is the user's data folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_folder: Option<PathBuf>,

    /// Own data and own identity, so that two people can be signed in on one computer.
    #[arg(long, value_name = "NAME", value_parser = profile_name)]
    pub(crate) profile: Option<String>,

    /// Server address to put into the sign-in form.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) server: Option<String>,

    /// ID to put into the sign-in form.
    #[arg(long, value_name = "ID")]
    pub(crate) login: Option<String>,

    /// File with the password on its first line: signs in without asking. Needs --server and --login.
    #[arg(long, value_name = "FILE", requires_all = ["server", "login"])]
    pub(crate) password_file: Option<PathBuf>,

    /// SHA-256 fingerprint, hexadecimal, of the certificate authority to trust with --password-file.
    #[arg(long, value_name = "HEX", requires = "password_file", value_parser = fingerprint)]
    pub(crate) accept_fingerprint: Option<String>,

    /// A business system's page that was not looked at for so long gives its memory back; it opens again where it was.
    #[arg(long, value_name = "SECONDS", default_value_t = 1_800)]
    pub(crate) tabs_sleep_after: u64,

    /// Memory that the pages of business systems may take together before the longest unused sleep earlier.
    #[arg(long, value_name = "MEBIBYTES", default_value_t = 1_024)]
    pub(crate) tabs_memory: u64,

    /// Once for each time this start has begun anew by itself.
    #[arg(long, hide = true, action = clap::ArgAction::Count)]
    pub(crate) started_anew: u8,
}

impl Launch {
    /// After which time, and from how many bytes on, pages of business systems sleep.
    pub(crate) const fn rest_of_tabs(&self) -> (Duration, u64) {
        (Duration::from_secs(self.tabs_sleep_after), self.tabs_memory.saturating_mul(1_024 * 1_024))
    }

    /// The name under which this window is the only one of its kind on the computer.
    pub(crate) fn identifier(&self, base: &str) -> String {
        match &self.profile {
            Some(profile) => format!("{base}.profile-{profile}"),
            None => base.to_owned(),
        }
    }

    /// What to sign in with straight away, when the command line says so.
    ///
    /// # Errors
    /// The password file cannot be read or is empty.
    pub(crate) fn automatic_sign_in(&self) -> anyhow::Result<Option<SignIn>> {
        let (Some(file), Some(server), Some(login)) = (&self.password_file, &self.server, &self.login) else {
            return Ok(None);
        };
        Ok(Some(SignIn {
            server: server.clone(),
            login: login.clone(),
            password: first_line(file)?,
            remember: false,
            accept_fingerprint: self.accept_fingerprint.clone(),
        }))
    }
}

fn first_line(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("the password file {} cannot be read", file.display()))?;
    let line = text.lines().next().unwrap_or_default();
    anyhow::ensure!(!line.is_empty(), "the password file {} is empty", file.display());
    Ok(line.to_owned())
}

/// Becomes a part of a bus name and of a folder name, hence the narrow alphabet.
fn profile_name(text: &str) -> Result<String, String> {
    let fits = (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if fits {
        Ok(text.to_owned())
    } else {
        Err("a profile is 1 to 32 characters of a-z, 0-9 and -".to_owned())
    }
}

fn fingerprint(text: &str) -> Result<String, String> {
    let plain: String = text.chars().filter(|c| *c != ':').map(|c| c.to_ascii_lowercase()).collect();
    if plain.len() == 64 && plain.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(plain)
    } else {
        Err("a fingerprint is 64 hexadecimal digits".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Launch;

    #[test]
    fn the_command_line_is_consistent() {
        Launch::command().debug_assert();
    }

    #[test]
    fn a_profile_is_an_identity_of_its_own() {
        let plain = Launch::try_parse_from(["posthouse"]).unwrap();
        let bob = Launch::try_parse_from(["posthouse", "--profile", "bob"]).unwrap();
        assert_eq!(plain.identifier("org.example.app"), "org.example.app");
        assert_eq!(bob.identifier("org.example.app"), "org.example.app.profile-bob");
    }

    #[test]
    fn a_profile_never_leaves_its_folder() {
        for name in ["../etc", "a/b", "", "A b", "x.y"] {
            assert!(Launch::try_parse_from(["posthouse", "--profile", name]).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_password_without_a_server_and_an_id_is_refused() {
        assert!(Launch::try_parse_from(["posthouse", "--password-file", "p"]).is_err());
    }

    #[test]
    fn the_first_line_of_the_password_file_is_the_password() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        std::fs::write(&file, "密码 with space\nignored\n").unwrap();
        let launch = Launch::try_parse_from([
            "posthouse".as_ref(),
            "--server".as_ref(),
            "127.0.0.1:10000".as_ref(),
            "--login".as_ref(),
            "zhang.san".as_ref(),
            "--password-file".as_ref(),
            file.as_os_str(),
            "--accept-fingerprint".as_ref(),
            std::ffi::OsStr::new(&"AB".repeat(32)),
        ])
        .unwrap();
        let sign_in = launch.automatic_sign_in().unwrap().unwrap();
        assert_eq!(sign_in.password, "密码 with space");
        assert_eq!(sign_in.accept_fingerprint.as_deref(), Some("ab".repeat(32).as_str()));
        assert!(!sign_in.remember);
    }
}
