//! The way in: `/sso/enter` for tabs of the app, the same with a button for other browsers, and the page of tabs in
//! which nobody is signed in.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use posthouse_sign_on::page::{self, Button};
use posthouse_sign_on::refusal::Refusal;
use posthouse_sign_on::relying_party::RelyingParty;
use posthouse_sign_on::secret::Digest;
use posthouse_sign_on::session::{self, Parent};
use posthouse_sign_on::taken::Taken;
use posthouse_sign_on::ticket::{
    Arrival, BIND_COOKIE, CONFIRM_COOKIE, Confirmation, ENTER_PATH, Entered, EntryFacts, Ticket, enter,
    enter_confirmed,
};

use super::browser::{self, Browser};
use super::desk::{Desk, Stop};
use super::launch::LAUNCH_PATH;
use crate::storage::StorageError;
use crate::storage::sign_on::Kind;

/// Where the button of the confirmation page leads.
const CONFIRM_PATH: &str = "/sso/confirm";
/// Where a tab is sent that has to be entered anew.
pub(super) const EXPIRED_PATH: &str = "/sso/expired";

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route(ENTER_PATH, get(arrive))
        .route(CONFIRM_PATH, post(confirm))
        .route(EXPIRED_PATH, get(expired))
}

/// Where the app is told that a tab needs a new ticket for this system.
pub(super) fn expired_for(desk: &Desk, app: &str) -> Response {
    browser::go(&desk.provider.issuer().with(EXPIRED_PATH, &[("app", app)]))
}

async fn expired() -> Response {
    let lines = ["请从驿站应用中重新打开此系统。", "Open the system from the Posthouse app again."];
    browser::show(StatusCode::UNAUTHORIZED, &page::page("尚未登录 · Not signed in", &lines, None))
}

async fn arrive(State(desk): State<Desk>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let browser = Browser(&headers);
    let mut seen = Seen::default();
    match try_arrive(&desk, query.as_deref(), &browser, &mut seen).await {
        Ok(response) => response,
        Err(stop) => desk.stop(stop, &seen.app, &seen.login).await,
    }
}

/// What is known of a ticket, for the list of refusals.
#[derive(Debug, Default)]
struct Seen {
    app: String,
    login: String,
}

impl Seen {
    fn note(&mut self, taken: &Taken<Ticket>) {
        if let Taken::Fresh(ticket) | Taken::Spent(ticket) = taken {
            self.app.clone_from(&ticket.app);
            self.login.clone_from(&ticket.login);
        }
    }
}

async fn try_arrive(
    desk: &Desk,
    query: Option<&str>,
    browser: &Browser<'_>,
    seen: &mut Seen,
) -> Result<Response, Stop> {
    let parameters = browser::query(query)?;
    let arrival = Arrival {
        ticket: parameters.value("t").filter(|_| parameters.repeated().is_none()),
        bind: browser.cookie(BIND_COOKIE),
        fetch_site: browser.fetch_site(),
        fetch_destination: browser.header("sec-fetch-dest"),
    };
    let hash = arrival.ticket_to_take()?;
    if let Some(ticket) = desk.provider.store().look::<Ticket>(Kind::Ticket, hash).await?
        && ticket.bind.is_none()
    {
        return ask(desk, &ticket, arrival.ticket.unwrap_or_default()).await;
    }
    let taken = desk.provider.store().take::<Ticket>(Kind::Ticket, hash).await?;
    seen.note(&taken);
    let known = Known::of(desk, &taken).await?;
    let entered =
        enter(&arrival, &taken, &known.facts(desk), desk.provider.now(), &mut desk.provider.random()?)?;
    let_in(desk, entered, known.begins_with_ticket(&taken)).await
}

/// What is known when a ticket was taken.
struct Known {
    party: Option<RelyingParty>,
    parent: Option<Parent>,
    person: Option<posthouse_sign_on::person::Person>,
}

impl Known {
    async fn of(desk: &Desk, taken: &Taken<Ticket>) -> Result<Self, StorageError> {
        let Taken::Fresh(ticket) = taken else { return Ok(Self { party: None, parent: None, person: None }) };
        let store = desk.provider.store();
        Ok(Self {
            party: store.party(&ticket.app).await?,
            parent: store.parent_of(ticket.instance.clone()).await?,
            person: desk.provider.person_of(&ticket.login).await?,
        })
    }

