//! The authorization endpoint: RFC 6749 section 4.1 with PKCE (RFC 7636), the issuer in the answer (RFC 9207), and
//! OpenID Connect Core section 3.1.2. Systems are registered by the administrator, so nobody is asked for consent.

use serde::{Deserialize, Serialize};

use crate::address;
use crate::id_token;
use crate::issuer::Issuer;
use crate::keys::KeyRing;
use crate::moment::{Lifetimes, Moment};
use crate::parameters::Parameters;
use crate::person::Scopes;
use crate::refusal::Refusal;
use crate::relying_party::{OpenId, RelyingParty};
use crate::secret::{Digest, Random};
use crate::session::{Participation, SignedIn};
use crate::step_up::{self, Strength};

mod request;

use request::{Request, RequestError};

/// What a system was granted in one tab's session. Everything that comes of it names it and dies with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Names it; no secret.
    pub id: String,
    /// The system.
    pub client: String,
    /// The person's `sub`.
    pub subject: String,
    /// The tab's session.
    pub child: Digest,
    /// The system's name for the session.
    pub sid: String,
    /// What may be told.
    pub scopes: Scopes,
    /// When the person has proved who they are.
    pub auth_time: Moment,
    /// How.
    #[serde(default)]
    pub strength: Strength,
}

/// What is stored of an authorization code, under its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// What it gives.
    pub grant: Grant,
    /// `redirect_uri` of the request, when it had one.
    pub redirect_uri: Option<String>,
    /// `code_challenge` of the request.
    pub challenge: Option<Digest>,
    /// `nonce` of the request.
    pub nonce: Option<String>,
    /// End.
    pub expires: Moment,
}

/// What is known for a request.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The system of `client_id`.
    pub party: Option<&'a RelyingParty>,
    /// What the session's cookie leads to.
    pub session: Option<&'a SignedIn>,
    /// The system's part in that session, when it has one already.
    pub participation: Option<&'a Participation>,
    /// The provider's address.
    pub issuer: &'a Issuer,
    /// How long things live.
    pub lifetimes: &'a Lifetimes,
    /// Keys, for hints.
    pub ring: &'a KeyRing,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Show the page of refusals: where to send the browser is not certain.
    Refuse(Refusal),
    /// Send the browser back with an error.
    SendBack {
        /// Where to.
        to: String,
        /// The error's word.
        error: &'static str,
        /// What the developer of the system is told; nothing of the request stands in it.
        why: &'static str,
    },
    /// Nobody is signed in in this tab: the app has to fetch a ticket for this system.
    Enter {
        /// Name of the system.
        app: String,
    },
    /// The person has to prove anew who they are.
    Prove {
        /// Where the browser goes when they do not.
        otherwise: String,
    },
    /// Send the browser back with a code.
    Grant(Box<Granted>),
}

/// A code was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// Where to.
    pub to: String,
    /// Store the code under this.
    pub hash: Digest,
    /// What to store.
    pub code: Code,
    /// Store this with the session.
    pub participation: Participation,
}

/// Decides about a request; `client_id` has led to `facts.party`.
pub fn decide(parameters: &Parameters, facts: &Facts<'_>, now: Moment, random: &mut Random) -> Decision {
    let Some(party) = facts.party.filter(|party| party.enabled) else {
        return Decision::Refuse(Refusal::UnknownSystem);
    };
    let Some(open_id) = &party.open_id else { return Decision::Refuse(Refusal::WrongWay) };
    let Some(target) = redirect_uri(parameters, open_id) else {
        return Decision::Refuse(Refusal::WrongRedirectUri);
    };
    let back = Back { target, state: parameters.value("state"), issuer: facts.issuer };
    match Request::read(parameters, open_id) {
        Err(error) => back.error(error),
        Ok(request) => answer(&request, party, &back, facts, now, random),
    }
}

