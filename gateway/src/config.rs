//! The settings of `gateway.toml`: read and checked, with a plain sentence for every mistake.

mod modems;
mod quotas;
mod sections;
mod smpp;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::conversation::Numbering;
use crate::link::LinkSettings;
use crate::outbox::Policy;
use crate::pool::Place;
use crate::query_codes::{Mistake, QueriesConfig, QueryCode, Registry};
use crate::quotas::Rules;
use crate::smpp::LineSettings;

pub use modems::ModemConfig;
pub use quotas::{CostsConfig, PriceConfig, QuietConfig, QuotasConfig, SenderConfig, ZoneConfig};
pub use sections::{Log, LogFormat, Server, StatusConfig, Texts};
pub use smpp::LineConfig;

/// The commented settings file with every key.
pub const EXAMPLE: &str = include_str!("../gateway.example.toml");

/// The fewest days that texts are kept.
const SHORTEST: u64 = 8;

/// All settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The country of numbers written without one.
    pub country: String,
    /// Where modems that are given by their number are looked for, beside this computer's ports.
    pub modem_places: Vec<String>,
    /// The server.
    pub server: Server,
    /// How texts are treated.
    pub texts: Texts,
    /// What senders may text.
    pub quotas: QuotasConfig,
    /// When phones are left alone.
    pub quiet_hours: QuietConfig,
    /// What messages cost.
    pub costs: CostsConfig,
    /// Where it shows how it is.
    pub status: StatusConfig,
    /// What the log looks like.
    pub log: Log,
    /// The modems.
    pub modems: Vec<ModemConfig>,
    /// Lines to carriers.
    pub smpp: Vec<LineConfig>,
    /// What codes have in common.
    pub queries: QueriesConfig,
    /// Codes that people can ask with.
    pub query_codes: Vec<QueryCode>,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}. Was `posthouse-gateway init` run for this data folder?", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The text is not what it should be.
    #[error("{}: {problem}", path.display())]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Where and what.
        problem: String,
    },
    /// A value makes no sense.
    #[error("{key} {problem}")]
    Value {
        /// Which key.
        key: String,
        /// What is wrong, and what to do.
        problem: String,
    },
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// Says in plain words what is wrong.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let config = Self::parse(&text, path)?;
        config.registry()?;
        Ok(config)
    }

    /// Reads and checks a text.
    ///
    /// # Errors
    /// Says in plain words what is wrong.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let mut config: Self = toml::from_str(text)
            .map_err(|error| ConfigError::Syntax { path: path.to_owned(), problem: error.to_string() })?;
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        config.server.authority = within(folder, &config.server.authority);
        for line in &mut config.smpp {
            line.authority = within(folder, &line.authority);
        }
        config.queries.secrets = within(folder, &config.queries.secrets);
        for code in &mut config.query_codes {
            code.authority = within(folder, &code.authority);
        }
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key: &str, problem: &str| {
            Err(ConfigError::Value { key: key.to_owned(), problem: problem.to_owned() })
        };
        let country = self.country.strip_prefix('+').unwrap_or_default();
        if country.is_empty() || !country.bytes().all(|byte| byte.is_ascii_digit()) {
            return wrong("country", "has to be + and digits, such as \"+86\"");
        }
        if !self.server.address.is_empty() {
            for (key, value) in [
                ("server.domain", &self.server.domain),
                ("server.component", &self.server.component),
                ("server.secret", &self.server.secret),
            ] {
                if value.is_empty() {
                    return wrong(key, "is empty; the server needs it. It stands in the server's settings");
                }
            }
            if self.server.component != format!("sms.{}", self.server.domain) {
                return wrong("server.component", "has to be sms. and the server's domain");
            }
        }
        if (1..SHORTEST).contains(&self.texts.keep_days) {
            return wrong(
                "texts.keep_days",
                "has to be 8 or more, since networks report for a week what became of texts; 0 keeps all for ever",
            );
        }
        self.rules()?;
        smpp::check_trust("server", self.server.tls, &self.server.authority, &self.server.fingerprint)?;
        if !self.status.metrics.is_empty()
            && !self.status.metrics.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback())
        {
            return wrong(
                "status.metrics",
                "has to be an address of this computer such as \"127.0.0.1:9470\"",
            );
        }
        Registry::check(&self.queries, &self.query_codes).map_err(of_codes)?;
        self.check_modems()
    }

    /// The codes, with their secrets and authorities.
    ///
    /// # Errors
    /// Says in plain words what is wrong.
    pub fn registry(&self) -> Result<Registry, ConfigError> {
        Registry::open(&self.queries, &self.query_codes).map_err(of_codes)
    }

    /// What senders may text, when, and what it costs.
    ///
    /// # Errors
    /// Says in plain words what is wrong.
    pub fn rules(&self) -> Result<Rules, ConfigError> {
        quotas::rules(&self.quotas, &self.quiet_hours, &self.costs)
    }

    fn check_modems(&self) -> Result<(), ConfigError> {
        let wrong = |key: &str, problem: String| Err(ConfigError::Value { key: key.to_owned(), problem });
        let (mut names, mut ports) = (BTreeSet::new(), BTreeSet::new());
        for modem in &self.modems {
            if modem.name.is_empty() || !names.insert(&modem.name) {
                return wrong("modems.name", format!("\"{}\" is empty or there twice", modem.name));
            }
            if !ports.insert(&modem.port) {
                return wrong("modems.port", format!("\"{}\" is there twice", modem.port));
            }
            let imei = modem.port.strip_prefix("imei:");
            if imei.is_some_and(|imei| imei.len() != 15 || !imei.bytes().all(|byte| byte.is_ascii_digit())) {
                return wrong("modems.port", format!("\"{}\" has to be imei: and 15 digits", modem.port));
            }
            if !modem.pin.bytes().all(|byte| byte.is_ascii_digit()) || modem.pin.len() > 8 {
                return wrong("modems.pin", format!("of \"{}\" has to be at most eight digits", modem.name));
            }
        }
        for line in &self.smpp {
            if line.name.is_empty() || !names.insert(&line.name) {
                return wrong("smpp.name", format!("\"{}\" is empty or there twice", line.name));
            }
            line.check()?;
        }
        Ok(())
    }

    /// Where figures are shown.
    pub fn metrics(&self) -> Option<SocketAddr> {
        self.status.metrics.parse().ok()
    }

    /// The lines to carriers.
    pub fn lines(&self) -> Vec<LineSettings> {
        self.smpp.iter().map(LineConfig::settings).collect()
    }

    /// The link to the server, if there is one.
    pub fn link(&self) -> Option<LinkSettings> {
        (!self.server.address.is_empty()).then(|| LinkSettings {
            address: self.server.address.clone(),
            server: self.server.domain.clone(),
            domain: self.server.component.clone(),
            secret: self.server.secret.clone(),
            trust: smpp::trust(self.server.tls, &self.server.authority, &self.server.fingerprint),
            administrators: self.status.administrators.clone(),
        })
    }

    /// The modems' places in the pool.
    pub fn places(&self) -> Vec<Place> {
        self.modems.iter().map(ModemConfig::place).collect()
    }

    /// How numbers are written.
    pub fn numbering(&self) -> Numbering {
        Numbering { domain: self.server.component.clone(), country: self.country.clone() }
    }

    /// How texts are treated.
    pub fn policy(&self) -> Policy {
        Policy {
            lifetime: Duration::from_secs(self.texts.lifetime_hours.saturating_mul(3_600)),
            report_window: Duration::from_secs(self.texts.report_minutes.saturating_mul(60)),
            resends: self.texts.resend_unconfirmed,
            ..Policy::default()
        }
    }

    /// How long finished texts are kept; `None`: for ever.
    pub fn keep(&self) -> Option<Duration> {
        let days = Some(self.texts.keep_days).filter(|days| *days > 0)?;
        Some(Duration::from_secs(days.saturating_mul(86_400)))
    }

    /// How long parts wait.
    pub fn part_patience(&self) -> Duration {
        Duration::from_secs(self.texts.part_minutes.saturating_mul(60))
    }
}

