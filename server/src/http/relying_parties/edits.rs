//! Systems, to register, change and remove.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::answer::{ShownParty, WrittenParty, tag_of};
use super::request::{AskedSecret, NewParty, PartOfParty};
use super::{Desk, refused};
use crate::http::asked::{AskedPath, AskedQuery};
use crate::http::error::{ApiError, Refusals};
use crate::http::gate::Caller;
use crate::http::json::JsonBody;
use crate::http::preconditions::Preconditions;
use crate::sign_on::registration::{Preset, Registered, configuration};
use crate::storage::applications::Right;

/// What a change is called in the audit log.
const SET: &str = "relying-party set";

/// Registers a system; its secret is in this answer alone
#[utoipa::path(post, path = "/relying-parties", operation_id = "addRelyingParty",
    request_body(content = NewParty, example = json!({"id": "oa", "name": "办公自动化", "launch": "https://oa.example.org/", "preset": "mod_auth_openidc"})),
    responses(
    (status = 200, body = WrittenParty, description = "What would be, with `dryRun`", headers(("ETag" = String))),
    (status = 201, body = WrittenParty, headers(("ETag" = String), ("Location" = String))),
    (status = 400, body = ApiError),
    (status = 409, body = ApiError, description = "The name is taken, or single sign-on is switched off"),
    (status = 413, body = ApiError), Refusals
))]
pub(super) async fn create(
    State(desk): State<Desk>,
    Caller(application): Caller,
    JsonBody { content: wanted, .. }: JsonBody<NewParty>,
) -> Result<Response, ApiError> {
    let registrar = desk.registrar(&application, Right::Edit)?;
    desk.provider()?;
    let (is_dry, preset) = (wanted.dry_run, wanted.preset);
    let registered = registrar.dry(is_dry).add(wanted.draft()).await.map_err(refused)?;
    if is_dry {
        return Ok(desk.written(Registered { secret: None, ..registered }, None)?.answer(StatusCode::OK));
    }
    Ok(desk.written(registered, preset)?.answer(StatusCode::CREATED))
}

/// Changes a system; it is so from the next request of a browser on
#[utoipa::path(patch, path = "/relying-parties/{relyingParty}", operation_id = "changeRelyingParty",
    params(
        ("relyingParty" = String, Path, description = "Short name", example = "oa"),
        ("If-Match" = Option<String>, Header, description = "ETag of what was read, or `*`; without it: 428")
    ),
    request_body(content = PartOfParty, example = json!({"enabled": false})), responses(
    (status = 200, body = WrittenParty, headers(("ETag" = String)),
        description = "With the secret when it has got its first one"),
    (status = 400, body = ApiError), (status = 404, body = ApiError),
    (status = 412, body = ApiError, description = "Changed since it was read"), (status = 413, body = ApiError),
    (status = 428, body = ApiError, description = "If-Match is missing"), Refusals
))]
pub(super) async fn change(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(id): AskedPath,
    preconditions: Preconditions,
    JsonBody { content: wanted, .. }: JsonBody<PartOfParty>,
) -> Result<Response, ApiError> {
    let registrar = desk.registrar(&application, Right::Edit)?;
    let party = registrar.find(&id).await.map_err(refused)?;
    let (is_dry, edit) = (wanted.dry_run, wanted.edit());
    // What could never be done is refused first.
    let trying = registrar.clone().dry(true).change(&id, SET, edit.clone());
    let tried = trying.await.map_err(refused)?;
    preconditions.allow_change(&tag_of(&party))?;
    let changed = if is_dry {
        Registered { secret: None, ..tried }
    } else {
        registrar.provided(party).change(&id, SET, edit).await.map_err(refused)?
    };
    Ok(desk.written(changed, None)?.answer(StatusCode::OK))
}

/// Removes a system; nobody gets in any more
#[utoipa::path(delete, path = "/relying-parties/{relyingParty}", operation_id = "removeRelyingParty",
    params(
        ("relyingParty" = String, Path, description = "Short name", example = "oa"),
        ("If-Match" = Option<String>, Header, description = "ETag of what was read, or `*`; without it: 428")
    ),
    responses(
    (status = 204, description = "It is gone"), (status = 404, body = ApiError),
    (status = 412, body = ApiError, description = "Changed since it was read"),
    (status = 428, body = ApiError, description = "If-Match is missing"), Refusals
))]
pub(super) async fn remove(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(id): AskedPath,
    preconditions: Preconditions,
) -> Result<StatusCode, ApiError> {
    let registrar = desk.registrar(&application, Right::Edit)?;
    let party = registrar.find(&id).await.map_err(refused)?;
    preconditions.allow_change(&tag_of(&party))?;
    registrar.provided(party).remove(&id).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a new secret, which is in this answer alone; the old one is worth nothing any more
#[utoipa::path(post, path = "/relying-parties/{relyingParty}/secret", operation_id = "renewRelyingPartySecret",
    params(("relyingParty" = String, Path, description = "Short name", example = "oa"), AskedSecret), responses(
    (status = 200, body = WrittenParty, headers(("ETag" = String))),
    (status = 400, body = ApiError, description = "The system does not sign people in like that"),
    (status = 404, body = ApiError),
    (status = 409, body = ApiError, description = "It has no secret, or single sign-on is switched off"), Refusals
))]
pub(super) async fn new_secret(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(id): AskedPath,
    AskedQuery(asked): AskedQuery<AskedSecret>,
) -> Result<Response, ApiError> {
    let registrar = desk.registrar(&application, Right::Edit)?;
    desk.provider()?;
    let party = registrar.find(&id).await.map_err(refused)?;
    if let Some(preset) = asked.preset {
        let fits = configuration::fits(preset, &party);
        fits.map_err(|sentence| ApiError::of_field("preset", format!("{sentence}.")))?;
    }
    let made = registrar.new_secret(&id).await.map_err(refused)?;
    Ok(desk.written(made, asked.preset)?.answer(StatusCode::OK))
}

impl Desk {
    fn written(&self, registered: Registered, preset: Option<Preset>) -> Result<WrittenParty, ApiError> {
        let Registered { party, secret, warnings } = registered;
        let secret = secret.map(|secret| secret.as_str().to_owned());
        let print = |preset: Preset| {
            let provider = self.provider()?;
            let place = (provider.issuer().as_str(), provider.authority());
            configuration::configuration(preset, &party, place, secret.as_deref()).map_err(ApiError::internal)
        };
        let configuration = preset.map(print).transpose()?;
        Ok(WrittenParty { relying_party: ShownParty::of(&party), secret, configuration, warnings })
    }
}
