//! The parts of `gateway.toml` that are there once: the server, the status, texts, and the log.

use std::path::PathBuf;

use serde::Deserialize;

/// The server, and who we are there.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Its door for components; empty: none, texts are only kept.
    pub address: String,
    /// Its domain.
    pub domain: String,
    /// Our domain.
    pub component: String,
    /// The secret shared with it.
    pub secret: String,
    /// Over TLS.
    pub tls: bool,
    /// A file with the certificate of the server's authority.
    pub authority: PathBuf,
    /// SHA-256 of the server's certificate or its authority's.
    pub fingerprint: String,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Where the gateway shows how it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatusConfig {
    /// Host and port of the figures for Prometheus; empty: none.
    pub metrics: String,
    /// People who may ask for the status over XMPP.
    pub administrators: Vec<String>,
}

/// How texts are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Texts {
    /// How long a text is tried.
    pub lifetime_hours: u64,
    /// How long a report is waited for before a text without result counts as lost.
    pub report_minutes: u64,
    /// Lost texts are sent once more.
    pub resend_unconfirmed: bool,
    /// How long parts of a text that comes wait for the others.
    pub part_minutes: u64,
    /// How long finished texts are kept; 0: for ever.
    pub keep_days: u64,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            lifetime_hours: 24,
            report_minutes: 10,
            resend_unconfirmed: true,
            part_minutes: 10,
            keep_days: 90,
        }
    }
}

/// What the log looks like.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `text` or `json`.
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
