//! CAS services: addresses at or below a registered one.

use url::Url;

use crate::address;
use crate::relying_party::{Cas, RelyingParty};

/// The system that an address belongs to, and the address as browsers understand it. The longest registered address
/// wins, so that one system may live below another.
pub fn find<'a>(asked: &str, registered: &'a [RelyingParty]) -> Option<(&'a RelyingParty, String)> {
    let asked = normal(asked)?;
    let mut found: Option<(usize, &RelyingParty)> = None;
    for party in registered.iter().filter(|party| party.enabled) {
        for base in party.cas.iter().flat_map(|cas| &cas.services) {
            if lies_below(&asked, base) && found.is_none_or(|(length, _)| length < base.len()) {
                found = Some((base.len(), party));
            }
        }
    }
    found.map(|(_, party)| (party, asked.to_string()))
}

/// An address still lies below a registered one.
pub fn is_below(service: &str, cas: &Cas) -> bool {
    normal(service).is_some_and(|service| cas.services.iter().any(|base| lies_below(&service, base)))
}

/// The same address in two writings; none of a text that cannot be a service.
pub fn normal(text: &str) -> Option<Url> {
    // What a browser would read differently from us is no service: blanks and control characters, backslashes,
    // names and passwords, encoded slashes and dots.
    let lower = text.to_ascii_lowercase();
    if ["%2f", "%5c", "%2e", "%00"].iter().any(|code| path_of(&lower).contains(code)) {
        return None;
    }
    // The fragment is never sent; a ticket behind it would not be either.
    address::check(text, true).ok()
}

fn path_of(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or(text)
}

fn lies_below(asked: &Url, base: &str) -> bool {
    let Ok(base) = Url::parse(base) else { return false };
    let root = base.path().trim_end_matches('/');
    let path = asked.path();
    asked.origin() == base.origin()
        && path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::testing::erp;

    fn found(asked: &str) -> Option<String> {
        find(asked, &[erp()]).map(|(_, service)| service)
    }

    #[test]
    fn a_service_lies_at_or_below_a_registered_address() {
        for right in [
            "https://erp.example.org/app/",
            "https://erp.example.org/app",
            "https://erp.example.org/app/deep/page?x=1&y=2",
            "https://ERP.example.org:443/app/",
        ] {
            assert!(found(right).is_some(), "{right}");
        }
    }

    #[test]
    fn whatever_could_lead_elsewhere_is_no_service() {
        for wrong in [
            "https://evil.net/app/",
            "http://erp.example.org/app/",
            "https://erp.example.org:8443/app/",
            "https://erp.example.org/application/",
            "https://erp.example.org/",
            "https://erp.example.org/app/../admin",
            "https://erp.example.org/app/%2e%2e/admin",
            "https://erp.example.org/app%2f..%2fadmin",
            "https://erp.example.org@evil.net/app/",
            "https://evil.net\\@erp.example.org/app/",
            "https://erp.example.org.evil.net/app/",
            "https://erp.example.org/app/\r\nSet-Cookie: x",
            "https://erp.example.org/app/\u{0}",
            "https://erp.example.org/app/#x",
            "//erp.example.org/app/",
            "javascript:alert(1)",
            "",
        ] {
            assert!(found(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn the_longer_address_wins() {
        let mut inner = erp();
        inner.id = "inner".to_owned();
        inner.cas.as_mut().unwrap().services = vec!["https://erp.example.org/app/inner/".to_owned()];
        let all = [erp(), inner];
        assert_eq!(find("https://erp.example.org/app/inner/x", &all).unwrap().0.id, "inner");
        assert_eq!(find("https://erp.example.org/app/x", &all).unwrap().0.id, "erp");
    }
}
