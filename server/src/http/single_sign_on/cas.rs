//! CAS 1, 2 and 3: login, logout, validation.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use posthouse_sign_on::cas::answer::Form;
use posthouse_sign_on::cas::leave::{self, LeaveFacts, Logout};
use posthouse_sign_on::cas::proxy::{refusal, saml_refusal};
use posthouse_sign_on::cas::validation::{self, Facts, Failure, ticket_to_take};
use posthouse_sign_on::cas::{self, Login, ServiceTicket};
use posthouse_sign_on::page;
use posthouse_sign_on::parameters::Parameters;
use posthouse_sign_on::refusal::Refusal;
use posthouse_sign_on::taken::Taken;

use super::browser::{self, Browser};
use super::desk::{Desk, Stop, login_of};
use super::leaving;
use super::{entrance, proof};
use crate::storage::StorageError;
use crate::storage::sign_on::Kind;

/// Where the button of the page leads that asks first.
const CONFIRM_PATH: &str = "/cas/logout/confirm";

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/cas/login", get(login).post(login_by_form))
        .route("/cas/logout", get(logout))
        .route(CONFIRM_PATH, post(confirmed))
        .route("/cas/validate", get(validate).post(validate))
        .route("/cas/serviceValidate", get(validate).post(validate))
        .route("/cas/proxyValidate", get(validate).post(validate))
        .route("/cas/p3/serviceValidate", get(validate).post(validate))
        .route("/cas/p3/proxyValidate", get(validate).post(validate))
        .route("/cas/proxy", get(proxy).post(proxy))
        .route("/cas/samlValidate", post(saml_validate))
}

/// Nobody signs in by a form: what it asks for is asked once more by GET, and what a person has typed into it goes nowhere.
async fn login_by_form(
    State(desk): State<Desk>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let parameters = match asked(query.as_deref(), &headers, &body) {
        Ok(parameters) if parameters.repeated().is_none() => parameters,
        Ok(_) | Err(_) => return desk.stop(Refusal::Malformed.into(), "", "").await,
    };
    let kept: Vec<(&str, &str)> =
        parameters.all().filter(|(name, _)| ["service", "renew", "gateway"].contains(name)).collect();
    browser::go(&desk.provider.issuer().with("/cas/login", &kept))
}

/// The query, and the form when there is one.
fn asked(query: Option<&str>, headers: &HeaderMap, body: &[u8]) -> Result<Parameters, Refusal> {
    let of_query = browser::query(query)?;
    if body.is_empty() {
        return Ok(of_query);
    }
    let of_form = browser::form(headers, body)?;
    if of_query.repeated().is_some() || of_form.repeated().is_some() {
        return Err(Refusal::Malformed);
    }
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Ok(of_query.all().chain(of_form.all()).map(owned).collect())
}

async fn login(State(desk): State<Desk>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let mut who = String::new();
    match try_login(&desk, query.as_deref(), &Browser(&headers), &mut who).await {
        Ok(response) => response,
        Err(stop) => desk.stop(stop, "", &who).await,
    }
}

async fn try_login(
    desk: &Desk,
    query: Option<&str>,
    browser: &Browser<'_>,
    who: &mut String,
) -> Result<Response, Stop> {
    let parameters = browser::query(query)?;
    let provider = &desk.provider;
    let session = desk.session(browser).await?;
    login_of(session.as_ref()).clone_into(who);
    let registered = provider.store().parties().await?;
    let now = provider.now();
    let lifetimes = provider.lifetimes();
    let decision =
        cas::login(&parameters, &registered, session.as_ref(), lifetimes, now, &mut provider.random()?);
    match decision {
        Login::Refuse(refusal) => Err(refusal.into()),
        Login::SignedIn => {
            let lines = ["您已登录。", "You are signed in."];
            Ok(browser::show(StatusCode::OK, &page::page("已登录 · Signed in", &lines, None)))
        }
        Login::Enter { app } => Ok(entrance::expired_for(desk, app.as_deref().unwrap_or_default())),
        Login::Back { to } => Ok(browser::go(&to)),
        Login::Prove { party } => {
            let session = session.ok_or(Refusal::NotSignedIn)?;
            proof::begin(desk, &session, &party, ("/cas/login", &parameters), None).await
        }
        Login::Grant { to, hash, ticket } => {
            let (child, until) = (ticket.child, ticket.expires);
            desk.keep_and_go((hash, Kind::Service), (child, until), &ticket, &to).await
        }
    }
}

async fn logout(State(desk): State<Desk>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let left = async { leave(&desk, &browser::query(query.as_deref())?, &Browser(&headers), false).await };
    match left.await {
        Ok(response) => response,
        Err(stop) => desk.stop(stop, "", "").await,
    }
}