/// The address to answer at: the one of the request when it is registered; without one the only registered, which
/// OAuth 2.0 allows and OpenID Connect does not.
fn redirect_uri<'a>(parameters: &'a Parameters, open_id: &'a OpenId) -> Option<&'a str> {
    if parameters.repeated() == Some("redirect_uri") || parameters.repeated() == Some("client_id") {
        return None;
    }
    if let Some(asked) = parameters.value("redirect_uri") {
        return address::is_registered(asked, &open_id.redirect_uris, open_id.is_native).then_some(asked);
    }
    let is_open_id =
        parameters.value("scope").is_some_and(|scope| scope.split(' ').any(|one| one == "openid"));
    match open_id.redirect_uris.as_slice() {
        [only] if !is_open_id => Some(only),
        _ => None,
    }
}

/// The way back to the system.
struct Back<'a> {
    target: &'a str,
    state: Option<&'a str>,
    issuer: &'a Issuer,
}

impl Back<'_> {
    fn with(&self, parameters: &[(&str, &str)]) -> String {
        let mut all = parameters.to_vec();
        all.extend(self.state.map(|state| ("state", state)));
        all.push(("iss", self.issuer.as_str()));
        address::with_parameters(self.target, &all)
    }

    fn error(&self, RequestError { code, description }: RequestError) -> Decision {
        let to = self.with(&[("error", code), ("error_description", description)]);
        Decision::SendBack { to, error: code, why: description }
    }
}

fn answer(
    request: &Request<'_>,
    party: &RelyingParty,
    back: &Back<'_>,
    facts: &Facts<'_>,
    now: Moment,
    random: &mut Random,
) -> Decision {
    let person = facts.session.and_then(|session| session.person(facts.lifetimes, now));
    let (Some(session), Some(person)) = (facts.session, person) else {
        if request.is_silent {
            return back.error(RequestError::new("login_required", "nobody is signed in"));
        }
        return Decision::Enter { app: party.id.clone() };
    };
    if party.admits(Some(person)).is_err() {
        return back.error(RequestError::new("access_denied", "this person may not use the system"));
    }
    let is_other = |hint: &str| {
        id_token::hint(hint, facts.issuer, facts.ring).is_none_or(|hint| hint.subject != person.subject)
    };
    if request.hint.is_some_and(is_other) {
        return back.error(RequestError::new("login_required", "somebody else is signed in"));
    }
    if let Some(error) = what_is_missing(request, party, session, now) {
        if request.is_silent {
            return back.error(RequestError::new(error, "the person has to prove again who they are"));
        }
        let refused =
            [("error", "access_denied"), ("error_description", "the person has not proved who they are")];
        return Decision::Prove { otherwise: back.with(&refused) };
    }
    let sid =
        facts.participation.map_or_else(|| random.secret().as_str().to_owned(), |known| known.sid.clone());
    let grant = Grant {
        id: random.secret().as_str().to_owned(),
        client: party.id.clone(),
        subject: person.subject.clone(),
        child: session.child.cookie,
        sid: sid.clone(),
        scopes: request.scopes.clone(),
        auth_time: session.auth_time(),
        strength: session.strength(),
    };
    let code = random.secret();
    Decision::Grant(Box::new(Granted {
        to: back.with(&[("code", code.as_str())]),
        hash: code.digest(),
        code: Code {
            grant,
            redirect_uri: request.redirect_uri.map(str::to_owned),
            challenge: request.challenge,
            nonce: request.nonce.map(str::to_owned),
            expires: now.plus(facts.lifetimes.code),
        },
        participation: Participation {
            party: party.id.clone(),
            user: person.subject.clone(),
            sid,
            service_ticket: None,
            service: None,
        },
    }))
}

/// The error for a system that wants silence, when the person has to prove anew who they are (OpenID Connect Core
/// sections 3.1.2.1 and 3.1.2.6).
fn what_is_missing(
    request: &Request<'_>,
    party: &RelyingParty,
    session: &SignedIn,
    now: Moment,
) -> Option<&'static str> {
    if session.has_just_proved(&party.id, now) {
        return None;
    }
    if request.wants_newer_than(session.auth_time(), now) {
        return Some("login_required");
    }
    let is_too_weak = request.strength.is_some_and(|wanted| session.strength() < wanted);
    (is_too_weak || step_up::is_wanted_by(party, session)).then_some("interaction_required")
}

#[cfg(test)]
mod tests;
