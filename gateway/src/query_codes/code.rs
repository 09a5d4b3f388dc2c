//! One code, made from its settings, with a plain sentence for every mistake in them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::connector::{Connector, Guard, Method, Network};
use super::fill;
use super::rights::Rights;
use super::secrets::{Header, Secrets};
use super::settings::{FailureTexts, QueryCode};
use super::spoken;
use super::template::Template;
use super::wording::{Failure, Language};

/// Longest time a system may take.
const LONGEST_SECONDS: u64 = 60;

/// Most bytes of an answer that can be allowed.
const MOST_BYTES: usize = 10_485_760;

/// A code that can be asked with.
#[derive(Clone)]
pub(super) struct Code {
    /// As it stands in the settings.
    pub(super) name: String,
    /// All words for it, as they are compared.
    pub(super) words: Vec<String>,
    pub(super) help: String,
    pub(super) rights: Rights,
    pub(super) connector: Connector,
    pub(super) reply: Template,
    failures: FailureTexts,
}

/// A mistake in the settings of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Which setting.
    pub key: String,
    /// What is wrong and what to do; stands behind the key.
    pub problem: String,
}

fn mistake(key: &str, problem: impl Into<String>) -> Mistake {
    Mistake { key: key.to_owned(), problem: problem.into() }
}

impl Code {
    /// Reads the settings; `secrets`: those that are known, or only the form is looked at. `with_files`: the
    /// authority is read as well.
    pub(super) fn new(config: &QueryCode, secrets: &Secrets, with_files: bool) -> Result<Self, Mistake> {
        let of = |problem: String| format!("of \"{}\" {problem}", config.code);
        let wrong = |key: &str, problem: String| mistake(&format!("query_codes.{key}"), of(problem));
        let words: Vec<String> =
            std::iter::once(&config.code).chain(&config.aliases).map(|word| spoken::normal(word)).collect();
        if words.iter().any(|word| word.is_empty() || word.chars().count() > 20) {
            return Err(wrong("code", "and its aliases have to be words of 1 to 20 signs".to_owned()));
        }
        let reply = Template::read(&config.reply).map_err(|error| wrong("reply", format!("has {error}")))?;
        if config.reply.trim().is_empty() {
            return Err(wrong("reply", "is empty".to_owned()));
        }
        if !(1..=LONGEST_SECONDS).contains(&config.seconds) {
            return Err(wrong("seconds", format!("has to be 1 to {LONGEST_SECONDS}")));
        }
        if !(1..=MOST_BYTES).contains(&config.bytes) {
            return Err(wrong("bytes", format!("has to be 1 to {MOST_BYTES}")));
        }
        let connector = Connector {
            method: config.method,
            url: config.url.clone(),
            body: body(config).map_err(|problem| wrong("body", problem))?,
            headers: headers(config, secrets).map_err(|problem| wrong("headers", problem))?,
            guard: guard(config).map_err(|(key, problem)| wrong(key, problem))?,
            tls: tls(config, with_files).map_err(|problem| wrong("authority", problem))?,
            patience: Duration::from_secs(config.seconds),
            longest: config.bytes,
        };
        Ok(Self {
            name: config.code.trim().to_owned(),
            words,
            help: config.help.trim().to_owned(),
            rights: Rights { departments: config.departments.clone(), people: config.people.clone() },
            connector,
            reply,
            failures: config.failures.clone(),
        })
    }

    /// What the asker reads when it fails.
    pub(super) fn failed(&self, failure: Failure, language: Language) -> String {
        let own = match failure {
            Failure::Silent => &self.failures.silent,
            Failure::Unreachable => &self.failures.unreachable,
            Failure::Refused => &self.failures.refused,
            Failure::NotJson => &self.failures.not_json,
            Failure::MissingField => &self.failures.missing_field,
            Failure::Blocked => &self.failures.blocked,
            Failure::NotKnown => &self.failures.not_known,
        };
        own.clone().unwrap_or_else(|| failure.sentence(language).to_owned())
    }

    /// The line in the list of codes.
    pub(super) fn line(&self) -> String {
        if self.help.is_empty() { self.name.clone() } else { format!("{} {}", self.name, self.help) }
    }
}

