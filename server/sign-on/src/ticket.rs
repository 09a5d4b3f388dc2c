//! The way in: a one-time ticket that the app fetches over its stream, bound to a random cookie which the app puts
//! into the tab's store before it navigates. PKCE for tickets: who only reads the address gets nowhere.

use serde::{Deserialize, Serialize};

use crate::issuer::Issuer;
use crate::moment::{Lifetimes, Moment};
use crate::person::Person;
use crate::refusal::Refusal;
use crate::relying_party::RelyingParty;
use crate::secret::{Digest, Random, Secret};
use crate::session::{Child, Parent, begin_child};
use crate::taken::Taken;

/// Name of the cookie that a ticket is bound to.
pub const BIND_COOKIE: &str = "__Host-sso_bind";
/// Name of the cookie of the confirmation page.
pub const CONFIRM_COOKIE: &str = "__Host-sso_confirm";
/// Where tickets are redeemed.
pub const ENTER_PATH: &str = "/sso/enter";

/// What the app asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish<'a> {
    /// The system.
    pub app: &'a str,
    /// Base64url of the SHA-256 of the verifier that will be in the cookie; none for a link that a standard client
    /// opens in the system's browser.
    pub bind: Option<&'a str>,
    /// Relative path below the system's address.
    pub path: Option<&'a str>,
}

/// Who asks, over a stream that has signed in.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// The person, when the account is live.
    pub person: Option<&'a Person>,
    /// Full address of the stream.
    pub instance: &'a str,
    /// When the stream signed in.
    pub auth_time: Moment,
    /// Tickets the person has got in the last minute.
    pub in_the_last_minute: u32,
}

/// What is stored of a ticket, under its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Login of the person.
    pub login: String,
    /// Full address of the app's stream.
    pub instance: String,
    /// When the stream signed in.
    pub auth_time: Moment,
    /// What the cookie's value has as SHA-256.
    pub bind: Option<Digest>,
    /// The system.
    pub app: String,
    /// Relative path.
    pub path: Option<String>,
    /// End.
    pub expires: Moment,
}

/// A ticket that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// Where the tab goes.
    pub url: String,
    /// Seconds until it is worthless.
    pub expires_in: i64,
    /// Store this under that.
    pub hash: Digest,
    /// What to store.
    pub ticket: Ticket,
}

/// Makes a ticket.
///
/// # Errors
/// Why there is none.
pub fn issue(
    wish: &Wish<'_>,
    asker: &Asker<'_>,
    party: Option<&RelyingParty>,
    (issuer, lifetimes): (&Issuer, &Lifetimes),
    now: Moment,
    random: &mut Random,
) -> Result<Issued, Refusal> {
    let party = party.filter(|party| party.enabled && party.id == wish.app).ok_or(Refusal::UnknownSystem)?;
    party.admits(asker.person)?;
    let person = asker.person.ok_or(Refusal::AccountClosed)?;
    if asker.in_the_last_minute >= lifetimes.tickets_per_minute {
        return Err(Refusal::TooMany);
    }
    let bind = match wish.bind {
        None => None,
        Some(text) => Some(Digest::parse(text).ok_or(Refusal::Malformed)?),
    };
    party.begin_at(wish.path)?;
    let secret = random.secret();
    let ticket = Ticket {
        login: person.login.clone(),
        instance: asker.instance.to_owned(),
        auth_time: asker.auth_time,
        bind,
        app: party.id.clone(),
        path: wish.path.map(str::to_owned),
        expires: now.plus(lifetimes.ticket),
    };
    Ok(Issued {
        url: issuer.with(ENTER_PATH, &[("t", secret.as_str())]),
        expires_in: lifetimes.ticket,
        hash: secret.digest(),
        ticket,
    })
}

/// A browser at the door.
#[derive(Debug, Clone, Copy, Default)]
pub struct Arrival<'a> {
    /// The ticket.
    pub ticket: Option<&'a str>,
    /// Value of [`BIND_COOKIE`].
    pub bind: Option<&'a str>,
    /// `Sec-Fetch-Site`
    pub fetch_site: Option<&'a str>,
    /// `Sec-Fetch-Dest`
    pub fetch_destination: Option<&'a str>,
}

impl Arrival<'_> {
    /// The hash of the ticket to take, when the browser was not led here by a page.
    ///
    /// # Errors
    /// It was, or there is no ticket. Nothing is taken then.
    pub fn ticket_to_take(&self) -> Result<Digest, Refusal> {
        if self.fetch_site.is_some_and(|site| site != "none")
            || self.fetch_destination.is_some_and(|destination| destination != "document")
        {
            return Err(Refusal::LedByAnotherSite);
        }
        let ticket = self.ticket.filter(|ticket| ticket.len() == 43).ok_or(Refusal::UnknownTicket)?;
        Ok(Digest::of(ticket))
    }
}