async fn confirmed(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let left = async { leave(&desk, &leaving::answered(&headers, &body)?, &Browser(&headers), true).await };
    match left.await {
        Ok(response) => response,
        Err(stop) => desk.stop(stop, "", "").await,
    }
}

async fn leave(
    desk: &Desk,
    parameters: &Parameters,
    browser: &Browser<'_>,
    is_confirmed: bool,
) -> Result<Response, Stop> {
    let store = desk.provider.store();
    let session = desk.session(browser).await?;
    let participations = match &session {
        Some(session) => store.participations(session.child.cookie).await?,
        None => Vec::new(),
    };
    let facts = LeaveFacts {
        registered: &store.parties().await?,
        session: session.as_ref(),
        participations: &participations,
        fetch_site: browser.fetch_site(),
        fetch_destination: browser.header("sec-fetch-dest"),
    };
    match leave::logout(parameters, &facts) {
        Logout::Ask { then } if !is_confirmed => {
            let kept: Vec<(&str, &str)> =
                parameters.value("service").map(|service| ("service", service)).into_iter().collect();
            leaving::ask(desk, CONFIRM_PATH, &kept, then.as_deref())
        }
        Logout::Ask { then } | Logout::End { then } => leaving::over(desk, session.as_ref(), then).await,
    }
}

async fn validate(
    State(desk): State<Desk>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let parameters = asked(query.as_deref(), &headers, &body).unwrap_or_default();
    let form = match uri.path() {
        "/cas/validate" => Form::Lines,
        path => Form::of(parameters.value("format"), path.starts_with("/cas/p3/")),
    };
    let takes_proxy_tickets = uri.path().ends_with("/proxyValidate");
    match outcome(&desk, &parameters, (form, takes_proxy_tickets)).await {
        Ok(text) => in_form(form, text),
        Err(error) => {
            tracing::error!(%error, "a service ticket cannot be validated");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn in_form(form: Form, text: String) -> Response {
    let kind = HeaderValue::from_static(form.content_type());
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

async fn proxy(RawQuery(query): RawQuery, headers: HeaderMap, body: Bytes) -> Response {
    let parameters = asked(query.as_deref(), &headers, &body).unwrap_or_default();
    let form = Form::of(parameters.value("format"), false);
    in_form(form, refusal(&parameters, form))
}

async fn saml_validate(State(desk): State<Desk>) -> Response {
    match desk.provider.random() {
        Ok(mut random) => {
            let kind = HeaderValue::from_static("text/xml; charset=utf-8");
            ([(header::CONTENT_TYPE, kind)], saml_refusal(desk.provider.now(), &mut random)).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn outcome(
    desk: &Desk,
    parameters: &Parameters,
    (form, takes_proxy_tickets): (Form, bool),
) -> Result<String, StorageError> {
    let hash = match ticket_to_take(parameters, takes_proxy_tickets) {
        Ok(hash) => hash,
        Err(failure) => return Ok(refused(desk, "", form, failure).await),
    };
    let provider = &desk.provider;
    let taken = provider.store().take::<ServiceTicket>(Kind::Service, hash).await?;
    let (party, session) = match &taken {
        Taken::Fresh(ticket) => {
            (provider.store().party(&ticket.party).await?, provider.session_of(ticket.child).await?)
        }
        Taken::Spent(_) | Taken::Unknown => (None, None),
    };
    let facts = Facts {
        party: party.as_ref(),
        session: session.as_ref(),
        lifetimes: provider.lifetimes(),
        knows_proxies: form != Form::Lines,
    };
    let outcome = validation::validate(parameters, &taken, &facts, provider.now(), &mut provider.random()?);
    match (outcome, &session) {
        (Ok(valid), Some(session)) => {
            provider.store().join(session.child.cookie, valid.participation.clone()).await?;
            Ok(form.body(&Ok(valid)))
        }
        (Ok(_), None) => Ok(refused(desk, "", form, Failure::InvalidTicket).await),
        (Err(failure), _) => {
            let party = party.as_ref().map(|party| party.id.as_str()).unwrap_or_default();
            Ok(refused(desk, party, form, failure).await)
        }
    }
}

/// The answer to a ticket that is not good; why is kept for the administrator.
async fn refused(desk: &Desk, party: &str, form: Form, failure: Failure) -> String {
    let reason = match failure {
        Failure::InvalidRequest | Failure::InvalidTicketSpec => Refusal::Malformed,
        Failure::InvalidTicket => Refusal::UnknownTicket,
        Failure::InvalidService => Refusal::WrongService,
        Failure::UnauthorizedServiceProxy | Failure::InvalidProxyCallback => {
            desk.provider.note_trouble(party, "", failure.sentence().to_owned()).await;
            return form.body(&Err(failure));
        }
    };
    desk.provider.note_refusal(reason, party, "").await;
    form.body(&Err(failure))
}
