//! Forward-auth: a proxy asks for every request whether it may pass (nginx `auth_request`, Traefik, Caddy). The
//! cookie belongs to the site's own host, where the proxy hands one path over to us, so no domain has to be shared.
//!
//! The way of a browser without cookie: the site's `/.posthouse/sign-in` sets a state cookie there and sends the
//! browser to the provider; the provider, where the session is, makes a ticket that is bound to site and state; the
//! site's `/.posthouse/callback` redeems it and sets the site's cookie.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::address;
use crate::issuer::Issuer;
use crate::keys::KeyRing;
use crate::moment::{Lifetimes, Moment};
use crate::parameters::encode;
use crate::refusal::Refusal;
use crate::relying_party::{Algorithm, RelyingParty};
use crate::secret::{Digest, Random, Secret};
use crate::session::SignedIn;
use crate::step_up;
use crate::taken::Taken;

/// Name of the site's cookie.
pub const SITE_COOKIE: &str = "__Host-posthouse";
/// Name of the cookie that binds the way to the provider and back to one browser.
pub const STATE_COOKIE: &str = "__Host-posthouse_state";
/// Path on the site's host that the proxy hands over to us.
pub const SITE_PATH: &str = "/.posthouse";
/// Path of the provider that makes tickets.
pub const AUTHORIZE: &str = "/forward-auth/authorize";

/// What is stored of a ticket on its way back, under its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteTicket {
    /// The site.
    pub site: String,
    /// Hash of the state cookie.
    pub state: Digest,
    /// The tab's session.
    pub child: Digest,
    /// Where the browser wanted to go.
    pub path: String,
    /// End.
    pub expires: Moment,
}

/// What is stored of a site's cookie, under its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteCookie {
    /// The only site it is good for.
    pub site: String,
    /// The tab's session.
    pub child: Digest,
}

/// The registered system of an address that a proxy tells, and the address's origin.
///
/// # Errors
/// There is none.
pub fn system_of<'a>(
    url: &str,
    registered: &'a [RelyingParty],
) -> Result<(&'a RelyingParty, String), Refusal> {
    let site = address::origin(url).ok_or(Refusal::WrongSite)?;
    let owns = |party: &&RelyingParty| {
        party.enabled && party.forward_auth.as_ref().is_some_and(|forward| forward.sites.contains(&site))
    };
    registered.iter().find(owns).map(|party| (party, site)).ok_or(Refusal::WrongSite)
}

/// Headers for the site, when a request may pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// Names and values; all of them ASCII.
    pub headers: Vec<(&'static str, String)>,
}

/// Why a request may not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Sign in first: the proxy sends the browser to [`SITE_PATH`]`/sign-in`.
    SignIn,
    /// Not this person, or not this site.
    Forbidden(Refusal),
}

/// Decides about one request that the proxy asks for. `url` is what the proxy tells of it; `cookie` is what the site's
/// cookie leads to.
///
/// # Errors
/// It may not pass.
pub fn check(
    url: &str,
    registered: &[RelyingParty],
    cookie: Option<(&SiteCookie, &SignedIn)>,
    (issuer, lifetimes, ring): (&Issuer, &Lifetimes, &KeyRing),
    now: Moment,
) -> Result<Pass, Stop> {
    let (party, site) = system_of(url, registered).map_err(Stop::Forbidden)?;
    let (cookie, session) = cookie.ok_or(Stop::SignIn)?;
    if cookie.site != site || cookie.child != session.child.cookie {
        return Err(Stop::SignIn);
    }
    let person = session.person(lifetimes, now).ok_or(Stop::SignIn)?;
    party.admits(Some(person)).map_err(Stop::Forbidden)?;
    let claims = json!({
        "iss": issuer.as_str(),
        "aud": site,
        "sub": person.subject,
        "preferred_username": person.login,
        "name": person.name,
        "groups": person.groups(),
        "iat": now.0,
        "exp": now.plus(60).0,
    });
    let mut headers = vec![
        ("Remote-User", encode(&person.login)),
        ("Remote-Subject", encode(&person.subject)),
        ("Remote-Name", encode(&person.name)),
        ("Remote-Name-Base64", STANDARD.encode(&person.name)),
        ("Remote-Groups", person.groups().into_iter().map(encode).collect::<Vec<_>>().join(",")),
    ];
    if let Some(email) = &person.email {
        headers.push(("Remote-Email", email.chars().filter(char::is_ascii_graphic).collect()));
    }
    if let Ok(assertion) = ring.sign("posthouse-assertion+jwt", Algorithm::Es256, &claims, now) {
        headers.push(("X-Posthouse-Assertion", assertion));
    }
    Ok(Pass { headers })
}

