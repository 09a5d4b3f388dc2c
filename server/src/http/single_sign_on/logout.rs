//! Signing out on the word of a business system.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use posthouse_sign_on::discovery;
use posthouse_sign_on::end_session::{self, Decision, Facts};
use posthouse_sign_on::parameters::Parameters;
use posthouse_sign_on::refusal::Refusal;

use super::browser::{self, Browser};
use super::desk::{Desk, Stop, login_of};
use super::leaving;

/// Where the button of the page leads that asks first.
const CONFIRM_PATH: &str = "/logout/confirm";
/// What the question keeps of the request.
const KEPT: [&str; 4] = ["client_id", "id_token_hint", "post_logout_redirect_uri", "state"];

pub(super) fn routes() -> Router<Desk> {
    Router::new().route(discovery::LOGOUT, get(by_query).post(by_form)).route(CONFIRM_PATH, post(confirmed))
}

async fn by_query(State(desk): State<Desk>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    match browser::query(query.as_deref()) {
        Ok(parameters) => sign_out(&desk, &parameters, &headers, false).await,
        Err(refusal) => desk.stop(refusal.into(), "", "").await,
    }
}

/// A form of another site comes without our cookie: the browser asks once more by GET, with it.
async fn by_form(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    match browser::form(&headers, &body) {
        Ok(form) => {
            if form.repeated().is_some() {
                return desk.stop(Refusal::Malformed.into(), "", "").await;
            }
            let pairs: Vec<(&str, &str)> = form.all().collect();
            browser::go(&desk.provider.issuer().with(discovery::LOGOUT, &pairs))
        }
        Err(refusal) => desk.stop(refusal.into(), "", "").await,
    }
}

async fn confirmed(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    match leaving::answered(&headers, &body) {
        Ok(form) => sign_out(&desk, &form, &headers, true).await,
        Err(refusal) => desk.stop(refusal.into(), "", "").await,
    }
}

async fn sign_out(desk: &Desk, parameters: &Parameters, headers: &HeaderMap, is_confirmed: bool) -> Response {
    let mut login = String::new();
    match decide(desk, parameters, headers, (is_confirmed, &mut login)).await {
        Ok(response) => response,
        Err(stop) => desk.stop(stop, parameters.value("client_id").unwrap_or_default(), &login).await,
    }
}

async fn decide(
    desk: &Desk,
    parameters: &Parameters,
    headers: &HeaderMap,
    (is_confirmed, login): (bool, &mut String),
) -> Result<Response, Stop> {
    let provider = &desk.provider;
    let ring = provider.ring();
    let session = desk.session(&Browser(headers)).await?;
    login_of(session.as_ref()).clone_into(login);
    let client = end_session::client(parameters, provider.issuer(), &ring);
    let party = desk.party(client.as_deref()).await?;
    let participations = match &session {
        Some(session) => provider.store().participations(session.child.cookie).await?,
        None => Vec::new(),
    };
    let facts = Facts {
        party: party.as_ref(),
        session: session.as_ref(),
        participations: &participations,
        issuer: provider.issuer(),
        ring: &ring,
    };
    match end_session::decide(parameters, &facts) {
        Decision::Refuse(refusal) => Err(refusal.into()),
        Decision::Ask { then } if is_confirmed => leaving::over(desk, session.as_ref(), then).await,
        Decision::Ask { then } => {
            let kept: Vec<(&str, &str)> =
                KEPT.iter().filter_map(|name| Some((*name, parameters.value(name)?))).collect();
            leaving::ask(desk, CONFIRM_PATH, &kept, then.as_deref())
        }
        Decision::End { then } => leaving::over(desk, session.as_ref(), then).await,
    }
}
