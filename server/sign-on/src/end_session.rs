//! Signing out on the word of a system (OpenID Connect RP-Initiated Logout 1.0). Without proof that it is the
//! person's own system that asks, the person is asked first.

use crate::address;
use crate::id_token;
use crate::issuer::Issuer;
use crate::keys::KeyRing;
use crate::parameters::Parameters;
use crate::refusal::Refusal;
use crate::relying_party::RelyingParty;
use crate::session::{Participation, SignedIn};

/// What is known for a request.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The system of [`client`].
    pub party: Option<&'a RelyingParty>,
    /// What the session's cookie leads to.
    pub session: Option<&'a SignedIn>,
    /// Systems that the session is signed in to.
    pub participations: &'a [Participation],
    /// The provider's address.
    pub issuer: &'a Issuer,
    /// Keys.
    pub ring: &'a KeyRing,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Show the page of refusals.
    Refuse(Refusal),
    /// Show a page with a button; when it is pressed, end the session and go there.
    Ask {
        /// Where to, when the system has said it.
        then: Option<String>,
    },
    /// End the session, then go there or say that it is done.
    End {
        /// Where to.
        then: Option<String>,
    },
}

/// The system that a request names: by `client_id`, otherwise by the hint.
pub fn client(parameters: &Parameters, issuer: &Issuer, ring: &KeyRing) -> Option<String> {
    if let Some(id) = parameters.value("client_id") {
        return Some(id.to_owned());
    }
    id_token::hint(parameters.value("id_token_hint")?, issuer, ring).map(|hint| hint.client)
}

/// Decides about a request.
pub fn decide(parameters: &Parameters, facts: &Facts<'_>) -> Decision {
    if parameters.repeated().is_some() {
        return Decision::Refuse(Refusal::Malformed);
    }
    let hint = match parameters.value("id_token_hint") {
        None => None,
        Some(text) => match id_token::hint(text, facts.issuer, facts.ring) {
            // Section 2: whoever signed that, it was not us.
            None => return Decision::Refuse(Refusal::Malformed),
            hint => hint,
        },
    };
    if let (Some(hint), Some(id)) = (&hint, parameters.value("client_id"))
        && hint.client != id
    {
        return Decision::Refuse(Refusal::UnknownSystem);
    }
    let then = match then(parameters, facts.party) {
        Ok(then) => then,
        Err(refusal) => return Decision::Refuse(refusal),
    };
    let Some(session) = facts.session else { return Decision::End { then } };
    let is_own = hint.is_some_and(|hint| {
        let is_subject = session.person.as_ref().is_some_and(|person| person.subject == hint.subject);
        let is_part = |one: &Participation| one.party == hint.client && hint.sid.as_ref() == Some(&one.sid);
        is_subject && facts.participations.iter().any(is_part)
    });
    if is_own { Decision::End { then } } else { Decision::Ask { then } }
}

/// Where the browser goes afterwards: registered, character for character.
fn then(parameters: &Parameters, party: Option<&RelyingParty>) -> Result<Option<String>, Refusal> {
    let Some(asked) = parameters.value("post_logout_redirect_uri") else { return Ok(None) };
    let open_id = party.filter(|party| party.enabled).and_then(|party| party.open_id.as_ref());
    let open_id = open_id.ok_or(Refusal::UnknownSystem)?;
    if !open_id.post_logout_redirect_uris.iter().any(|one| one == asked) {
        return Err(Refusal::WrongRedirectUri);
    }
    let state: Vec<(&str, &str)> =
        parameters.value("state").map(|state| ("state", state)).into_iter().collect();
    Ok(Some(address::with_parameters(asked, &state)))
}

#[cfg(test)]
mod tests {
    use super::{Decision, Facts, client, decide};
    use crate::refusal::Refusal;
    use crate::session::SignedIn;
    use crate::testing::{form, id_token_for, issuer, li, oa, participation, ring, signed_in};

    fn ask(pairs: &[(&str, &str)], session: Option<&SignedIn>) -> Decision {
        let (party, issuer, part) = (oa(), issuer(), [participation()]);
        let facts =
            Facts { party: Some(&party), session, participations: &part, issuer: &issuer, ring: ring() };
        decide(&form(pairs), &facts)
    }

    const AFTER: (&str, &str) = ("post_logout_redirect_uri", "https://oa.example.org/bye");

    #[test]
    fn the_persons_own_system_signs_out_at_once_and_gets_the_browser_back() {
        let hint = id_token_for(&signed_in(), "oa");
        let decision = ask(&[("id_token_hint", &hint), AFTER, ("state", "x y")], Some(&signed_in()));
        assert_eq!(
            decision,
            Decision::End { then: Some("https://oa.example.org/bye?state=x%20y".to_owned()) }
        );
        assert_eq!(client(&form(&[("id_token_hint", &hint)]), &issuer(), ring()), Some("oa".to_owned()));
    }

    #[test]
    fn whoever_cannot_show_a_token_of_this_session_makes_us_ask() {
        assert_eq!(ask(&[], Some(&signed_in())), Decision::Ask { then: None });
        let plain = ask(&[("client_id", "oa"), AFTER], Some(&signed_in()));
        assert_eq!(plain, Decision::Ask { then: Some("https://oa.example.org/bye".to_owned()) });
        let hint = id_token_for(&signed_in(), "oa");
        let mut other = signed_in();
        other.person = Some(li());
        assert_eq!(ask(&[("id_token_hint", &hint)], Some(&other)), Decision::Ask { then: None });
    }

    #[test]
    fn nobody_is_sent_to_an_address_that_is_not_registered() {
        for uri in ["https://evil.net/", "https://oa.example.org/bye/", "https://oa.example.org/bye?x"] {
            let decision = ask(&[("client_id", "oa"), ("post_logout_redirect_uri", uri)], Some(&signed_in()));
            assert_eq!(decision, Decision::Refuse(Refusal::WrongRedirectUri), "{uri}");
        }
    }

    #[test]
    fn forged_hints_and_hints_of_other_systems_are_refused() {
        let hint = id_token_for(&signed_in(), "oa");
        assert_eq!(
            ask(&[("id_token_hint", "a.b.c")], Some(&signed_in())),
            Decision::Refuse(Refusal::Malformed)
        );
        let crossed = ask(&[("id_token_hint", &hint), ("client_id", "erp")], Some(&signed_in()));
        assert_eq!(crossed, Decision::Refuse(Refusal::UnknownSystem));
    }

    #[test]
    fn without_a_session_it_is_done_already() {
        assert_eq!(ask(&[], None), Decision::End { then: None });
    }
}
