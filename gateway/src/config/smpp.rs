//! `[[smpp]]`: lines to carriers.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;
use crate::smpp::{CarrierAlphabet, LineSettings, Version};
use crate::tls::{Trust, fingerprint_of};

/// A line to a carrier.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineConfig {
    /// Its name.
    pub name: String,
    /// Host and port.
    pub address: String,
    /// Over TLS.
    #[serde(default)]
    pub tls: bool,
    /// A file with the certificate of the carrier's authority.
    #[serde(default)]
    pub authority: PathBuf,
    /// SHA-256 of the carrier's certificate or its authority's.
    #[serde(default)]
    pub fingerprint: String,
    /// Who we are there.
    pub system_id: String,
    /// Our password there.
    pub password: String,
    /// A word that some carriers want.
    #[serde(default)]
    pub system_type: String,
    /// "3.4" or "5.0".
    #[serde(default)]
    pub version: Version,
    /// What phones see as the sender.
    #[serde(default)]
    pub sender: String,
    /// Beginnings of the numbers it is for.
    #[serde(default)]
    pub prefixes: Vec<String>,
    /// Texts under way at once.
    #[serde(default = "usual_window")]
    pub window: usize,
    /// Messages in a second.
    #[serde(default)]
    pub per_second: Option<u32>,
    /// What the carrier's default alphabet is.
    #[serde(default)]
    pub alphabet: CarrierAlphabet,
    /// How long a quiet line is left before it is asked for a sign of life.
    #[serde(default = "usual_quiet")]
    pub quiet_seconds: u64,
    /// How long the carrier may take for an answer.
    #[serde(default = "usual_patience")]
    pub answer_seconds: u64,
}

impl std::fmt::Debug for LineConfig {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("LineConfig")
            .field("name", &self.name)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

fn usual_window() -> usize {
    10
}

fn usual_quiet() -> u64 {
    30
}

fn usual_patience() -> u64 {
    60
}

impl LineConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key: &str, problem: &str| {
            Err(ConfigError::Value {
                key: format!("smpp.{key}"),
                problem: format!("of \"{}\" {problem}", self.name),
            })
        };
        let is_port = |port: &str| port.parse::<u16>().is_ok();
        if !self.address.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && is_port(port)) {
            return wrong("address", "has to be host:port");
        }
        for (key, value, most) in [
            ("system_id", &self.system_id, 15),
            ("password", &self.password, 8),
            ("system_type", &self.system_type, 12),
            ("sender", &self.sender, 20),
        ] {
            if value.len() > most || !value.is_ascii() {
                return wrong(key, &format!("has to be at most {most} plain letters: SMPP has no more room"));
            }
        }
        if self.window == 0 || self.per_second == Some(0) {
            return wrong("window", "and per_second have to be at least 1");
        }
        if self.quiet_seconds == 0 || self.answer_seconds == 0 {
            return wrong("quiet_seconds", "and answer_seconds have to be at least 1");
        }
        check_trust("smpp", self.tls, &self.authority, &self.fingerprint)
    }

    /// As the line's task wants it.
    pub fn settings(&self) -> LineSettings {
        LineSettings {
            name: self.name.clone(),
            address: self.address.clone(),
            trust: trust(self.tls, &self.authority, &self.fingerprint),
            system_id: self.system_id.clone(),
            password: self.password.clone(),
            system_type: self.system_type.clone(),
            version: self.version,
            sender: self.sender.clone(),
            prefixes: self.prefixes.clone(),
            window: self.window,
            per_second: self.per_second,
            alphabet: self.alphabet,
            quiet: Duration::from_secs(self.quiet_seconds),
            patience: Duration::from_secs(self.answer_seconds),
        }
    }
}

/// What TLS needs must fit together.
pub(super) fn check_trust(
    block: &str,
    is_on: bool,
    authority: &std::path::Path,
    fingerprint: &str,
) -> Result<(), ConfigError> {
    let is_named = !authority.as_os_str().is_empty() || !fingerprint.is_empty();
    if is_named && !is_on {
        let problem = "is false: authority and fingerprint are for TLS".to_owned();
        return Err(ConfigError::Value { key: format!("{block}.tls"), problem });
    }
    if !fingerprint.is_empty() && fingerprint_of(fingerprint).is_none() {
        let problem = "has to be 64 hexadecimal digits (SHA-256)".to_owned();
        return Err(ConfigError::Value { key: format!("{block}.fingerprint"), problem });
    }
    Ok(())
}

/// Whom to trust; `None` without TLS.
pub(super) fn trust(is_on: bool, authority: &std::path::Path, fingerprint: &str) -> Option<Trust> {
    is_on.then(|| Trust {
        authority: Some(authority.to_owned()).filter(|file| !file.as_os_str().is_empty()),
        fingerprint: fingerprint_of(fingerprint),
    })
}
