//! What applications are told of systems. Never a secret that was made before.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use posthouse_sign_on::relying_party::RelyingParty;
use serde::Serialize;
use utoipa::ToSchema;

use super::request::{AudienceWords, CasWords, ForwardAuthWords, OpenIdWords};
use crate::http::preconditions::tag;
use crate::sign_on::registration::endings;

/// A system that signs people in on the server's word.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RelyingParty)]
pub(super) struct ShownParty {
    /// Short name, also the `client_id`.
    id: String,
    name: String,
    /// Where a tab begins.
    launch: String,
    enabled: bool,
    /// Sensitive: people prove again who they are before they get in.
    confirm: bool,
    audience: AudienceWords,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_id: Option<OpenIdWords>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cas: Option<CasWords>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forward_auth: Option<ForwardAuthWords>,
    launch_ticket: bool,
    /// Whether it has a secret; nobody is told it again.
    has_secret: bool,
    /// What ends in it with a session, a sentence for each way.
    endings: Vec<String>,
    /// For `If-Match`.
    etag: String,
}

/// All systems.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RelyingParties)]
pub(super) struct AllParties {
    pub(super) relying_parties: Vec<ShownParty>,
}

/// A system that was written, or would be.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WrittenRelyingParty)]
pub(super) struct WrittenParty {
    pub(super) relying_party: ShownParty,
    /// Shown this once: the server keeps its hash. Absent when none was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secret: Option<String>,
    /// The whole configuration for the system, when `preset` asks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) configuration: Option<String>,
    /// What the administrator should know.
    pub(super) warnings: Vec<String>,
}

/// Differs whenever the registration differs.
pub(super) fn tag_of(party: &RelyingParty) -> String {
    tag(&serde_json::to_value(party).unwrap_or_default())
}

impl ShownParty {
    pub(super) fn of(party: &RelyingParty) -> Self {
        Self {
            id: party.id.clone(),
            name: party.name.clone(),
            launch: party.launch.clone(),
            enabled: party.enabled,
            confirm: party.confirm,
            audience: (&party.audience).into(),
            open_id: party.open_id.as_ref().map(OpenIdWords::from),
            cas: party.cas.as_ref().map(CasWords::from),
            forward_auth: party.forward_auth.as_ref().map(ForwardAuthWords::from),
            launch_ticket: party.launch_ticket.is_some(),
            has_secret: party.secret().is_some(),
            endings: endings::told(party),
            etag: tag_of(party),
        }
    }

    pub(super) fn answer(self) -> Response {
        let etag = [(header::ETAG, format!("\"{}\"", self.etag))];
        (etag, Json(self)).into_response()
    }
}

impl WrittenParty {
    /// It may hold a secret, so that nobody on the way keeps it.
    pub(super) fn answer(self, status: StatusCode) -> Response {
        let party = &self.relying_party;
        let etag = (header::ETAG, format!("\"{}\"", party.etag));
        let place = (header::LOCATION, format!("/api/v1/relying-parties/{}", party.id));
        let unstored = [(header::CACHE_CONTROL, "no-store")];
        if status == StatusCode::CREATED {
            return (status, unstored, [etag, place], Json(self)).into_response();
        }
        (status, unstored, [etag], Json(self)).into_response()
    }
}
