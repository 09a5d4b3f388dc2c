//! Which host names a client may ask for.

use std::net::IpAddr;

/// The names under which this server answers.
#[derive(Debug, Clone)]
pub(crate) struct HostNames {
    domain: String,
    others: Vec<String>,
}

impl HostNames {
    /// `others`: names of the certificate and of the computer.
    pub(crate) fn new(domain: String, others: impl IntoIterator<Item = String>) -> Self {
        Self { domain, others: others.into_iter().map(|name| name.to_ascii_lowercase()).collect() }
    }

    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether to go on with a client that asks for `to`. People type addresses and short host names where the
    /// domain belongs, and are served; who names another organisation's domain is told (`host-unknown`).
    pub(crate) fn serves(&self, to: Option<&str>) -> bool {
        let Some(to) = to else { return true };
        let name = to.trim_end_matches('.').to_lowercase();
        let is_address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        if name.is_empty() || is_address || !name.contains('.') {
            return true;
        }
        let is_ours = jid::DomainPart::new(&name).map_or(true, |domain| domain.as_str() == self.domain);
        is_ours || self.others.iter().any(|other| covers(other, &name))
    }
}

/// A certificate's name may start with `*.`, which stands for one label.
fn covers(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(rest) => name.split_once('.').is_some_and(|(_, parent)| parent == rest),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_short_names_are_served_and_foreign_domains_are_not() {
        let names =
            HostNames::new("example.org".into(), ["*.im.example.org".into(), "Mail.example.org".into()]);
        for to in ["example.org", "EXAMPLE.org.", "192.0.2.1", "::1", "[::1]", "localhost", "server", ""] {
            assert!(names.serves(Some(to)), "{to}");
        }
        assert!(names.serves(None));
        assert!(names.serves(Some("a.im.example.org")) && names.serves(Some("mail.example.org")));
        for to in ["example.com", "a.b.im.example.org", "im.example.org.cn"] {
            assert!(!names.serves(Some(to)), "{to}");
        }
    }
}
