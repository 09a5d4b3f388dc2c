//! Finds what is wrong with a registration, in plain words, before it is stored.

use std::collections::BTreeSet;

use url::Url;

use super::RelyingParty;
use crate::address;

/// Most addresses of one kind, and letters of each.
const ADDRESSES: usize = 50;
const LETTERS: usize = 2_048;

/// Something about a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It cannot be stored like that.
    Wrong {
        /// What is wrong, as the interface for business systems calls it.
        field: String,
        /// In which way.
        sentence: String,
    },
    /// It can, and the administrator should know.
    Warning(String),
}

impl Problem {
    /// Something is wrong with that field.
    pub fn wrong(field: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self::Wrong { field: field.into(), sentence: sentence.into() }
    }
}

/// What is wrong with `party`, next to those that are registered already.
pub fn problems(party: &RelyingParty, others: &[RelyingParty]) -> Vec<Problem> {
    let mut found = Vec::new();
    name(party, &mut found);
    if let Err(sentence) = address(&party.launch, true) {
        found.push(Problem::wrong("launch", sentence));
    }
    open_id(party, &mut found);
    cas(party, &mut found);
    sites(party, others, &mut found);
    if party.open_id.is_none()
        && party.cas.is_none()
        && party.forward_auth.is_none()
        && party.launch_ticket.is_none()
    {
        found.push(Problem::wrong("", "the system has no way of signing in"));
    }
    shared_hosts(party, others, &mut found);
    found
}

fn name(party: &RelyingParty, found: &mut Vec<Problem>) {
    let is_right = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    // Nobody can name . and .. in the path of an address.
    let is_dots = party.id.chars().all(|c| c == '.');
    if is_dots || party.id.len() > 64 || !party.id.chars().all(is_right) {
        let sentence =
            format!("{:?} is no name for a system: letters, digits, and - _ . are, up to 64", party.id);
        found.push(Problem::wrong("id", sentence));
    }
    let name = party.name.trim();
    // XML 1.0 carries neither.
    let is_told = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    if name.is_empty() || !party.name.chars().all(is_told) {
        found.push(Problem::wrong("name", "the shown name is missing, or has a control character"));
    } else if name.chars().count() > 100 {
        found.push(Problem::wrong("name", "the shown name is longer than 100 characters"));
    }
}

fn address(text: &str, plain: bool) -> Result<Url, String> {
    if text.len() > LETTERS {
        return Err(format!("an address has at most {LETTERS} letters"));
    }
    // RFC 3986 has none of them, and in configurations that are printed they would end the text around the address.
    if text.contains(['"', '<', '>', '^', '`', '{', '|', '}']) {
        return Err(format!("{text:?} holds a character that no address has"));
    }
    address::check(text, plain)
}

/// Checks each address of a list, and that there are not too many.
fn addresses(field: &str, list: &[String], plain: impl Fn(&str) -> bool, found: &mut Vec<Problem>) {
    if list.len() > ADDRESSES {
        found.push(Problem::wrong(field, format!("at most {ADDRESSES} addresses")));
    }
    for (at, text) in list.iter().enumerate() {
        if let Err(sentence) = address(text, plain(text)) {
            found.push(Problem::wrong(format!("{field}[{at}]"), sentence));
        }
    }
}

fn open_id(party: &RelyingParty, found: &mut Vec<Problem>) {
    let Some(open_id) = &party.open_id else { return };
    addresses("openId.redirectUris", &open_id.redirect_uris, is_loopback, found);
    addresses("openId.postLogoutRedirectUris", &open_id.post_logout_redirect_uris, |_| true, found);
    if let Some(Err(sentence)) = open_id.back_channel_logout.as_ref().map(|uri| address(uri, false)) {
        found.push(Problem::wrong("openId.backChannelLogout", sentence));
    }
    if open_id.redirect_uris.is_empty() {
        found.push(Problem::wrong("openId.redirectUris", "at least one redirect URI is needed"));
    }
}

