//! What the settings must hold beyond the types of their values.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use posthouse_sign_on::issuer::Issuer;

use super::{Config, domain, places};

/// A value that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    /// Path of the key, such as `limits.connections`.
    key: String,
    /// What is wrong and what to do, behind the key.
    problem: String,
}

impl Mistake {
    pub(super) fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into() }
    }

    /// The mistake as a sentence, with the line of that text.
    pub(super) fn in_text(&self, text: &str) -> String {
        let Self { key, problem } = self;
        match places::line_of(text, key) {
            Some(line) => format!("line {line}: {key} {problem}"),
            None => format!("{key} {problem}"),
        }
    }
}

/// All of them.
pub(super) fn mistakes(config: &Config) -> Vec<Mistake> {
    let mut mistakes: Vec<Mistake> =
        domain(&config.domain).err().into_iter().map(|problem| Mistake::new("domain", problem)).collect();
    mistakes.extend(numbers(config));
    mistakes.extend(addresses(config));
    mistakes.extend(components(config));
    mistakes.extend(issuer(config));
    mistakes
}

fn numbers(config: &Config) -> Vec<Mistake> {
    let limits = &config.limits;
    let at_least: [(&str, u64, u64); 17] = [
        ("limits.stanza_bytes_before_login", number(limits.stanza_bytes_before_login), 1_000),
        ("limits.stanza_bytes", number(limits.stanza_bytes), 10_000),
        ("limits.connections", number(limits.connections), 1),
        ("limits.connections_per_address", number(limits.connections_per_address), 1),
        ("limits.new_connections_per_second", u64::from(limits.new_connections_per_second), 1),
        ("limits.login_seconds", limits.login_seconds, 1),
        ("limits.bytes_per_second", limits.bytes_per_second, 1_000),
        ("limits.login_attempts", u64::from(limits.login_attempts), 1),
        ("limits.sessions_per_person", number(limits.sessions_per_person), 1),
        ("limits.http_connections", number(limits.http_connections), 1),
        ("limits.http_connections_per_address", number(limits.http_connections_per_address), 1),
        ("limits.http_header_seconds", limits.http_header_seconds, 1),
        ("limits.http_body_bytes", number(limits.http_body_bytes), 10_000),
        ("limits.http_requests_per_second", u64::from(limits.http_requests_per_second), 1),
        ("single_sign_on.idle_hours", u64::from(config.single_sign_on.idle_hours), 1),
        ("single_sign_on.longest_hours", u64::from(config.single_sign_on.longest_hours), 1),
        ("passwords.iterations", u64::from(config.passwords.iterations), 4_096),
    ];
    let mut mistakes: Vec<Mistake> = at_least
        .into_iter()
        .filter(|(_, value, least)| value < least)
        .map(|(key, value, least)| Mistake::new(key, format!("is {value}; write at least {least}")))
        .collect();
    if config.passwords.iterations > 1_000_000 {
        let problem = "is more than 1000000, which clients refuse; 10000 to 100000 are usual";
        mistakes.push(Mistake::new("passwords.iterations", problem));
    }
    mistakes
}

/// No address can be listened at twice.
fn addresses(config: &Config) -> Vec<Mistake> {
    let mut seen: BTreeMap<SocketAddr, &str> = BTreeMap::new();
    let mut mistakes = Vec::new();
    for (door, list) in config.listen.doors() {
        for address in list.iter().filter(|address| address.port() != 0) {
            if let Some(other) = seen.insert(*address, door) {
                let problem = format!("has {address}, which stands in {other} already; take another port");
                mistakes.push(Mistake::new(door, problem));
            }
        }
    }
    mistakes
}

fn issuer(config: &Config) -> Option<Mistake> {
    let text = &config.single_sign_on.issuer;
    if text.is_empty() {
        return None;
    }
    let problem = Issuer::new(text).err()?;
    let key = "single_sign_on.issuer";
    Some(Mistake::new(
        key,
        format!("is wrong: {problem}; write for example \"https://chat.example.org:5281\""),
    ))
}

fn components(config: &Config) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut seen = Vec::new();
    for (index, component) in config.components.iter().enumerate() {
        let key = |name: &str| format!("components[{index}].{name}");
        match domain(&component.domain) {
            Err(problem) => mistakes.push(Mistake::new(key("domain"), problem)),
            Ok(domain) if domain == config.domain || seen.contains(&domain) => {
                let problem = format!("is {domain}, which is taken; every component has a domain of its own");
                mistakes.push(Mistake::new(key("domain"), problem));
            }
            Ok(domain) => seen.push(domain),
        }
        if component.secret.is_empty() {
            let problem = "is empty; write a long random text, the same as in the component's settings";
            mistakes.push(Mistake::new(key("secret"), problem));
        }
    }
    mistakes
}

fn number(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}
