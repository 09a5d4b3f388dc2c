//! The endpoints that business systems ask: tokens, who somebody is, whether a token is good, and giving one back.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use posthouse_sign_on::authorize::{Code, Grant};
use posthouse_sign_on::client_authentication::{OauthError, bearer};
use posthouse_sign_on::introspection::{self, AnyToken};
use posthouse_sign_on::parameters::Parameters;
use posthouse_sign_on::relying_party::RelyingParty;
use posthouse_sign_on::revocation::{Revoked, revoke};
use posthouse_sign_on::secret::Digest;
use posthouse_sign_on::session::SignedIn;
use posthouse_sign_on::taken::Taken;
use posthouse_sign_on::token::{self, AccessToken, Facts, Issued, RefreshToken, Refused, ToTake};
use posthouse_sign_on::{discovery, userinfo};
use serde::Serialize;

use super::browser::{self, Browser};
use super::client::{self, Denied};
use super::cross_origin::{self, other_origin};
use super::desk::Desk;
use crate::storage::StorageError;
use crate::storage::sign_on::{Kind, Value};

pub(super) fn routes(desk: &Desk) -> Router<Desk> {
    Router::new()
        .route(discovery::TOKEN, post(tokens).options(other_origin))
        .route(discovery::USERINFO, get(who).post(who).options(other_origin))
        .route(discovery::INTROSPECT, post(introspect).options(other_origin))
        .route(discovery::REVOKE, post(give_back).options(other_origin))
        .layer(from_fn_with_state(desk.clone(), cross_origin::registered))
}

async fn tokens(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Result<Response, Denied> {
    let form = client::form(&headers, &body)?;
    let party = client::caller(&desk, &headers, &form, false).await?;
    let issued = match token::wanted(&form)? {
        ToTake::Code(hash) => {
            let taken = desk.provider.store().take::<Code>(Kind::Code, hash).await?;
            let asked = Asked::new(&desk, &party, grant_of(&taken, |code| &code.grant)).await?;
            let facts = asked.facts(&desk);
            token::redeem(&form, &taken, &facts, desk.provider.now(), &mut desk.provider.random()?)
        }
        ToTake::Refresh(hash) => {
            let taken = desk.provider.store().take::<RefreshToken>(Kind::Refresh, hash).await?;
            let asked = Asked::new(&desk, &party, grant_of(&taken, |token| &token.grant)).await?;
            let facts = asked.facts(&desk);
            token::refresh(&form, &taken, &facts, desk.provider.now(), &mut desk.provider.random()?)
        }
    };
    match issued {
        Ok(issued) => hand_out(&desk, issued).await,
        Err(Refused { error, revoke }) => {
            tracing::info!(party = party.id, error = error.code, "no tokens");
            desk.provider.note_trouble(&party.id, "", format!("no tokens: {error}")).await;
            if let Some(grant) = revoke {
                tracing::warn!(party = party.id, "a code or token was used twice: all that came of it ends");
                desk.provider.store().revoke_grant(grant).await?;
            }
            Err(error.into())
        }
    }
}

fn grant_of<T>(taken: &Taken<T>, grant: impl Fn(&T) -> &Grant) -> Option<Digest> {
    match taken {
        Taken::Fresh(value) | Taken::Spent(value) => Some(grant(value).child),
        Taken::Unknown => None,
    }
}

/// What is known for a request of a system.
struct Asked<'a> {
    party: &'a RelyingParty,
    session: Option<SignedIn>,
    ring: std::sync::Arc<posthouse_sign_on::keys::KeyRing>,
}

impl<'a> Asked<'a> {
    async fn new(desk: &Desk, party: &'a RelyingParty, child: Option<Digest>) -> Result<Self, StorageError> {
        let session = match child {
            Some(child) => desk.provider.session_of(child).await?,
            None => None,
        };
        Ok(Self { party, session, ring: desk.provider.ring() })
    }

    fn facts<'b>(&'b self, desk: &'b Desk) -> Facts<'b> {
        Facts {
            party: self.party,
            session: self.session.as_ref(),
            issuer: desk.provider.issuer(),
            lifetimes: desk.provider.lifetimes(),
            ring: &self.ring,
        }
    }
}

