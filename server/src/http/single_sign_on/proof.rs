//! The page that waits until somebody has proved anew, in the app, who they are.

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::get;
use posthouse_sign_on::page;
use posthouse_sign_on::parameters::Parameters;
use posthouse_sign_on::refusal::Refusal;
use posthouse_sign_on::relying_party::RelyingParty;
use posthouse_sign_on::session::SignedIn;
use posthouse_sign_on::step_up::Look;

use super::browser::{self, Browser};
use super::desk::{Desk, Stop, login_of};
use crate::modules::sign_on::proof;

/// Where the page is.
const PATH: &str = "/sso/prove";
/// Seconds until the page is loaded again.
const AGAIN: HeaderValue = HeaderValue::from_static("2");

pub(super) fn routes() -> Router<Desk> {
    Router::new().route(PATH, get(wait))
}

/// Has the app asked, and the browser wait. The request comes once more afterwards, at `path` with `parameters`.
pub(super) async fn begin(
    desk: &Desk,
    session: &SignedIn,
    party: &RelyingParty,
    (path, parameters): (&str, &Parameters),
    otherwise: Option<String>,
) -> Result<Response, Stop> {
    let provider = &desk.provider;
    let person = session.person.as_ref().ok_or(Refusal::NotSignedIn)?;
    let pairs: Vec<(&str, &str)> = parameters.all().collect();
    let then = provider.issuer().with(path, &pairs);
    let refusal = match provider.ask_for_proof(session, party, (then, otherwise.clone())).await? {
        Ok(asked) => {
            if proof::ask(&desk.sessions, provider.domain(), &asked, (&party.name, &person.name)) {
                return Ok(browser::go(&provider.issuer().with(PATH, &[("id", &asked.id)])));
            }
            Refusal::AppAway
        }
        Err(refusal) => refusal,
    };
    let Some(otherwise) = otherwise else { return Err(refusal.into()) };
    provider.note_refusal(refusal, &party.id, login_of(Some(session))).await;
    Ok(browser::go(&otherwise))
}

async fn wait(State(desk): State<Desk>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let mut who = String::new();
    match try_wait(&desk, query.as_deref(), &Browser(&headers), &mut who).await {
        Ok(response) => response,
        Err(stop) => desk.stop(stop, "", &who).await,
    }
}

async fn try_wait(
    desk: &Desk,
    query: Option<&str>,
    browser: &Browser<'_>,
    who: &mut String,
) -> Result<Response, Stop> {
    let parameters = browser::query(query)?;
    let session = desk.session(browser).await?;
    login_of(session.as_ref()).clone_into(who);
    let session = session.ok_or(Refusal::NotSignedIn)?;
    let id = parameters.value("id").unwrap_or_default();
    match desk.provider.look_at_proof(id, session.child.cookie) {
        Look::Refused => Err(Refusal::NotProved.into()),
        Look::Go(to) => Ok(browser::go(&to)),
        Look::Wait(number) => {
            let lines = [
                "驿站应用正在请您确认身份。请核对应用中的号码与此相同，再输入密码。",
                "The Posthouse app asks you to confirm who you are. Compare the number, then enter your password there.",
            ];
            let page = page::waiting("请在应用中确认 · Confirm in the app", &lines, number);
            let mut response = browser::show(StatusCode::OK, &page);
            response.headers_mut().insert("refresh", AGAIN);
            Ok(response)
        }
    }
}
