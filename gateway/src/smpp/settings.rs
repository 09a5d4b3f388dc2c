//! How one line reaches its carrier and what it may do there.

use std::time::Duration;

use serde::Deserialize;

use crate::tls::Trust;

/// The version a line says it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Version {
    /// What nearly all carriers speak.
    #[default]
    #[serde(rename = "3.4")]
    ThreeFour,
    /// The newest.
    #[serde(rename = "5.0")]
    Five,
}

/// What a carrier means by "the default alphabet" (`data_coding` 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CarrierAlphabet {
    /// GSM 03.38, one septet in a byte.
    #[default]
    Gsm,
    /// ISO 8859-1.
    Latin1,
}

/// A line.
#[derive(Clone, PartialEq, Eq)]
pub struct LineSettings {
    /// Its name; no modem has the same.
    pub name: String,
    /// Host and port.
    pub address: String,
    /// Whom to trust; `None`: without TLS.
    pub trust: Option<Trust>,
    /// Who we are there.
    pub system_id: String,
    /// Our password there.
    pub password: String,
    /// A word that some carriers want.
    pub system_type: String,
    /// The version.
    pub version: Version,
    /// What phones see as the sender; empty: the carrier decides.
    pub sender: String,
    /// Beginnings of the numbers it is for; empty for all.
    pub prefixes: Vec<String>,
    /// Texts under way at once.
    pub window: usize,
    /// Messages in a second; `None` for no limit.
    pub per_second: Option<u32>,
    /// What `data_coding` 0 means.
    pub alphabet: CarrierAlphabet,
    /// How long a quiet line is left before it is asked for a sign of life.
    pub quiet: Duration,
    /// How long the carrier may take for an answer.
    pub patience: Duration,
}

impl std::fmt::Debug for LineSettings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("LineSettings")
            .field("name", &self.name)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl LineSettings {
    /// The host of the address, which a certificate has to name.
    pub(super) fn host(&self) -> &str {
        let host = self.address.rsplit_once(':').map_or(self.address.as_str(), |(host, _)| host);
        host.trim_start_matches('[').trim_end_matches(']')
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use super::{CarrierAlphabet, LineSettings, Version};

    /// A line as most are.
    pub(crate) fn line() -> LineSettings {
        LineSettings {
            name: "carrier".to_owned(),
            address: "smpp.example.net:2775".to_owned(),
            trust: None,
            system_id: "posthouse".to_owned(),
            password: "secret".to_owned(),
            system_type: String::new(),
            version: Version::ThreeFour,
            sender: "10690001".to_owned(),
            prefixes: Vec::new(),
            window: 10,
            per_second: None,
            alphabet: CarrierAlphabet::Gsm,
            quiet: Duration::from_secs(30),
            patience: Duration::from_secs(60),
        }
    }

    #[test]
    fn the_host_is_without_its_port() {
        assert_eq!(line().host(), "smpp.example.net");
        let six = LineSettings { address: "[::1]:2775".to_owned(), ..line() };
        assert_eq!(six.host(), "::1");
    }
}