fn of_codes(mistake: Mistake) -> ConfigError {
    ConfigError::Value { key: mistake.key, problem: mistake.problem }
}

/// Files are named from where the settings are.
fn within(folder: &Path, file: &Path) -> PathBuf {
    if file.as_os_str().is_empty() { PathBuf::new() } else { folder.join(file) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Config, EXAMPLE};

    fn problem(text: &str) -> String {
        Config::parse(text, Path::new("gateway.toml")).expect_err("a mistake").to_string()
    }

    #[test]
    fn the_example_can_be_used_as_it_is() {
        let config = Config::parse(EXAMPLE, Path::new("gateway.toml")).expect("the example is right");
        assert!(config.modems.is_empty() && config.link().is_none());
    }

    #[test]
    fn the_example_with_all_comments_taken_off_names_every_key() {
        let text: String = EXAMPLE
            .lines()
            .map(|line| line.strip_prefix("#= ").unwrap_or(line))
            .flat_map(|line| [line, "\n"])
            .collect();
        let config = Config::parse(&text, Path::new("gateway.toml")).expect("the examples in it are right");
        assert_eq!((config.modems.len(), config.smpp.len(), config.query_codes.len()), (2, 1, 1));
    }

    #[test]
    fn mistakes_are_told_in_plain_words() {
        let modem = "country = \"+86\"\n[[modems]]\nname = \"one\"\nport = \"COM1\"\n";
        assert!(problem("country = \"86\"").contains("country has to be"));
        assert!(
            problem(&format!("{modem}{}", modem.replace("country = \"+86\"\n", ""))).contains("there twice")
        );
        assert!(problem(&format!("{modem}pin = \"12a4\"")).contains("modems.pin"));
        assert!(problem(&modem.replace("COM1", "imei:123")).contains("15 digits"));
        assert!(problem("country = \"+86\"\n[texts]\nkeep_days = 7").contains("texts.keep_days has to be 8"));
        assert!(problem("country = \"+86\"\nmodem = 1").contains("unknown field"));
        let line = "country = \"+86\"\n[[smpp]]\nname = \"c\"\naddress = \"h:2775\"\nsystem_id = \"x\"\n";
        assert!(problem(&format!("{line}password = \"longer than eight\"")).contains("smpp.password"));
        assert!(problem(&format!("{line}password = \"x\"\nfingerprint = \"ab\"")).contains("smpp.tls"));
        assert!(
            problem(&format!("{line}password = \"x\"\ntls = true\nfingerprint = \"ab\""))
                .contains("smpp.fingerprint")
        );
    }
}