async fn hand_out(desk: &Desk, issued: Issued) -> Result<Response, Denied> {
    let (hash, access) = &issued.access;
    let mut values =
        vec![value((*hash, Kind::Access), &access.grant, (access.issued, access.expires), access)?];
    if let Some((hash, refresh)) = &issued.refresh {
        let times = (refresh.issued, refresh.expires);
        values.push(value((*hash, Kind::Refresh), &refresh.grant, times, refresh)?);
    }
    if !desk.provider.store().keep(values).await? {
        return Err(OauthError::new("invalid_grant", "the grant was revoked meanwhile").into());
    }
    Ok(Json(issued.answer).into_response())
}

fn value(
    name: (Digest, Kind),
    grant: &Grant,
    times: (posthouse_sign_on::moment::Moment, posthouse_sign_on::moment::Moment),
    record: &impl Serialize,
) -> Result<Value, StorageError> {
    Value::new(name, &grant.id, Some(grant.child), times, record)
}

async fn who(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    // A body is read only when it is a form: GET has none.
    let form = browser::form(&headers, &body).ok();
    match tell_who(&desk, &headers, form.as_ref()).await {
        Ok(response) => response,
        Err(Denied(error)) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::UNAUTHORIZED);
            let mut response = (status, Json(error.to_json())).into_response();
            if let Ok(challenge) = HeaderValue::from_str(&userinfo::challenge(error)) {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            response
        }
    }
}

async fn tell_who(desk: &Desk, headers: &HeaderMap, form: Option<&Parameters>) -> Result<Response, Denied> {
    let shown = bearer(Browser(headers).header("authorization"), form)?;
    let provider = &desk.provider;
    let found = provider.store().look::<AccessToken>(Kind::Access, Digest::of(shown)).await?;
    let (party, session) = match &found {
        Some(token) => {
            (desk.party(Some(&token.grant.client)).await?, provider.session_of(token.grant.child).await?)
        }
        None => (None, None),
    };
    let told = userinfo::tell(
        found.as_ref(),
        party.as_ref(),
        session.as_ref(),
        provider.lifetimes(),
        provider.now(),
    )?;
    Ok(Json(told).into_response())
}

/// The token of a form, whatever it is.
async fn any_token(desk: &Desk, form: &Parameters) -> Result<(Digest, Option<AnyToken>), Denied> {
    let shown = form.value("token").ok_or(OauthError::new("invalid_request", "token is missing"))?;
    let (store, hash) = (desk.provider.store(), Digest::of(shown));
    if let Some(token) = store.look::<AccessToken>(Kind::Access, hash).await? {
        return Ok((hash, Some(AnyToken::Access(token))));
    }
    let refresh = store.look::<RefreshToken>(Kind::Refresh, hash).await?;
    Ok((hash, refresh.map(AnyToken::Refresh)))
}

async fn introspect(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Result<Response, Denied> {
    let form = client::form(&headers, &body)?;
    let party = client::caller(&desk, &headers, &form, true).await?;
    let (_, token) = any_token(&desk, &form).await?;
    let session = match &token {
        Some(token) => desk.provider.session_of(token.grant().child).await?,
        None => None,
    };
    let provider = &desk.provider;
    let about = (&party, session.as_ref());
    let issuer = provider.issuer().as_str();
    let told = introspection::tell(token.as_ref(), about, issuer, provider.lifetimes(), provider.now());
    Ok(Json(told).into_response())
}

async fn give_back(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Result<Response, Denied> {
    let form = client::form(&headers, &body)?;
    let party = client::caller(&desk, &headers, &form, false).await?;
    let (hash, token) = any_token(&desk, &form).await?;
    match revoke(token.as_ref(), &party)? {
        Revoked::Nothing => {}
        Revoked::Token => desk.provider.store().forget(hash).await?,
        Revoked::Grant(grant) => desk.provider.store().revoke_grant(grant).await?,
    }
    Ok(StatusCode::OK.into_response())
}
