//! Launch tickets: `/launch/NAME` sends a tab to a home-grown system with a ticket; the system posts it to
//! `/launch/redeem` with its secret and learns who it is.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use posthouse_sign_on::client_authentication::OauthError;
use posthouse_sign_on::launch::{self, Decision, LaunchTicket};
use posthouse_sign_on::refusal::Refusal;
use posthouse_sign_on::secret::Digest;
use posthouse_sign_on::taken::Taken;

use super::browser::{self, Browser};
use super::client::{self, Denied};
use super::desk::{Desk, Stop, login_of};
use super::{entrance, proof};
use crate::storage::sign_on::Kind;

/// Below it: the name of a system, or `redeem`.
pub(super) const LAUNCH_PATH: &str = "/launch";

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route(&format!("{LAUNCH_PATH}/{{app}}"), get(begin))
        .route(&format!("{LAUNCH_PATH}/redeem"), post(redeem))
}

async fn begin(
    State(desk): State<Desk>,
    Path(app): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let mut who = String::new();
    match try_begin(&desk, &app, query.as_deref(), (&Browser(&headers), &mut who)).await {
        Ok(response) => response,
        Err(stop) => desk.stop(stop, &app, &who).await,
    }
}

async fn try_begin(
    desk: &Desk,
    app: &str,
    query: Option<&str>,
    (browser, who): (&Browser<'_>, &mut String),
) -> Result<Response, Stop> {
    let parameters = browser::query(query)?;
    if parameters.repeated().is_some() {
        return Err(Refusal::Malformed.into());
    }
    let provider = &desk.provider;
    let session = desk.session(browser).await?;
    login_of(session.as_ref()).clone_into(who);
    let party = desk.party(Some(app)).await?;
    let (now, lifetimes) = (provider.now(), provider.lifetimes());
    let mut random = provider.random()?;
    let path = parameters.value("path");
    match launch::launch(party.as_ref(), path, session.as_ref(), lifetimes, now, &mut random) {
        Decision::Refuse(refusal) => Err(refusal.into()),
        Decision::Enter { app } => Ok(entrance::expired_for(desk, &app)),
        Decision::Prove { party } => {
            let session = session.ok_or(Refusal::NotSignedIn)?;
            proof::begin(desk, &session, &party, (&format!("{LAUNCH_PATH}/{app}"), &parameters), None).await
        }
        Decision::Grant { to, hash, ticket } => {
            let (child, until) = (ticket.child, ticket.expires);
            desk.keep_and_go((hash, Kind::Launch), (child, until), &ticket, &to).await
        }
    }
}

async fn redeem(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Result<Response, Denied> {
    let form = client::form(&headers, &body)?;
    let party = client::caller(&desk, &headers, &form, true).await?;
    let shown = form.value("ticket").ok_or(OauthError::new("invalid_request", "ticket is missing"))?;
    let provider = &desk.provider;
    let taken = provider.store().take::<LaunchTicket>(Kind::Launch, Digest::of(shown)).await?;
    let session = match &taken {
        Taken::Fresh(ticket) => provider.session_of(ticket.child).await?,
        Taken::Spent(_) | Taken::Unknown => None,
    };
    let (now, lifetimes) = (provider.now(), provider.lifetimes());
    match launch::redeem(&party, &taken, session.as_ref(), lifetimes, now, &mut provider.random()?) {
        Ok(redeemed) => {
            if let Some(session) = &session {
                provider.store().join(session.child.cookie, redeemed.participation).await?;
            }
            Ok((StatusCode::OK, Json(redeemed.answer)).into_response())
        }
        Err(refusal) => {
            provider.note_refusal(refusal, &party.id, login_of(session.as_ref())).await;
            Err(OauthError::new("invalid_grant", "the ticket is unknown, was used before, or has expired")
                .into())
        }
    }
}