    /// Name and path for a system that signs in by launch tickets alone.
    fn begins_with_ticket(&self, taken: &Taken<Ticket>) -> Option<(String, Option<String>)> {
        let party = self.party.as_ref().filter(|party| party.launch_ticket.is_some())?;
        let has_other = party.open_id.is_some() || party.cas.is_some() || party.forward_auth.is_some();
        match taken {
            Taken::Fresh(ticket) if !has_other => Some((party.id.clone(), ticket.path.clone())),
            _ => None,
        }
    }

    fn facts(&self, desk: &Desk) -> EntryFacts<'_> {
        let (lifetimes, now) = (desk.provider.lifetimes(), desk.provider.now());
        EntryFacts {
            person: self.person.as_ref(),
            party: self.party.as_ref(),
            parent: self.parent.as_ref().filter(|parent| parent.end(lifetimes, now).is_none()),
        }
    }
}

/// `by_ticket`: the system signs in by launch tickets alone, so the tab begins with one.
async fn let_in(
    desk: &Desk,
    entered: Entered,
    by_ticket: Option<(String, Option<String>)>,
) -> Result<Response, Stop> {
    let Entered { cookie, child, parent, launch } = entered;
    desk.provider.store().begin(parent, child).await?;
    let launch = match by_ticket {
        None => launch,
        Some((app, path)) => {
            let path: Vec<(&str, &str)> = path.as_deref().map(|path| ("path", path)).into_iter().collect();
            desk.provider.issuer().with(&format!("{LAUNCH_PATH}/{app}"), &path)
        }
    };
    let response = browser::with_cookie(
        browser::go(&launch),
        &session::set_cookie(session::COOKIE, cookie.as_str(), None),
    );
    let response = browser::with_cookie(response, &session::forget_cookie(BIND_COOKIE));
    Ok(browser::with_cookie(response, &session::forget_cookie(CONFIRM_COOKIE)))
}

/// A link that any browser may open signs nobody in by itself: whoever was sent it by somebody else sees in whose name.
async fn ask(desk: &Desk, ticket: &Ticket, text: &str) -> Result<Response, Stop> {
    let party = desk.provider.store().party(&ticket.app).await?.ok_or(Refusal::UnknownSystem)?;
    let person = desk.provider.person_of(&ticket.login).await?.ok_or(Refusal::AccountClosed)?;
    let cookie = desk.provider.random()?.secret();
    let mark = Digest::of(cookie.as_str()).to_text();
    let chinese = format!("以 {} 的身份在此浏览器中登录 {}？", person.name, party.name);
    let english = format!("Sign in to {} as {} in this browser?", party.name, person.name);
    let button = Button {
        action: CONFIRM_PATH,
        fields: &[("t", text), ("mark", &mark)],
        label: "登录 · Sign in",
        leads_to: Some(&party.launch),
    };
    let page = page::page("登录 · Sign in", &[&chinese, &english], Some(&button));
    let response = browser::show(StatusCode::OK, &page);
    Ok(browser::with_cookie(response, &session::set_cookie(CONFIRM_COOKIE, cookie.as_str(), Some(60))))
}

async fn confirm(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let mut seen = Seen::default();
    match try_confirm(&desk, &headers, &body, &mut seen).await {
        Ok(response) => response,
        Err(stop) => desk.stop(stop, &seen.app, &seen.login).await,
    }
}

async fn try_confirm(
    desk: &Desk,
    headers: &HeaderMap,
    body: &[u8],
    seen: &mut Seen,
) -> Result<Response, Stop> {
    let browser = Browser(headers);
    let form = browser::form(headers, body)?;
    let confirmation = Confirmation {
        ticket: form.value("t"),
        mark: form.value("mark"),
        cookie: browser.cookie(CONFIRM_COOKIE),
        fetch_site: browser.fetch_site(),
    };
    let hash = confirmation.ticket_to_take()?;
    let taken = desk.provider.store().take::<Ticket>(Kind::Ticket, hash).await?;
    seen.note(&taken);
    let known = Known::of(desk, &taken).await?;
    let entered =
        enter_confirmed(&taken, &known.facts(desk), desk.provider.now(), &mut desk.provider.random()?)?;
    let_in(desk, entered, known.begins_with_ticket(&taken)).await
}