fn cas(party: &RelyingParty, found: &mut Vec<Problem>) {
    let Some(cas) = &party.cas else { return };
    if cas.services.is_empty() {
        found.push(Problem::wrong("cas.services", "at least one CAS service is needed"));
    }
    addresses("cas.services", &cas.services, |_| true, found);
    for (at, service) in cas.services.iter().enumerate() {
        match address(service, true) {
            Ok(url) if url.query().is_some() => {
                let sentence = format!("{service:?}: leave the query away, it is free anyhow");
                found.push(Problem::wrong(format!("cas.services[{at}]"), sentence));
            }
            Ok(url) if url.scheme() == "http" => found.push(Problem::Warning(format!(
                "{service:?}: tickets go over plain http, where others on the way can read them"
            ))),
            Ok(_) | Err(_) => {}
        }
    }
}

fn sites(party: &RelyingParty, others: &[RelyingParty], found: &mut Vec<Problem>) {
    let Some(forward) = &party.forward_auth else { return };
    if forward.sites.is_empty() {
        found.push(Problem::wrong("forwardAuth.sites", "at least one site is needed"));
    }
    addresses("forwardAuth.sites", &forward.sites, |_| false, found);
    for (at, site) in forward.sites.iter().enumerate() {
        let field = || format!("forwardAuth.sites[{at}]");
        if address(site, false).is_ok() && address::origin(site).as_deref() != Some(site.as_str()) {
            let sentence = format!("{site:?}: a site is scheme, host and port alone, without a slash");
            found.push(Problem::wrong(field(), sentence));
        }
        let is_taken = |other: &&RelyingParty| {
            other.id != party.id
                && other.forward_auth.as_ref().is_some_and(|forward| forward.sites.contains(site))
        };
        if let Some(other) = others.iter().find(is_taken) {
            found.push(Problem::wrong(field(), format!("{site:?} belongs to {} already", other.id)));
        }
    }
}

fn is_loopback(uri: &str) -> bool {
    let host = Url::parse(uri).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| matches!(host.as_str(), "127.0.0.1" | "[::1]" | "localhost"))
}

/// Cookies ignore ports: two systems on one host name read each other's.
fn shared_hosts(party: &RelyingParty, others: &[RelyingParty], found: &mut Vec<Problem>) {
    let own = hosts(party);
    for other in others.iter().filter(|other| other.id != party.id) {
        for host in hosts(other).intersection(&own) {
            found.push(Problem::Warning(format!(
                "{host} is the host of {} too: browsers send the cookies of one system to the other",
                other.id
            )));
        }
    }
}

fn hosts(party: &RelyingParty) -> BTreeSet<String> {
    let open_id = party.open_id.iter().flat_map(|open_id| &open_id.redirect_uris);
    let cas = party.cas.iter().flat_map(|cas| &cas.services);
    let sites = party.forward_auth.iter().flat_map(|forward| &forward.sites);
    let addresses = open_id.chain(cas).chain(sites).chain(std::iter::once(&party.launch));
    addresses.filter_map(|one| Url::parse(one).ok()?.host_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Problem, problems};
    use crate::testing::{erp, grafana, oa};

    #[test]
    fn systems_of_the_scenes_are_well_registered() {
        for party in [oa(), erp(), grafana()] {
            assert_eq!(problems(&party, &[]), []);
        }
    }

    #[test]
    fn every_mistake_gets_a_sentence() {
        let mut party = oa();
        party.id = "办公".to_owned();
        party.launch = "oa".to_owned();
        let open_id = party.open_id.as_mut().unwrap();
        open_id.redirect_uris = vec!["http://oa.example.org/cb".to_owned()];
        open_id.back_channel_logout = Some("http://oa.example.org/logout".to_owned());
        let wrong = problems(&party, &[]);
        let fields: Vec<&str> = wrong
            .iter()
            .filter_map(|one| match one {
                Problem::Wrong { field, .. } => Some(field.as_str()),
                Problem::Warning(_) => None,
            })
            .collect();
        assert_eq!(fields, ["id", "launch", "openId.redirectUris[0]", "openId.backChannelLogout"]);
    }

    #[test]
    fn two_systems_on_one_host_name_are_warned_of() {
        let mut other = erp();
        other.launch = "https://oa.example.org:8443/".to_owned();
        let found = problems(&other, &[oa()]);
        assert!(
            matches!(found.as_slice(), [Problem::Warning(text)] if text.contains("oa.example.org")),
            "{found:?}"
        );
    }
}
