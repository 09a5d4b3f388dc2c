//! The settings of `server.toml`: read, checked, with a plain sentence for every mistake.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

mod check;
mod explain;
mod listen;
mod places;

use check::Mistake;
pub use explain::explain;
pub use listen::Listen;

/// The commented settings file with every key at its default.
pub const EXAMPLE: &str = include_str!("../server.example.toml");

/// All settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// The server's domain.
    pub domain: String,
    /// Listening addresses.
    pub listen: Listen,
    /// Certificate and key, as absolute or process-relative paths.
    pub tls: Tls,
    /// What outsiders may use.
    pub limits: Limits,
    /// How passwords are kept.
    pub passwords: Passwords,
    /// What is archived.
    pub archive: Archive,
    /// What the log looks like.
    pub log: Log,
    /// Single sign-on into business systems.
    pub single_sign_on: SingleSignOn,
    /// Who may connect as a component (XEP-0114).
    pub components: Vec<Component>,
    /// The `[visibility]` table as it stands in the file; `organization` owns its meaning.
    pub visibility: toml::Table,
}

/// Certificate and key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// PEM file with the chain, the server's certificate first.
    pub certificate: PathBuf,
    /// PEM file with the private key.
    pub key: PathBuf,
}

impl Default for Tls {
    fn default() -> Self {
        Self { certificate: "certificate.pem".into(), key: "key.pem".into() }
    }
}

/// What outsiders may use.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of one stanza before sign-in.
    pub stanza_bytes_before_login: usize,
    /// Bytes of one stanza after sign-in.
    pub stanza_bytes: usize,
    /// Connections in all.
    pub connections: usize,
    /// Connections from one address.
    pub connections_per_address: usize,
    /// New connections a second from one address; ten seconds' worth may come at once.
    pub new_connections_per_second: u32,
    /// Seconds until a connection must have signed in.
    pub login_seconds: u64,
    /// Bytes a second one session may send for long; two seconds' worth may come at once.
    pub bytes_per_second: u64,
    /// Wrong passwords before an address must wait.
    pub login_attempts: u32,
    /// Sessions of one person.
    pub sessions_per_person: usize,
    /// Stored messages of one person.
    pub offline_messages: usize,
    /// Hours a message for a phone waits for a gateway that is away.
    pub phone_wait_hours: u64,
    /// HTTP connections in all.
    pub http_connections: usize,
    /// HTTP connections from one address; a proxy on this computer is not held to it.
    pub http_connections_per_address: usize,
    /// Seconds until an HTTP connection must have sent the head of a request.
    pub http_header_seconds: u64,
    /// Bytes of the body of one HTTP request.
    pub http_body_bytes: usize,
    /// Requests a second of one application; ten seconds' worth may come at once.
    pub http_requests_per_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            stanza_bytes_before_login: 10_000,
            stanza_bytes: 262_144,
            connections: 20_000,
            connections_per_address: 10_000,
            new_connections_per_second: 200,
            login_seconds: 60,
            bytes_per_second: 4_194_304,
            login_attempts: 5,
            sessions_per_person: 20,
            offline_messages: 10_000,
            phone_wait_hours: 24,
            http_connections: 2_000,
            http_connections_per_address: 500,
            http_header_seconds: 15,
            http_body_bytes: 1_048_576,
            http_requests_per_second: 50,
        }
    }
}

/// How passwords are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Passwords {
    /// SCRAM iterations of new passwords.
    pub iterations: u32,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { iterations: 10_000 }
    }
}

/// What is archived for people who have not chosen themselves (XEP-0313 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Archive {
    /// All, nothing, or conversations with people on the roster.
    pub default: ArchiveDefault,
}

/// Which messages are archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArchiveDefault {
    /// Every message.
    #[default]
    Always,
    /// None.
    Never,
    /// Those exchanged with people on the roster.
    Roster,
}

/// What the log looks like.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// Text or JSON.
    pub format: LogFormat,
    /// Level, or a filter of `tracing-subscriber`.
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "info".to_owned() }
    }
}

/// Form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Single sign-on into business systems.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SingleSignOn {
    /// The server's address for browsers, such as `https://chat.example.org:5281`; empty: switched off.
    pub issuer: String,
    /// Hours after which a session in which nothing happens is over.
    pub idle_hours: u32,
    /// Hours after which a session is over in any case.
    pub longest_hours: u32,
    /// Minutes that sessions outlive the connection of the app.
    pub app_gone_minutes: u32,
    /// Other clients than the app get links for browsers.
    pub links: bool,
}

