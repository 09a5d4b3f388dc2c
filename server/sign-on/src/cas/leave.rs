//! `/cas/logout` (section 2.3): ends the session of a tab, and asks first when another site may want that and not the
//! person.

use super::service;
use crate::parameters::Parameters;
use crate::relying_party::RelyingParty;
use crate::session::{Participation, SignedIn};

/// What is known for a logout.
#[derive(Debug, Clone, Copy)]
pub struct LeaveFacts<'a> {
    /// All systems; the service chooses among them.
    pub registered: &'a [RelyingParty],
    /// What the session's cookie leads to.
    pub session: Option<&'a SignedIn>,
    /// Systems that the session is signed in to.
    pub participations: &'a [Participation],
    /// `Sec-Fetch-Site`
    pub fetch_site: Option<&'a str>,
    /// `Sec-Fetch-Dest`
    pub fetch_destination: Option<&'a str>,
}

/// What to do with a browser at `/cas/logout`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logout {
    /// Show a page with a button first; when it is pressed, end the session and go there.
    Ask {
        /// Where to: a registered service.
        then: Option<String>,
    },
    /// End the session, then go there or say that it is done.
    End {
        /// Where to: a registered service.
        then: Option<String>,
    },
}

/// Decides about a logout. `service` is followed when it is registered (section 2.3.1); the old `url` never is.
///
/// CAS knows no proof of who asks. A system that the session is signed in to may end it, as one may that shows an ID
/// token; any other site makes the person be asked, and what is loaded within a page ends nothing.
pub fn logout(parameters: &Parameters, facts: &LeaveFacts<'_>) -> Logout {
    let asked = parameters.value("service").filter(|_| parameters.repeated().is_none());
    let (party, then) = asked.and_then(|asked| service::find(asked, facts.registered)).unzip();
    if facts.session.is_none() {
        return Logout::End { then };
    }
    let is_within_a_page = facts.fetch_destination.is_some_and(|destination| destination != "document");
    let is_led = facts.fetch_site.is_some_and(|site| matches!(site, "cross-site" | "same-site"));
    let is_part = |one: &Participation| {
        one.service_ticket.is_some() && party.is_some_and(|party| party.id == one.party)
    };
    if is_within_a_page || is_led && !facts.participations.iter().any(is_part) {
        return Logout::Ask { then };
    }
    Logout::End { then }
}

#[cfg(test)]
mod tests {
    use super::{LeaveFacts, Logout, logout};
    use crate::session::{Participation, SignedIn};
    use crate::testing::{erp, form, oa, participation, signed_in};

    const SERVICE: &str = "https://erp.example.org/app/?page=1";

    /// Somebody leaves who came from there.
    fn leaves(
        pairs: &[(&str, &str)],
        (session, parts): (Option<&SignedIn>, &[Participation]),
        (fetch_site, fetch_destination): (Option<&str>, Option<&str>),
    ) -> Logout {
        let registered = [oa(), erp()];
        let facts = LeaveFacts {
            registered: &registered,
            session,
            participations: parts,
            fetch_site,
            fetch_destination,
        };
        logout(&form(pairs), &facts)
    }

    fn in_erp() -> Participation {
        Participation {
            party: "erp".to_owned(),
            service_ticket: Some("ST-1".to_owned()),
            service: Some(SERVICE.to_owned()),
            ..participation()
        }
    }

    #[test]
    fn whoever_types_it_leaves_and_goes_to_a_registered_service_alone() {
        let session = signed_in();
        let here = (Some(&session), &[][..]);
        for from in [(None, None), (Some("none"), Some("document")), (Some("same-origin"), None)] {
            assert_eq!(leaves(&[], here, from), Logout::End { then: None });
            let then = Some(SERVICE.to_owned());
            assert_eq!(leaves(&[("service", SERVICE)], here, from), Logout::End { then });
        }
        for name in ["url", "service"] {
            let evil = [(name, "https://evil.net/")];
            assert_eq!(leaves(&evil, here, (None, None)), Logout::End { then: None });
        }
    }

    #[test]
    fn a_system_that_the_person_is_in_signs_out_at_once() {
        let session = signed_in();
        let left = leaves(
            &[("service", SERVICE)],
            (Some(&session), &[participation(), in_erp()]),
            (Some("cross-site"), Some("document")),
        );
        assert_eq!(left, Logout::End { then: Some(SERVICE.to_owned()) });
    }

    #[test]
    fn threat_14_other_sites_make_us_ask_and_nothing_within_a_page_signs_out() {
        let session = signed_in();
        let (here, led) = ((Some(&session), &[participation()][..]), (Some("cross-site"), Some("document")));
        assert_eq!(leaves(&[], here, led), Logout::Ask { then: None });
        assert_eq!(leaves(&[("service", "https://evil.net/")], here, led), Logout::Ask { then: None });
        let then = Some(SERVICE.to_owned());
        let service = [("service", SERVICE)];
        assert_eq!(leaves(&service, here, led), Logout::Ask { then: then.clone() });
        assert_eq!(leaves(&service, here, (Some("same-site"), None)), Logout::Ask { then: then.clone() });
        let part = [in_erp()];
        for place in ["image", "iframe", "script"] {
            let within = (Some("same-site"), Some(place));
            assert_eq!(leaves(&service, (Some(&session), &part), within), Logout::Ask { then: then.clone() });
        }
    }

    #[test]
    fn without_a_session_it_is_done_already() {
        let left = leaves(&[("service", SERVICE)], (None, &[]), (Some("cross-site"), None));
        assert_eq!(left, Logout::End { then: Some(SERVICE.to_owned()) });
    }
}
