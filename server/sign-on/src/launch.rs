//! Launch tickets, for systems that speak no protocol: the ticket is appended to the system's address, and the system
//! posts it back to us with its secret to learn who it is.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::address;
use crate::moment::{Lifetimes, Moment};
use crate::person::Scopes;
use crate::refusal::Refusal;
use crate::relying_party::RelyingParty;
use crate::secret::{Digest, Random};
use crate::session::{Participation, SignedIn};
use crate::step_up;
use crate::taken::Taken;

/// What a ticket begins with.
const PREFIX: &str = "LT-";

/// What is stored of a launch ticket, under its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaunchTicket {
    /// The system.
    pub party: String,
    /// The tab's session.
    pub child: Digest,
    /// End.
    pub expires: Moment,
}

/// What to do with a browser at `/launch/…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Show the page of refusals.
    Refuse(Refusal),
    /// Nobody is signed in in this tab: the app has to fetch a ticket for this system.
    Enter {
        /// Name of the system.
        app: String,
    },
    /// The person has to prove anew who they are.
    Prove {
        /// The system.
        party: Box<RelyingParty>,
    },
    /// To the system with a ticket.
    Grant {
        /// Where to.
        to: String,
        /// Store the ticket under this.
        hash: Digest,
        /// What to store.
        ticket: LaunchTicket,
    },
}

/// Decides about a launch; `path` is relative.
pub fn launch(
    party: Option<&RelyingParty>,
    path: Option<&str>,
    session: Option<&SignedIn>,
    lifetimes: &Lifetimes,
    now: Moment,
    random: &mut Random,
) -> Decision {
    let Some(party) = party.filter(|party| party.enabled) else {
        return Decision::Refuse(Refusal::UnknownSystem);
    };
    if party.launch_ticket.is_none() {
        return Decision::Refuse(Refusal::WrongWay);
    }
    let Some((session, person)) = session.and_then(|one| Some((one, one.person(lifetimes, now)?))) else {
        return Decision::Enter { app: party.id.clone() };
    };
    let to = party.admits(Some(person)).and_then(|()| party.begin_at(path));
    let to = match to {
        Ok(to) => to,
        Err(refusal) => return Decision::Refuse(refusal),
    };
    if step_up::is_wanted_by(party, session) {
        return Decision::Prove { party: Box::new(party.clone()) };
    }
    let ticket = format!("{PREFIX}{}", random.secret().as_str());
    Decision::Grant {
        to: address::with_parameters(&to, &[("ticket", &ticket)]),
        hash: Digest::of(&ticket),
        ticket: LaunchTicket {
            party: party.id.clone(),
            child: session.child.cookie,
            expires: now.plus(lifetimes.launch_ticket),
        },
    }
}

/// A ticket was redeemed.
#[derive(Debug, Clone, PartialEq)]
pub struct Redeemed {
    /// The body of the answer.
    pub answer: Value,
    /// Store this with the session.
    pub participation: Participation,
}

/// Redeems a ticket that was just taken, for a system that has proved itself by its secret.
///
/// # Errors
/// The ticket is not good, or was made for another system.
pub fn redeem(
    party: &RelyingParty,
    taken: &Taken<LaunchTicket>,
    session: Option<&SignedIn>,
    lifetimes: &Lifetimes,
    now: Moment,
    random: &mut Random,
) -> Result<Redeemed, Refusal> {
    let Taken::Fresh(ticket) = taken else { return Err(Refusal::UnknownTicket) };
    if ticket.party != party.id {
        return Err(Refusal::UnknownTicket);
    }
    if now > ticket.expires {
        return Err(Refusal::TicketExpired);
    }
    let session =
        session.filter(|session| session.child.cookie == ticket.child).ok_or(Refusal::NotSignedIn)?;
    let person = session.person(lifetimes, now).ok_or(Refusal::NotSignedIn)?;
    party.admits(Some(person))?;
    let all = Scopes::parse("openid profile email phone groups").unwrap_or_default();
    let mut claims: Map<String, Value> = person.claims(&all);
    let sid = random.secret().as_str().to_owned();
    claims.insert("sub".to_owned(), json!(person.subject));
    claims.insert("sid".to_owned(), json!(sid));
    claims.insert("auth_time".to_owned(), json!(session.auth_time().0));
    Ok(Redeemed {
        answer: Value::Object(claims),
        participation: Participation {
            party: party.id.clone(),
            user: person.subject.clone(),
            sid,
            service_ticket: None,
            service: None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::{Decision, LaunchTicket, launch, redeem};
    use crate::moment::{Lifetimes, Moment};
    use crate::refusal::Refusal;
    use crate::relying_party::RelyingParty;
    use crate::session::SignedIn;
    use crate::taken::Taken;
    use crate::testing::{NOW, mail, oa, random, signed_in};

    fn go(party: &RelyingParty, path: Option<&str>, session: Option<&SignedIn>) -> Decision {
        launch(Some(party), path, session, &Lifetimes::default(), NOW, &mut random())
    }

    fn ticket() -> LaunchTicket {
        let Decision::Grant { to, ticket, .. } = go(&mail(), Some("/inbox"), Some(&signed_in())) else {
            panic!("no ticket")
        };
        assert!(to.starts_with("https://mail.example.org/inbox?ticket=LT-"), "{to}");
        ticket
    }

    fn give(
        party: &RelyingParty,
        taken: &Taken<LaunchTicket>,
        now: Moment,
    ) -> Result<serde_json::Value, Refusal> {
        let session = signed_in();
        redeem(party, taken, Some(&session), &Lifetimes::default(), now, &mut random())
            .map(|done| done.answer)
    }

    #[test]
    fn a_home_grown_system_learns_who_comes() {
        let told = give(&mail(), &Taken::Fresh(ticket()), NOW.plus(3)).unwrap();
        assert_eq!((told["sub"].as_str(), told["name"].as_str()), (Some("p7"), Some("张爱丽")));
        assert_eq!(told["groups"][0], "总部/财务部");
    }

    #[test]
    fn a_ticket_lives_ten_seconds_serves_once_and_its_own_system() {
        let fresh = || Taken::Fresh(ticket());
        assert_eq!(give(&mail(), &fresh(), NOW.plus(11)), Err(Refusal::TicketExpired));
        assert_eq!(give(&oa(), &fresh(), NOW), Err(Refusal::UnknownTicket));
        assert_eq!(give(&mail(), &Taken::Spent(ticket()), NOW), Err(Refusal::UnknownTicket));
    }

    #[test]
    fn nobody_else_and_nothing_else_is_launched() {
        assert_eq!(go(&mail(), None, None), Decision::Enter { app: "mail".to_owned() });
        assert_eq!(go(&oa(), None, Some(&signed_in())), Decision::Refuse(Refusal::WrongWay));
        assert_eq!(go(&mail(), Some("//evil.net"), Some(&signed_in())), Decision::Refuse(Refusal::WrongPath));
    }
}
