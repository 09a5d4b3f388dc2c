//! What an administrator learns of a system without signing in to it, and why people or the system were refused.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Desk, refused};
use crate::findings::Finding;
use crate::http::asked::AskedPath;
use crate::http::error::{ApiError, Refusals};
use crate::http::gate::Caller;
use crate::sign_on::registration::endings;
use crate::storage::applications::Right;
use crate::storage::sign_on::RefusalRow;

/// Refusals that are explained.
const REFUSALS: u32 = 20;

/// What was found at a system.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RelyingPartyTest)]
pub(super) struct Tested {
    /// Nothing has failed.
    ok: bool,
    findings: Vec<ShownFinding>,
    /// What ends in it with a session, a sentence for each way.
    endings: Vec<String>,
    /// The newest first; browsers and systems are not told the reason.
    refusals: Vec<ShownRefusal>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Finding)]
struct ShownFinding {
    /// Such as `launch` or `redirect`.
    about: String,
    result: ResultWord,
    message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// How it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FindingResult)]
enum ResultWord {
    Ok,
    Warning,
    Failed,
}

/// Somebody was refused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Refusal)]
struct ShownRefusal {
    /// Such as `2026-11-27T10:00:00Z`.
    time: String,
    /// Who, when that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<String>,
    reason: String,
    /// What to do about it.
    advice: String,
}

/// Tries a system without signing in, and explains the last refusals
#[utoipa::path(post, path = "/relying-parties/{relyingParty}/test", operation_id = "testRelyingParty",
    params(("relyingParty" = String, Path, description = "Short name", example = "oa")), responses(
    (status = 200, body = Tested), (status = 404, body = ApiError),
    (status = 409, body = ApiError, description = "Single sign-on is switched off"), Refusals
))]
pub(super) async fn test(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(id): AskedPath,
) -> Result<Json<Tested>, ApiError> {
    // It makes the server go to addresses: no matter for who may only read.
    let registrar = desk.registrar(&application, Right::Edit)?;
    let party = registrar.find(&id).await.map_err(refused)?;
    let provider = desk.provider()?;
    let found = provider.try_out(&party, &registrar.all().await.map_err(refused)?).await;
    let findings: Vec<ShownFinding> =
        found.into_iter().map(|(about, finding)| ShownFinding::of(about, finding)).collect();
    let rows = provider.store().refusals(id, REFUSALS).await.map_err(ApiError::internal)?;
    Ok(Json(Tested {
        ok: !findings.iter().any(|finding| finding.result == ResultWord::Failed),
        findings,
        endings: endings::told(&party),
        refusals: rows.into_iter().map(ShownRefusal::of).collect(),
    }))
}

impl ShownFinding {
    fn of(about: &str, finding: Finding) -> Self {
        let (result, message, next) = match finding {
            Finding::Ok(what) => (ResultWord::Ok, what, None),
            Finding::Warning { what, next } => (ResultWord::Warning, what, Some(next)),
            Finding::Failed { what, next } => (ResultWord::Failed, what, Some(next)),
        };
        Self { about: about.to_owned(), result, message, next }
    }
}

impl ShownRefusal {
    fn of(row: RefusalRow) -> Self {
        let time = time::OffsetDateTime::from_unix_timestamp(row.time).ok();
        let time = time.and_then(|time| time.format(&time::format_description::well_known::Rfc3339).ok());
        Self {
            time: time.unwrap_or_default(),
            login: Some(row.login).filter(|login| !login.is_empty()),
            advice: posthouse_sign_on::refusal::advice(&row.reason).to_owned(),
            reason: row.reason,
        }
    }
}
