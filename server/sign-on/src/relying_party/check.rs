//! Finds what is wrong with a registration, in plain words, before it is stored.

use std::collections::BTreeSet;

use url::Url;

use super::RelyingParty;
use crate::address;

/// Something about a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It cannot be stored like that.
    Wrong(String),
    /// It can, and the administrator should know.
    Warning(String),
}

/// What is wrong with `party`, next to those that are registered already.
pub fn problems(party: &RelyingParty, others: &[RelyingParty]) -> Vec<Problem> {
    let mut found = Vec::new();
    name(party, &mut found);
    let mut add = |outcome: Result<Url, String>| {
        if let Err(wrong) = outcome {
            found.push(Problem::Wrong(wrong));
        }
    };
    add(address::check(&party.launch, true));
    if let Some(open_id) = &party.open_id {
        for uri in &open_id.redirect_uris {
            add(address::check(uri, is_loopback(uri)));
        }
        for uri in &open_id.post_logout_redirect_uris {
            add(address::check(uri, true));
        }
        if let Some(uri) = &open_id.back_channel_logout {
            add(address::check(uri, false));
        }
        if open_id.redirect_uris.is_empty() {
            found.push(Problem::Wrong("at least one redirect URI is needed".to_owned()));
        }
    }
    cas(party, &mut found);
    sites(party, others, &mut found);
    if party.open_id.is_none()
        && party.cas.is_none()
        && party.forward_auth.is_none()
        && party.launch_ticket.is_none()
    {
        found.push(Problem::Wrong("the system has no way of signing in".to_owned()));
    }
    shared_hosts(party, others, &mut found);
    found
}

fn name(party: &RelyingParty, found: &mut Vec<Problem>) {
    let is_right = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if party.id.is_empty() || party.id.len() > 64 || !party.id.chars().all(is_right) {
        found.push(Problem::Wrong(format!(
            "{:?} is no name for a system: letters, digits, and - _ . are, up to 64",
            party.id
        )));
    }
    if party.name.trim().is_empty() || party.name.chars().any(char::is_control) {
        found.push(Problem::Wrong("the shown name is missing".to_owned()));
    }
}

fn cas(party: &RelyingParty, found: &mut Vec<Problem>) {
    let Some(cas) = &party.cas else { return };
    if cas.services.is_empty() {
        found.push(Problem::Wrong("at least one CAS service is needed".to_owned()));
    }
    for service in &cas.services {
        match address::check(service, true) {
            Err(wrong) => found.push(Problem::Wrong(wrong)),
            Ok(url) if url.query().is_some() => {
                found.push(Problem::Wrong(format!("{service:?}: leave the query away, it is free anyhow")));
            }
            Ok(url) if url.scheme() == "http" => found.push(Problem::Warning(format!(
                "{service:?}: tickets go over plain http, where others on the way can read them"
            ))),
            Ok(_) => {}
        }
    }
}

fn sites(party: &RelyingParty, others: &[RelyingParty], found: &mut Vec<Problem>) {
    for site in party.forward_auth.iter().flat_map(|forward| &forward.sites) {
        if let Err(wrong) = address::check(site, false) {
            found.push(Problem::Wrong(wrong));
        } else if address::origin(site).as_deref() != Some(site.as_str()) {
            found.push(Problem::Wrong(format!(
                "{site:?}: a site is scheme, host and port alone, without a slash"
            )));
        }
        let is_taken = |other: &&RelyingParty| {
            other.id != party.id
                && other.forward_auth.as_ref().is_some_and(|forward| forward.sites.contains(site))
        };
        if let Some(other) = others.iter().find(is_taken) {
            found.push(Problem::Wrong(format!("{site:?} belongs to {} already", other.id)));
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
        assert_eq!(wrong.len(), 4, "{wrong:?}");
        assert!(wrong.iter().all(|one| matches!(one, Problem::Wrong(_))));
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