fn body(config: &QueryCode) -> Result<Option<serde_json::Value>, String> {
    if config.body.is_empty() {
        return Ok(None);
    }
    if config.method == Method::Get {
        return Err("needs method = \"POST\"".to_owned());
    }
    let body = serde_json::from_str(&config.body).map_err(|error| format!("is no JSON: {error}"))?;
    fill::check_json(&body).map_err(|name| format!("has {{{name}}}, {KNOWN}"))?;
    Ok(Some(body))
}

/// Behind a name that is not known.
const KNOWN: &str = "and only {person}, {id}, {employee_number}, {number} and {code} are filled in";

fn headers(config: &QueryCode, secrets: &Secrets) -> Result<Vec<Header>, String> {
    let mut headers = Vec::new();
    for (name, value) in &config.headers {
        let is_name = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        let is_ours = ["host", "content-length", "content-type", "transfer-encoding", "connection"]
            .contains(&name.to_ascii_lowercase().as_str());
        if !is_name || is_ours {
            return Err(format!("cannot have {name}"));
        }
        if value.contains(|sign: char| sign.is_control() || !sign.is_ascii()) {
            return Err(format!("{name} has signs that no header may have"));
        }
        headers.push(secrets.header(name, value).map_err(|problem| format!("{name} {problem}"))?);
    }
    Ok(headers)
}

fn guard(config: &QueryCode) -> Result<Guard, (&'static str, String)> {
    fill::names(&config.url).map_err(|name| ("url", format!("has {{{name}}}, {KNOWN}")))?;
    let host = fixed_host(&config.url);
    let mut hosts: Vec<String> = config.hosts.iter().map(|host| host.trim().to_ascii_lowercase()).collect();
    if hosts.iter().any(|host| host.is_empty() || host.contains(['/', '{', '*', ' '])) {
        return Err(("hosts", "have to be names such as \"oa.example.org\", without ports".to_owned()));
    }
    if !config.url.starts_with("http://") && !config.url.starts_with("https://") {
        return Err(("url", "has to begin with https:// or http://".to_owned()));
    }
    match (&host, hosts.is_empty()) {
        (Some(host), true) => hosts.push(host.clone()),
        (None, true) => {
            return Err(("hosts", "are missing: the host in url is filled in, or is none".to_owned()));
        }
        (Some(host), false) if !hosts.contains(host) => {
            return Err(("hosts", format!("do not have {host}, which is the host of its url")));
        }
        (Some(_) | None, false) => {}
    }
    let read = |text: &String| {
        Network::read(text)
            .ok_or_else(|| ("networks", format!("have \"{text}\"; right is \"10.0.0.0/8\" or \"10.0.0.5\"")))
    };
    let networks = config.networks.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let is_here = |host: &String| ["localhost", "127.0.0.1", "[::1]"].contains(&host.as_str());
    if config.url.starts_with("http://") && !config.plain_http && !hosts.iter().all(is_here) {
        let problem = "is plain http to another computer; use https, or set plain_http = true if the way there is \
                       yours alone";
        return Err(("url", problem.to_owned()));
    }
    Ok(Guard { hosts, networks, is_plain_allowed: config.plain_http })
}

/// The host of an address in which nothing is filled in there.
fn fixed_host(template: &str) -> Option<String> {
    let url = url::Url::parse(template).ok()?;
    let authority = template.split_once("://")?.1.split(['/', '?', '#']).next()?;
    if authority.contains('{') {
        return None;
    }
    url.host_str().map(str::to_ascii_lowercase)
}

fn tls(config: &QueryCode, with_files: bool) -> Result<Option<Arc<rustls::ClientConfig>>, String> {
    if !config.url.starts_with("https://") {
        let is_idle = !config.authority.as_os_str().is_empty();
        return if is_idle { Err("is of use with https only".to_owned()) } else { Ok(None) };
    }
    if !with_files {
        return Ok(None);
    }
    let authority = Some(config.authority.clone()).filter(|file| !file.as_os_str().is_empty());
    let shown = authority.as_deref().unwrap_or_else(|| Path::new("of the system")).display().to_string();
    crate::tls::client(&crate::tls::Trust { authority, fingerprint: None })
        .map(|config| Some(Arc::new(config)))
        .map_err(|error| format!("{shown} cannot be used: {error}"))
}
