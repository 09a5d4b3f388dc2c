//! Validation of service tickets: `/validate` of CAS 1, `/serviceValidate` of CAS 2, `/p3/serviceValidate` of CAS 3.

use super::{PREFIX, ServiceTicket, service};
use crate::moment::{Lifetimes, Moment};
use crate::parameters::Parameters;
use crate::person::Person;
use crate::relying_party::RelyingParty;
use crate::secret::{Digest, Random};
use crate::session::{Participation, SignedIn};
use crate::taken::Taken;

/// Why a ticket is not valid (section 2.5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// A parameter is missing, comes twice, or asks for an answer that is not offered.
    InvalidRequest,
    /// The ticket is a proxy ticket, where only service tickets are taken.
    InvalidTicketSpec,
    /// The ticket is unknown, used, too old, or its session is over.
    InvalidTicket,
    /// The ticket was made for another service.
    InvalidService,
    /// The system wants a proxy-granting ticket, and none is given out.
    UnauthorizedServiceProxy,
    /// The same, to be sent where it would not be safe.
    InvalidProxyCallback,
}

impl Failure {
    /// Its word on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "INVALID_REQUEST",
            Self::InvalidTicketSpec => "INVALID_TICKET_SPEC",
            Self::InvalidTicket => "INVALID_TICKET",
            Self::InvalidService => "INVALID_SERVICE",
            Self::UnauthorizedServiceProxy => "UNAUTHORIZED_SERVICE_PROXY",
            Self::InvalidProxyCallback => "INVALID_PROXY_CALLBACK",
        }
    }

    /// Nothing of the request stands in it.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::InvalidRequest => {
                "'service' and 'ticket' are needed, each once; 'format' may be XML or JSON"
            }
            Self::InvalidTicketSpec => "this is a proxy ticket, which is not good here",
            Self::InvalidTicket => "the ticket is unknown, was used before, or has expired",
            Self::InvalidService => "the ticket was made for another service",
            Self::UnauthorizedServiceProxy => "proxy tickets are not given out: leave 'pgtUrl' away",
            Self::InvalidProxyCallback => "'pgtUrl' is no https address, and proxy tickets are not given out",
        }
    }
}

/// The hash of the ticket to take. `takes_proxy_tickets`: they are as good as service tickets here (section 2.6), though
/// none is ever given out.
///
/// # Errors
/// The request is wrong in itself; nothing is taken then.
pub fn ticket_to_take(parameters: &Parameters, takes_proxy_tickets: bool) -> Result<Digest, Failure> {
    let (Some(ticket), Some(_), None) =
        (parameters.value("ticket"), parameters.value("service"), parameters.repeated())
    else {
        return Err(Failure::InvalidRequest);
    };
    let is_offered = |format: &str| ["xml", "json"].iter().any(|one| format.eq_ignore_ascii_case(one));
    if parameters.value("format").is_some_and(|format| !is_offered(format)) {
        return Err(Failure::InvalidRequest);
    }
    if ticket.starts_with("PT-") && !takes_proxy_tickets {
        return Err(Failure::InvalidTicketSpec);
    }
    let is_harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !ticket.starts_with(PREFIX) || ticket.len() > 256 || !ticket.bytes().all(is_harmless) {
        return Err(Failure::InvalidTicket);
    }
    Ok(Digest::of(ticket))
}

/// What is known when the ticket was taken.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The system of the ticket.
    pub party: Option<&'a RelyingParty>,
    /// The session of the ticket.
    pub session: Option<&'a SignedIn>,
    /// How long things live.
    pub lifetimes: &'a Lifetimes,
    /// The protocol knows proxies: CAS 2 and later.
    pub knows_proxies: bool,
}

/// The ticket is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Valid<'a> {
    /// What the system takes for the name of the user.
    pub user: &'a str,
    /// Who it is.
    pub person: &'a Person,
    /// When the person has proved it.
    pub auth_time: Moment,
    /// The person had just proved who they are, for this system, when the ticket was made.
    pub is_from_new_login: bool,
    /// Store this with the session.
    pub participation: Participation,
}

/// Decides about a ticket that was just taken: it is gone whatever comes out (section 3.1.1).
///
/// # Errors
/// What the system is told.
pub fn validate<'a>(
    parameters: &Parameters,
    taken: &Taken<ServiceTicket>,
    facts: &Facts<'a>,
    now: Moment,
    random: &mut Random,
) -> Result<Valid<'a>, Failure> {
    let Taken::Fresh(ticket) = taken else { return Err(Failure::InvalidTicket) };
    if now > ticket.expires {
        return Err(Failure::InvalidTicket);
    }
    let asked = parameters.value("service").and_then(service::normal).map(|url| url.to_string());
    if asked.as_ref() != Some(&ticket.service) {
        return Err(Failure::InvalidService);
    }
    let session = facts.session.filter(|session| session.child.cookie == ticket.child);
    let session = session.ok_or(Failure::InvalidTicket)?;
    let person = session.person(facts.lifetimes, now).ok_or(Failure::InvalidTicket)?;
    let party = facts.party.filter(|party| party.id == ticket.party).ok_or(Failure::InvalidTicket)?;
    party.admits(Some(person)).map_err(|_| Failure::InvalidTicket)?;
    let cas = party.cas.as_ref().ok_or(Failure::InvalidTicket)?;
    let made = ticket.expires.plus(-facts.lifetimes.service_ticket);
    let is_from_new_login = session.has_just_proved(&party.id, made);
    if parameters.has("renew") && !is_from_new_login {
        return Err(Failure::InvalidTicket);
    }
    let user = cas.user.of(person).ok_or(Failure::InvalidTicket)?;
    if facts.knows_proxies {
        refuse_proxies(parameters)?;
    }
    Ok(Valid {
        user,
        person,
        auth_time: session.auth_time(),
        is_from_new_login,
        participation: Participation {
            party: party.id.clone(),
            user: user.to_owned(),
            sid: random.secret().as_str().to_owned(),
            service_ticket: parameters.value("ticket").map(str::to_owned),
            service: Some(ticket.service.clone()),
        },
    })
}

/// Without a proxy-granting ticket the validation fails as a whole (section 2.5.4); nothing is fetched from there.
fn refuse_proxies(parameters: &Parameters) -> Result<(), Failure> {
    match parameters.value("pgtUrl") {
        None => Ok(()),
        Some(callback) if callback.starts_with("https://") => Err(Failure::UnauthorizedServiceProxy),
        Some(_) => Err(Failure::InvalidProxyCallback),
    }
}
