//! The provider's description, its keys, and the authorization endpoint.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use posthouse_sign_on::authorize::{self, Decision, Facts};
use posthouse_sign_on::discovery;
use posthouse_sign_on::parameters::Parameters;
use posthouse_sign_on::refusal::Refusal;

use super::browser::{self, Browser};
use super::cross_origin::{self, other_origin};
use super::desk::{Desk, Stop, login_of};
use super::{entrance, proof};
use crate::storage::sign_on::{Kind, Value};

pub(super) fn routes() -> Router<Desk> {
    let public = Router::new()
        .route("/.well-known/openid-configuration", get(describe).options(other_origin))
        .route("/.well-known/oauth-authorization-server", get(describe).options(other_origin))
        .route(discovery::JWKS, get(keys).options(other_origin))
        .layer(from_fn(cross_origin::public));
    Router::new().route(discovery::AUTHORIZE, get(ask).post(ask_by_form)).merge(public)
}

async fn describe(State(desk): State<Desk>) -> Response {
    public(Json(discovery::document(desk.provider.issuer())).into_response())
}

async fn keys(State(desk): State<Desk>) -> Response {
    public(Json(desk.provider.ring().jwks()).into_response())
}

/// Anybody may keep it for a while.
fn public(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    response
}

/// A form of another site comes without our cookie (`SameSite=Lax`): the browser asks once more by GET, with it.
async fn ask_by_form(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    match browser::form(&headers, &body) {
        Ok(form) => {
            let pairs: Vec<(&str, &str)> = form.all().collect();
            if form.repeated().is_some() {
                return desk.stop(Stop::Refused(Refusal::Malformed), "", "").await;
            }
            browser::go(&desk.provider.issuer().with(discovery::AUTHORIZE, &pairs))
        }
        Err(refusal) => desk.stop(refusal.into(), "", "").await,
    }
}

async fn ask(State(desk): State<Desk>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let parameters = match browser::query(query.as_deref()) {
        Ok(parameters) => parameters,
        Err(refusal) => return desk.stop(refusal.into(), "", "").await,
    };
    let client = parameters.value("client_id").unwrap_or_default().to_owned();
    match decide(&desk, &parameters, &Browser(&headers)).await {
        Ok(response) => response,
        Err((stop, login)) => desk.stop(stop, &client, &login).await,
    }
}

async fn decide(
    desk: &Desk,
    parameters: &Parameters,
    browser: &Browser<'_>,
) -> Result<Response, (Stop, String)> {
    let broken = |error| (Stop::from(error), String::new());
    let provider = &desk.provider;
    let session = desk.session(browser).await.map_err(broken)?;
    let login = login_of(session.as_ref()).to_owned();
    let party = desk.party(parameters.value("client_id")).await.map_err(broken)?;
    let participations = match &session {
        Some(session) => provider.store().participations(session.child.cookie).await.map_err(broken)?,
        None => Vec::new(),
    };
    let own = party.as_ref().and_then(|party| {
        participations.iter().find(|one| one.party == party.id && one.service_ticket.is_none())
    });
    let ring = provider.ring();
    let facts = Facts {
        party: party.as_ref(),
        session: session.as_ref(),
        participation: own,
        issuer: provider.issuer(),
        lifetimes: provider.lifetimes(),
        ring: &ring,
    };
    let now = provider.now();
    let decision = authorize::decide(parameters, &facts, now, &mut provider.random().map_err(broken)?);
    match decision {
        Decision::Refuse(refusal) => Err((refusal.into(), login)),
        Decision::SendBack { to, error, why } => {
            tracing::info!(error, why, login, "an authorization request is sent back");
            // A system that only looks whether somebody is there (`prompt=none`) makes no mistake.
            if error != "login_required" {
                let party = party.map(|party| party.id).unwrap_or_default();
                provider.note_trouble(&party, &login, format!("sent back: {error}: {why}")).await;
            }
            Ok(browser::go(&to))
        }
        Decision::Enter { app } => Ok(entrance::expired_for(desk, &app)),
        Decision::Prove { otherwise } => {
            let (Some(session), Some(party)) = (&session, &party) else {
                return Err((Refusal::NotSignedIn.into(), login));
            };
            let again = (discovery::AUTHORIZE, parameters);
            proof::begin(desk, session, party, again, Some(otherwise)).await.map_err(|stop| (stop, login))
        }
        Decision::Grant(granted) => {
            let child = granted.code.grant.child;
            let code = Value::new(
                (granted.hash, Kind::Code),
                &granted.code.grant.id,
                Some(child),
                (now, granted.code.expires),
                &granted.code,
            )
            .map_err(broken)?;
            provider.store().join(child, granted.participation).await.map_err(broken)?;
            provider.store().keep(vec![code]).await.map_err(broken)?;
            Ok(browser::go(&granted.to))
        }
    }
}
