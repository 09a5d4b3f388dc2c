//! Asks a business system: makes the request, looks where it goes, and reads the answer.

mod exchange;
mod guard;

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use serde_json::Value;
use url::Url;

use super::Asker;
use super::fill::{self, NotKnown};
use super::secrets::Header;

pub(super) use guard::{Blocked, Guard, Network};

/// How a system is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET.
    #[default]
    Get,
    /// POST with JSON.
    Post,
}

/// Everything about one code's way to its system.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) body: Option<Value>,
    pub(super) headers: Vec<Header>,
    pub(super) guard: Guard,
    /// `None`: plain HTTP only.
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) patience: Duration,
    /// Most bytes of an answer.
    pub(super) longest: usize,
}

/// A request, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: Vec<Header>,
    pub(super) body: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    /// The directory does not have what the request needs.
    #[error("{0}")]
    NotKnown(#[from] NotKnown),
    /// It may not go there.
    #[error("the request was not sent: {0}")]
    Blocked(#[from] Blocked),
    /// It took too long.
    #[error("no answer within {} seconds", .0.as_secs_f32())]
    Silent(Duration),
    /// No connection, or it broke.
    #[error("the system cannot be reached: {0}")]
    Unreachable(String),
    /// Not 200.
    #[error("the system answered with the status {0}{hint}", hint = hint(*.0))]
    Refused(u16),
    /// More bytes than it may have.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    /// The answer is no JSON.
    #[error("the answer is no JSON: {0}")]
    NotJson(String),
}

fn hint(status: u16) -> &'static str {
    if (300..400).contains(&status) { "; redirects are not followed" } else { "" }
}

impl Connector {
    /// The request of this person.
    pub(super) fn request(&self, asker: &Asker, code: &str) -> Result<Request, AskError> {
        let url = fill::address(&self.url, asker, code)?;
        let url = self.guard.judge_address(&url)?;
        let body = self.body.as_ref().map(|body| fill::json(body, asker, code)).transpose()?;
        Ok(Request {
            method: self.method,
            url,
            headers: self.headers.clone(),
            body: body.map(|body| body.to_string()),
        })
    }

    /// Sends it and reads the answer.
    pub(super) async fn send(&self, request: &Request) -> Result<Vec<u8>, AskError> {
        let sending = exchange::exchange(self, request);
        tokio::time::timeout(self.patience, sending).await.map_err(|_| AskError::Silent(self.patience))?
    }

    /// A text without secrets.
    pub(super) fn mask(&self, text: &str) -> String {
        self.headers.iter().fold(text.to_owned(), |text, header| header.mask(&text))
    }
}

/// The JSON of an answer.
pub(super) fn json(bytes: &[u8]) -> Result<Value, AskError> {
    serde_json::from_slice(bytes).map_err(|error| AskError::NotJson(error.to_string()))
}

#[cfg(test)]
mod tests;
