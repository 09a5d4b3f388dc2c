//! Systems as they are registered, and configurations for them.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::answer::{AllParties, ShownParty};
use super::request::AskedConfiguration;
use super::{Desk, refused};
use crate::http::asked::{AskedPath, AskedQuery};
use crate::http::error::{ApiError, Refusals};
use crate::http::gate::Caller;
use crate::sign_on::registration::configuration as printing;
use crate::storage::applications::Right;

/// All systems that sign people in on the server's word
#[utoipa::path(get, path = "/relying-parties", operation_id = "listRelyingParties", responses(
    (status = 200, body = AllParties), Refusals
))]
pub(super) async fn list(
    State(desk): State<Desk>,
    Caller(application): Caller,
) -> Result<Json<AllParties>, ApiError> {
    let all = desk.registrar(&application, Right::Read)?.all().await.map_err(refused)?;
    Ok(Json(AllParties { relying_parties: all.iter().map(ShownParty::of).collect() }))
}

/// One system
#[utoipa::path(get, path = "/relying-parties/{relyingParty}", operation_id = "showRelyingParty",
    params(("relyingParty" = String, Path, description = "Short name", example = "oa")), responses(
    (status = 200, body = ShownParty, headers(("ETag" = String))), (status = 404, body = ApiError), Refusals
))]
pub(super) async fn show(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(id): AskedPath,
) -> Result<Response, ApiError> {
    let party = desk.registrar(&application, Right::Read)?.find(&id).await.map_err(refused)?;
    Ok(ShownParty::of(&party).answer())
}

/// The whole configuration for a system, without its secret
#[utoipa::path(get, path = "/relying-parties/{relyingParty}/configuration", operation_id = "configureRelyingParty",
    params(
        ("relyingParty" = String, Path, description = "Short name", example = "oa"),
        AskedConfiguration
    ), responses(
    (status = 200, body = String, content_type = "text/plain",
        description = "`THE-SECRET-OF-THIS-SYSTEM` stands for the secret"),
    (status = 400, body = ApiError, description = "The system does not sign people in like that"),
    (status = 404, body = ApiError), (status = 409, body = ApiError, description = "Single sign-on is switched off"),
    Refusals
))]
pub(super) async fn configuration(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(id): AskedPath,
    AskedQuery(asked): AskedQuery<AskedConfiguration>,
) -> Result<Response, ApiError> {
    let party = desk.registrar(&application, Right::Read)?.find(&id).await.map_err(refused)?;
    let provider = desk.provider()?;
    let fits = printing::fits(asked.preset, &party);
    fits.map_err(|sentence| ApiError::of_field("preset", format!("{sentence}.")))?;
    let place = (provider.issuer().as_str(), provider.authority());
    let text = printing::configuration(asked.preset, &party, place, None).map_err(ApiError::internal)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}
