//! Forward-auth: what a proxy asks for every request, and the three steps of a browser that signs in to a site.

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use posthouse_sign_on::forward_auth::{
    self, AUTHORIZE, Decision, SITE_COOKIE, SITE_PATH, STATE_COOKIE, SiteCookie, SiteTicket, Stop as Barred,
    Wish,
};
use posthouse_sign_on::refusal::Refusal;
use posthouse_sign_on::secret::Digest;
use posthouse_sign_on::session;

use super::browser::{self, Browser};
use super::desk::{Desk, Stop, login_of};
use super::{entrance, proof};
use crate::storage::StorageError;
use crate::storage::sign_on::{Kind, Value};

/// Where proxies ask.
const CHECK: &str = "/forward-auth/check";
/// What a proxy tells of the request: its whole address.
const ORIGINAL_URL: &str = "x-original-url";

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route(CHECK, get(check))
        .route(&format!("{SITE_PATH}/check"), get(check))
        .route(&format!("{SITE_PATH}/sign-in"), get(start))
        .route(AUTHORIZE, get(authorize))
        .route(&format!("{SITE_PATH}/callback"), get(callback))
}

/// The address that the proxy tells: `X-Original-URL`, or the parts that Traefik and Caddy send.
fn original(browser: &Browser<'_>) -> Option<String> {
    if let Some(url) = browser.header(ORIGINAL_URL) {
        return Some(url.to_owned());
    }
    let host = browser.header("x-forwarded-host")?;
    let scheme = browser.header("x-forwarded-proto")?;
    Some(format!("{scheme}://{host}{}", browser.header("x-forwarded-uri").unwrap_or("/")))
}

/// Where somebody was going whom the proxy has sent here from within; none when this page itself was asked for.
fn path_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let path = rest.get(rest.find('/')?..)?;
    (!path.starts_with(SITE_PATH)).then(|| path.to_owned())
}

async fn check(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    match may_pass(&desk, &Browser(&headers)).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "a proxy gets no answer");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn may_pass(desk: &Desk, browser: &Browser<'_>) -> Result<Response, StorageError> {
    let provider = &desk.provider;
    let url = original(browser).unwrap_or_default();
    let found = match browser.cookie(SITE_COOKIE) {
        Some(cookie) => provider.store().look::<SiteCookie>(Kind::SiteCookie, Digest::of(cookie)).await?,
        None => None,
    };
    let session = match &found {
        Some(cookie) => provider.session_of(cookie.child).await?,
        None => None,
    };
    if let Some(session) = &session {
        provider.store().touch(&session.child, provider.now()).await?;
    }
    let registered = provider.store().parties().await?;
    let ring = provider.ring();
    let signer = (provider.issuer(), provider.lifetimes(), &*ring);
    let checked =
        forward_auth::check(&url, &registered, found.as_ref().zip(session.as_ref()), signer, provider.now());
    match checked {
        Ok(pass) => {
            let mut response = StatusCode::OK.into_response();
            for (name, value) in pass.headers {
                if let (Ok(name), Ok(value)) =
                    (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value))
                {
                    response.headers_mut().insert(name, value);
                }
            }
            Ok(response)
        }
        Err(Barred::SignIn) => Ok(StatusCode::UNAUTHORIZED.into_response()),
        Err(Barred::Forbidden(refusal)) => {
            provider.note_refusal(refusal, "", login_of(session.as_ref())).await;
            Ok(StatusCode::FORBIDDEN.into_response())
        }
    }
}

async fn start(State(desk): State<Desk>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    match try_start(&desk, query.as_deref(), &Browser(&headers)).await {
        Ok(response) => response,
        Err(stop) => desk.stop(stop, "", "").await,
    }
}

async fn try_start(desk: &Desk, query: Option<&str>, browser: &Browser<'_>) -> Result<Response, Stop> {
    let parameters = browser::query(query)?;
    let registered = desk.provider.store().parties().await?;
    let url = original(browser).ok_or(Refusal::WrongSite)?;
    let issuer = desk.provider.issuer();
    let path = parameters.value("rd").map(str::to_owned).or_else(|| path_of(&url));
    let started =
        forward_auth::start(&url, path.as_deref(), &registered, issuer, &mut desk.provider.random()?)?;
    let life = desk.provider.lifetimes().forward_auth;
    let kept = session::set_cookie(STATE_COOKIE, started.state.as_str(), Some(life));
    Ok(browser::with_cookie(browser::go(&started.to), &kept))
}

async fn authorize(State(desk): State<Desk>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let mut who = String::new();
    match try_authorize(&desk, query.as_deref(), &Browser(&headers), &mut who).await {
        Ok(response) => response,
        Err(stop) => desk.stop(stop, "", &who).await,
    }
}

async fn try_authorize(
    desk: &Desk,
    query: Option<&str>,
    browser: &Browser<'_>,
    who: &mut String,
) -> Result<Response, Stop> {
    let parameters = browser::query(query)?;
    if parameters.repeated().is_some() {
        return Err(Refusal::Malformed.into());
    }
    let provider = &desk.provider;
    let session = desk.session(browser).await?;
    login_of(session.as_ref()).clone_into(who);
    let registered = provider.store().parties().await?;
    let wish = Wish {
        site: parameters.value("site").unwrap_or_default(),
        state: parameters.value("state").unwrap_or_default(),
        path: parameters.value("path").unwrap_or("/"),
    };
    let (now, lifetimes) = (provider.now(), provider.lifetimes());
    let mut random = provider.random()?;
    match forward_auth::authorize(&wish, &registered, session.as_ref(), lifetimes, now, &mut random) {
        Decision::Refuse(refusal) => Err(refusal.into()),
        Decision::Enter { app } => Ok(entrance::expired_for(desk, &app)),
        Decision::Prove { party } => {
            let session = session.ok_or(Refusal::NotSignedIn)?;
            proof::begin(desk, &session, &party, (AUTHORIZE, &parameters), None).await
        }
        Decision::Grant { to, hash, ticket } => {
            let (child, until) = (ticket.child, ticket.expires);
            desk.keep_and_go((hash, Kind::Site), (child, until), &ticket, &to).await
        }
    }
}

async fn callback(State(desk): State<Desk>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    match try_callback(&desk, query.as_deref(), &Browser(&headers)).await {
        Ok(response) => response,
        Err(stop) => desk.stop(stop, "", "").await,
    }
}

async fn try_callback(desk: &Desk, query: Option<&str>, browser: &Browser<'_>) -> Result<Response, Stop> {
    let parameters = browser::query(query)?;
    let provider = &desk.provider;
    let url = original(browser).ok_or(Refusal::WrongSite)?;
    let ticket = parameters.value("ticket").filter(|_| parameters.repeated().is_none());
    let hash = Digest::of(ticket.ok_or(Refusal::UnknownTicket)?);
    let taken = provider.store().take::<SiteTicket>(Kind::Site, hash).await?;
    let now = provider.now();
    let state = browser.cookie(STATE_COOKIE);
    let entered = forward_auth::callback(&url, &taken, state, now, &mut provider.random()?)?;
    let until = now.plus(provider.lifetimes().absolute);
    let name = (entered.cookie.digest(), Kind::SiteCookie);
    let value = Value::new(name, "", Some(entered.record.child), (now, until), &entered.record)?;
    provider.store().keep(vec![value]).await?;
    let kept = session::set_cookie(SITE_COOKIE, entered.cookie.as_str(), None);
    let response = browser::with_cookie(browser::go(&entered.to), &kept);
    Ok(browser::with_cookie(response, &session::forget_cookie(STATE_COOKIE)))
}
