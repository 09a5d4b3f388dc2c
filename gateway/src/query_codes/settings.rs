//! `[queries]` and `[[query_codes]]` as they stand in the settings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::connector::Method;
use super::wording::Language;

/// What all codes have in common.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueriesConfig {
    /// The language of what the gateway itself says.
    pub language: Language,
    /// Questions of one phone or person in a minute.
    pub per_minute: usize,
    /// A file with secrets, which only its owner can read; empty: none.
    pub secrets: PathBuf,
}

impl Default for QueriesConfig {
    fn default() -> Self {
        Self { language: Language::default(), per_minute: 10, secrets: PathBuf::new() }
    }
}

/// One code.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryCode {
    /// What is written.
    pub code: String,
    /// Other words for it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// A few words in the list of codes.
    #[serde(default)]
    pub help: String,
    /// GET or POST.
    #[serde(default)]
    pub method: Method,
    /// What is asked; names in braces are filled in.
    pub url: String,
    /// JSON of a POST; names in braces inside its strings are filled in.
    #[serde(default)]
    pub body: String,
    /// Headers, with secrets from a file or the environment.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Hosts that may be asked; empty: the one of the address.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Networks that the hosts lie in; empty: every usual one.
    #[serde(default)]
    pub networks: Vec<String>,
    /// Plain HTTP may leave this computer.
    #[serde(default)]
    pub plain_http: bool,
    /// A file with the certificate of the system's authority; empty: those of the operating system.
    #[serde(default)]
    pub authority: PathBuf,
    /// How long the system may take.
    #[serde(default = "usual_seconds")]
    pub seconds: u64,
    /// Most bytes of its answer.
    #[serde(default = "usual_bytes")]
    pub bytes: usize,
    /// What the asker reads.
    pub reply: String,
    /// What the asker reads when it fails.
    #[serde(default)]
    pub failures: FailureTexts,
    /// For these departments and what lies below; with `people` empty as well: for everybody.
    #[serde(default)]
    pub departments: Vec<String>,
    /// For these people.
    #[serde(default)]
    pub people: Vec<String>,
}

/// Own words for failures; what is left out is said in the gateway's words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FailureTexts {
    /// No answer in time.
    pub silent: Option<String>,
    /// No connection.
    pub unreachable: Option<String>,
    /// A status that is not 200.
    pub refused: Option<String>,
    /// No JSON, or too much of it.
    pub not_json: Option<String>,
    /// The answer does not have what the reply needs.
    pub missing_field: Option<String>,
    /// The request may not go where it would.
    pub blocked: Option<String>,
    /// The directory does not have what the request needs.
    pub not_known: Option<String>,
}

fn usual_seconds() -> u64 {
    5
}

fn usual_bytes() -> usize {
    65_536
}

// Headers may hold secrets.
impl std::fmt::Debug for QueryCode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("QueryCode")
            .field("code", &self.code)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}
