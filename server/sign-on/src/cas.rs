//! A CAS server (CAS Protocol 3.0): login, validation in all its forms, and single sign-out. Proxy tickets are not
//! offered: who asks for one (`pgtUrl`, `/proxy`) is told so, and nothing is ever fetched.

use serde::{Deserialize, Serialize};

use crate::address;
use crate::moment::{Lifetimes, Moment};
use crate::parameters::Parameters;
use crate::refusal::Refusal;
use crate::relying_party::RelyingParty;
use crate::secret::{Digest, Random};
use crate::session::SignedIn;
use crate::step_up;

pub mod answer;
pub mod leave;
pub mod proxy;
pub mod service;
pub mod validation;

/// What every service ticket begins with (section 3.1.1).
pub const PREFIX: &str = "ST-";

/// What is stored of a service ticket, under its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceTicket {
    /// The system.
    pub party: String,
    /// The service as it was asked for, normalised.
    pub service: String,
    /// The tab's session.
    pub child: Digest,
    /// End.
    pub expires: Moment,
}

/// What to do with a browser at `/cas/login`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// Show the page of refusals.
    Refuse(Refusal),
    /// Show that somebody is signed in: no service was named.
    SignedIn,
    /// Nobody is signed in in this tab: the app has to fetch a ticket for this system; none when no service was named.
    Enter {
        /// Name of the system.
        app: Option<String>,
    },
    /// The person has to prove anew who they are.
    Prove {
        /// The system.
        party: Box<RelyingParty>,
    },
    /// Back to the service without a ticket (`gateway`).
    Back {
        /// Where to.
        to: String,
    },
    /// Back to the service with a ticket.
    Grant {
        /// Where to.
        to: String,
        /// Store the ticket under this.
        hash: Digest,
        /// What to store.
        ticket: ServiceTicket,
    },
}

/// Decides about a login. `registered` are all systems; the service chooses among them.
pub fn login(
    parameters: &Parameters,
    registered: &[RelyingParty],
    session: Option<&SignedIn>,
    lifetimes: &Lifetimes,
    now: Moment,
    random: &mut Random,
) -> Login {
    if parameters.repeated().is_some() {
        return Login::Refuse(Refusal::Malformed);
    }
    let person = session.and_then(|session| session.person(lifetimes, now));
    let Some(asked) = parameters.value("service") else {
        return if person.is_some() { Login::SignedIn } else { Login::Enter { app: None } };
    };
    let Some((party, service)) = service::find(asked, registered) else {
        return Login::Refuse(Refusal::WrongService);
    };
    // `renew` goes before `gateway` (section 2.1.1).
    let renews = parameters.has("renew");
    let (Some(session), Some(person)) = (session, person) else {
        if parameters.has("gateway") && !renews {
            return Login::Back { to: service };
        }
        return Login::Enter { app: Some(party.id.clone()) };
    };
    if let Err(refusal) = party.admits(Some(person)) {
        return Login::Refuse(refusal);
    }
    // Whoever asks for `renew` wants the person to prove anew who they are; a session is no such proof.
    let is_missing = renews || step_up::is_wanted_by(party, session);
    if is_missing && !session.has_just_proved(&party.id, now) {
        if parameters.has("gateway") && !renews {
            return Login::Back { to: service };
        }
        return Login::Prove { party: Box::new(party.clone()) };
    }
    let ticket = format!("{PREFIX}{}", random.secret().as_str());
    Login::Grant {
        to: address::with_parameters(&service, &[("ticket", &ticket)]),
        hash: Digest::of(&ticket),
        ticket: ServiceTicket {
            party: party.id.clone(),
            service,
            child: session.child.cookie,
            expires: now.plus(lifetimes.service_ticket),
        },
    }
}

/// The body of single sign-out (section 2.3.3): a SAML LogoutRequest with the ticket by which the system knows its
/// session.
pub fn logout_request(ticket: &str, user: &str, now: Moment, random: &mut Random) -> String {
    format!(
        "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"LR-{}\" Version=\"2.0\" IssueInstant=\"{}\">\
         <saml:NameID>{}</saml:NameID><samlp:SessionIndex>{}</samlp:SessionIndex></samlp:LogoutRequest>",
        random.secret().as_str(),
        now.to_text(),
        answer::escape(user),
        answer::escape(ticket)
    )
}

#[cfg(test)]
mod tests;