impl Default for SingleSignOn {
    fn default() -> Self {
        Self { issuer: String::new(), idle_hours: 8, longest_hours: 24, app_gone_minutes: 15, links: true }
    }
}

/// A component that may connect.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Its domain.
    pub domain: String,
    /// The secret shared with it.
    pub secret: String,
}

impl std::fmt::Debug for Component {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Component").field("domain", &self.domain).finish_non_exhaustive()
    }
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}. Was `posthouse-server init` run for this data folder?", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The text is not what it should be.
    #[error("{}, {problem}", path.display())]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Line and what is wrong.
        problem: String,
    },
    /// Values make no sense.
    #[error("{}", lines(path, problems))]
    Values {
        /// Which file.
        path: PathBuf,
        /// For each: line, key, what is wrong, and what to do.
        problems: Vec<String>,
    },
}

/// The file as it is written: listening lists at the top or in `[listen]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    domain: String,
    starttls: Option<Vec<SocketAddr>>,
    direct_tls: Option<Vec<SocketAddr>>,
    any: Option<Vec<SocketAddr>>,
    component: Option<Vec<SocketAddr>>,
    http: Option<Vec<SocketAddr>>,
    https: Option<Vec<SocketAddr>>,
    metrics: Option<Vec<SocketAddr>>,
    listen: listen::Lists,
    tls: Tls,
    limits: Limits,
    passwords: Passwords,
    archive: Archive,
    log: Log,
    single_sign_on: SingleSignOn,
    visibility: toml::Table,
    components: Vec<Component>,
}

impl Config {
    /// Reads the settings; relative paths in them start in `data`.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or says something that makes no sense.
    pub fn read(path: &Path, data: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&text, path, data)
    }

    /// Like [`Config::read`], from text; `path` is only named in errors.
    ///
    /// # Errors
    /// The text is not TOML or says something that makes no sense.
    pub fn parse(text: &str, path: &Path, data: &Path) -> Result<Self, ConfigError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let file: File = toml::from_str(text)
            .map_err(|error| ConfigError::Syntax { path: path.to_owned(), problem: explain(text, &error) })?;
        let wrong = |mistakes: Vec<Mistake>| ConfigError::Values {
            path: path.to_owned(),
            problems: mistakes.iter().map(|mistake| mistake.in_text(text)).collect(),
        };
        let top = listen::Lists {
            starttls: file.starttls,
            direct_tls: file.direct_tls,
            any: file.any,
            component: file.component,
            http: file.http,
            https: file.https,
            metrics: file.metrics,
        };
        let listen = Listen::of(top, file.listen).map_err(|key| {
            let problem = "stands both at the top and in [listen]; keep one of the two";
            wrong(vec![Mistake::new(key, problem)])
        })?;
        let mut config = Self {
            domain: file.domain,
            listen,
            tls: Tls { certificate: data.join(file.tls.certificate), key: data.join(file.tls.key) },
            limits: file.limits,
            passwords: file.passwords,
            archive: file.archive,
            log: file.log,
            single_sign_on: file.single_sign_on,
            components: file.components,
            visibility: file.visibility,
        };
        let mistakes = check::mistakes(&config);
        if !mistakes.is_empty() {
            return Err(wrong(mistakes));
        }
        if let Ok(domain) = domain(&config.domain) {
            config.domain = domain;
        }
        Ok(config)
    }
}

fn lines(path: &Path, problems: &[String]) -> String {
    let lines: Vec<String> =
        problems.iter().map(|problem| format!("{}, {problem}", path.display())).collect();
    lines.join("\n")
}

/// Checks and normalises a domain (RFC 7622 section 3.2).
///
/// # Errors
/// A sentence that says what is wrong.
pub fn domain(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("is missing; write for example domain = \"example.org\"".to_owned());
    }
    if text.contains(['"', '\\', '/', '@']) || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(format!("{text:?} is not a domain name"));
    }
    jid::DomainPart::new(text)
        .map(|domain| domain.as_str().to_owned())
        .map_err(|error| format!("{text:?} is not a domain name: {error}"))
}

#[cfg(test)]
mod tests;