/// What is known when a ticket was taken.
#[derive(Debug, Clone, Copy)]
pub struct EntryFacts<'a> {
    /// The person of the ticket, when the account is live.
    pub person: Option<&'a Person>,
    /// The system of the ticket.
    pub party: Option<&'a RelyingParty>,
    /// The parent of the same app, when there is one that lasts.
    pub parent: Option<&'a Parent>,
}

/// The tab is in.
#[derive(Debug, Clone)]
pub struct Entered {
    /// Value of the session's cookie.
    pub cookie: Secret,
    /// Store this.
    pub child: Child,
    /// Store this as well when it is new.
    pub parent: Parent,
    /// Where the tab goes.
    pub launch: String,
}

/// Lets a tab in by a ticket that was just taken.
///
/// # Errors
/// Why not. The ticket is gone all the same.
pub fn enter(
    arrival: &Arrival<'_>,
    taken: &Taken<Ticket>,
    facts: &EntryFacts<'_>,
    now: Moment,
    random: &mut Random,
) -> Result<Entered, Refusal> {
    let Taken::Fresh(ticket) = taken else { return Err(Refusal::UnknownTicket) };
    let held = arrival.bind.map(Digest::of);
    if ticket.bind.is_none() || held != ticket.bind {
        return Err(Refusal::OtherBrowser);
    }
    admit(ticket, facts, now, random)
}

/// A person who has pressed the button on the confirmation page.
#[derive(Debug, Clone, Copy, Default)]
pub struct Confirmation<'a> {
    /// The ticket, from the form.
    pub ticket: Option<&'a str>,
    /// The mark of the page, from the form.
    pub mark: Option<&'a str>,
    /// Value of [`CONFIRM_COOKIE`].
    pub cookie: Option<&'a str>,
    /// `Sec-Fetch-Site`
    pub fetch_site: Option<&'a str>,
}

impl Confirmation<'_> {
    /// The hash of the ticket to take, when the form is the one of our page.
    ///
    /// # Errors
    /// It is not. Nothing is taken then.
    pub fn ticket_to_take(&self) -> Result<Digest, Refusal> {
        check_mark(self.mark, self.cookie, self.fetch_site)?;
        let ticket = self.ticket.filter(|ticket| ticket.len() == 43).ok_or(Refusal::UnknownTicket)?;
        Ok(Digest::of(ticket))
    }
}

/// Lets a browser in that has confirmed; only tickets that are bound to nothing are entered like that.
///
/// # Errors
/// Why not. The ticket is gone all the same.
pub fn enter_confirmed(
    taken: &Taken<Ticket>,
    facts: &EntryFacts<'_>,
    now: Moment,
    random: &mut Random,
) -> Result<Entered, Refusal> {
    let Taken::Fresh(ticket) = taken else { return Err(Refusal::UnknownTicket) };
    if ticket.bind.is_some() {
        return Err(Refusal::OtherBrowser);
    }
    admit(ticket, facts, now, random)
}

/// A form of our own page holds the hash of a cookie that came with the page: another site can neither read nor
/// guess it.
///
/// # Errors
/// It is not such a form.
pub fn check_mark(mark: Option<&str>, cookie: Option<&str>, fetch_site: Option<&str>) -> Result<(), Refusal> {
    if fetch_site.is_some_and(|site| site != "same-origin") {
        return Err(Refusal::ForgedForm);
    }
    let (Some(mark), Some(cookie)) = (mark.and_then(Digest::parse), cookie) else {
        return Err(Refusal::ForgedForm);
    };
    if mark == Digest::of(cookie) { Ok(()) } else { Err(Refusal::ForgedForm) }
}

fn admit(
    ticket: &Ticket,
    facts: &EntryFacts<'_>,
    now: Moment,
    random: &mut Random,
) -> Result<Entered, Refusal> {
    if now > ticket.expires {
        return Err(Refusal::TicketExpired);
    }
    let party = facts.party.filter(|party| party.id == ticket.app).ok_or(Refusal::UnknownSystem)?;
    let person = facts.person.filter(|person| person.login == ticket.login).ok_or(Refusal::AccountClosed)?;
    party.admits(Some(person))?;
    let launch = party.begin_at(ticket.path.as_deref())?;
    let known =
        facts.parent.filter(|parent| parent.instance == ticket.instance && parent.login == ticket.login);
    let parent = match known {
        Some(parent) => Parent { last_seen: now, auth_time: ticket.auth_time, ..parent.clone() },
        None => Parent {
            id: random.secret().as_str().to_owned(),
            login: ticket.login.clone(),
            instance: ticket.instance.clone(),
            created: now,
            auth_time: ticket.auth_time,
            last_seen: now,
            gone_since: None,
        },
    };
    let (cookie, child) = begin_child(&parent, now, random);
    Ok(Entered { cookie, child, parent, launch })
}

#[cfg(test)]
mod tests;