/// The browser goes to the provider.
#[derive(Debug, Clone)]
pub struct Started {
    /// Value of [`STATE_COOKIE`].
    pub state: Secret,
    /// Where to.
    pub to: String,
}

/// Begins at the site's own host.
///
/// # Errors
/// The site is not registered.
pub fn start(
    url: &str,
    path: Option<&str>,
    registered: &[RelyingParty],
    issuer: &Issuer,
    random: &mut Random,
) -> Result<Started, Refusal> {
    let (_, site) = system_of(url, registered)?;
    let path = path.filter(|path| address::below(&site, path).is_some()).unwrap_or("/");
    let state = random.secret();
    let hash = state.digest().to_text();
    let to = issuer.with(AUTHORIZE, &[("site", &site), ("state", &hash), ("path", path)]);
    Ok(Started { state, to })
}

/// What to do with a browser at [`AUTHORIZE`].
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
    /// Back to the site with a ticket.
    Grant {
        /// Where to.
        to: String,
        /// Store the ticket under this.
        hash: Digest,
        /// What to store.
        ticket: SiteTicket,
    },
}

/// What a browser brings to [`AUTHORIZE`].
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The site.
    pub site: &'a str,
    /// Hash of the state cookie.
    pub state: &'a str,
    /// Where the browser wanted to go.
    pub path: &'a str,
}

/// Decides at the provider.
pub fn authorize(
    wish: &Wish<'_>,
    registered: &[RelyingParty],
    session: Option<&SignedIn>,
    lifetimes: &Lifetimes,
    now: Moment,
    random: &mut Random,
) -> Decision {
    let (party, site) = match system_of(wish.site, registered) {
        Ok(found) => found,
        Err(refusal) => return Decision::Refuse(refusal),
    };
    let (Some(state), true) = (Digest::parse(wish.state), address::below(&site, wish.path).is_some()) else {
        return Decision::Refuse(Refusal::Malformed);
    };
    let Some((session, person)) = session.and_then(|one| Some((one, one.person(lifetimes, now)?))) else {
        return Decision::Enter { app: party.id.clone() };
    };
    if let Err(refusal) = party.admits(Some(person)) {
        return Decision::Refuse(refusal);
    }
    if step_up::is_wanted_by(party, session) {
        return Decision::Prove { party: Box::new(party.clone()) };
    }
    let secret = random.secret();
    let callback = format!("{site}{SITE_PATH}/callback");
    Decision::Grant {
        to: address::with_parameters(&callback, &[("ticket", secret.as_str())]),
        hash: secret.digest(),
        ticket: SiteTicket {
            site,
            state,
            child: session.child.cookie,
            path: wish.path.to_owned(),
            expires: now.plus(lifetimes.forward_auth),
        },
    }
}

/// The browser is in.
#[derive(Debug, Clone)]
pub struct Entered {
    /// Value of [`SITE_COOKIE`].
    pub cookie: Secret,
    /// Store this under its hash.
    pub record: SiteCookie,
    /// Where to, on the site.
    pub to: String,
}

/// Ends at the site's own host, with a ticket that was just taken.
///
/// # Errors
/// The ticket is not good, or was made for another site or browser.
pub fn callback(
    url: &str,
    taken: &Taken<SiteTicket>,
    state: Option<&str>,
    now: Moment,
    random: &mut Random,
) -> Result<Entered, Refusal> {
    let Taken::Fresh(ticket) = taken else { return Err(Refusal::UnknownTicket) };
    if now > ticket.expires {
        return Err(Refusal::TicketExpired);
    }
    if address::origin(url).as_ref() != Some(&ticket.site) {
        return Err(Refusal::WrongSite);
    }
    if state.map(Digest::of) != Some(ticket.state) {
        return Err(Refusal::OtherBrowser);
    }
    let to = address::below(&ticket.site, &ticket.path).ok_or(Refusal::WrongPath)?;
    let record = SiteCookie { site: ticket.site.clone(), child: ticket.child };
    Ok(Entered { cookie: random.secret(), record, to })
}

#[cfg(test)]
mod tests;
