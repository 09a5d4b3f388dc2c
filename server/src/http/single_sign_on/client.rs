//! Requests of business systems themselves: forms with the proof of who they are, answers in JSON.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use posthouse_sign_on::client_authentication::{OauthError, presented};
use posthouse_sign_on::parameters::Parameters;
use posthouse_sign_on::refusal::Refusal;
use posthouse_sign_on::relying_party::RelyingParty;

use super::browser::{self, Browser};
use super::desk::Desk;
use crate::storage::StorageError;

/// Why a system gets nothing.
#[derive(Debug)]
pub(super) struct Denied(pub(super) OauthError);

impl From<OauthError> for Denied {
    fn from(error: OauthError) -> Self {
        Self(error)
    }
}

impl From<StorageError> for Denied {
    fn from(error: StorageError) -> Self {
        tracing::error!(%error, "single sign-on cannot go on");
        Self(OauthError { code: "server_error", description: "the server cannot do this now", status: 500 })
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, Json(self.0.to_json())).into_response();
        if status == StatusCode::UNAUTHORIZED {
            // RFC 6749 section 5.2.
            let challenge = HeaderValue::from_static("Basic realm=\"posthouse\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// The form of a request.
pub(super) fn form(headers: &HeaderMap, body: &[u8]) -> Result<Parameters, Denied> {
    let wrong = OauthError::new("invalid_request", "the body is no application/x-www-form-urlencoded form");
    browser::form(headers, body).map_err(|_| Denied(wrong))
}

/// The system that asks. `needs_secret`: only those that have one may.
pub(super) async fn caller(
    desk: &Desk,
    headers: &HeaderMap,
    form: &Parameters,
    needs_secret: bool,
) -> Result<RelyingParty, Denied> {
    let shown = presented(Browser(headers).header("authorization"), form)?;
    let party = desk.party(Some(&shown.id)).await?;
    let proved =
        if needs_secret { shown.prove_by_secret(party.as_ref()) } else { shown.prove(party.as_ref()) };
    match (proved, party) {
        (Ok(()), Some(party)) => Ok(party),
        (Err(error), party) => {
            let reason = if party.is_some() { Refusal::WrongSecret } else { Refusal::UnknownSystem };
            desk.provider.note_refusal(reason, &shown.id, "").await;
            Err(error.into())
        }
        (Ok(()), None) => Err(OauthError::unauthorized("invalid_client", "the client is unknown").into()),
    }
}
