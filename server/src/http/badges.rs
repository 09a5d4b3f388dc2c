//! `/api/v1/badges`: how much waits in a system for each person, which the app shows at the system and its tab.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use posthouse_protocol::organization::{Person, PersonStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::asked::AskedPath;
use super::error::{ApiError, Code, Refusals};
use super::gate::Caller;
use super::json::JsonBody;
use super::parts::Parts;
use crate::organization::changes::person_number;
use crate::storage::applications::ApplicationRow;

/// Most people of one request.
const MOST: usize = 1_000;
/// The highest number.
const HIGHEST: u32 = 99_999;

/// `PUT /api/v1/badges`
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewBadges {
    #[schema(max_items = 1_000)]
    badges: Vec<NewBadge>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewBadge {
    /// ID to sign in with, or id of the directory.
    person: String,
    /// 0 removes it.
    #[schema(maximum = 99_999)]
    count: u32,
}

/// `PUT /api/v1/badges/{person}`
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewCount {
    /// 0 removes it.
    #[schema(maximum = 99_999)]
    count: u32,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BadgesSet)]
struct Answer {
    /// For how many people it is noted.
    accepted: usize,
    /// For whom it is not, and why.
    invalid: Vec<WithoutBadge>,
}

/// Somebody who gets no badge.
#[derive(Debug, Serialize, ToSchema)]
struct WithoutBadge {
    /// As the application wrote it.
    person: String,
    /// `unknown`, `disabled` or `not_allowed`.
    reason: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Badge)]
struct Shown {
    /// Id of the directory.
    person: String,
    /// 0 is none.
    count: u32,
}

#[derive(Clone)]
struct Desk(Arc<Parts>);

pub(super) fn routes(parts: &Parts) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(set_all))
        .routes(routes!(show, set))
        .with_state(Desk(Arc::new(parts.clone())))
}

/// Sets how much waits for these people; others keep their numbers
#[utoipa::path(put, path = "/badges", operation_id = "setBadges", request_body(content = NewBadges,
    example = json!({"badges": [{"person": "wang.lei", "count": 3}]})), responses(
    (status = 200, body = Answer, description = "On the server's disk"), (status = 400, body = ApiError),
    (status = 413, body = ApiError), Refusals
))]
async fn set_all(
    State(desk): State<Desk>,
    Caller(application): Caller,
    JsonBody { content: NewBadges { badges }, .. }: JsonBody<NewBadges>,
) -> Result<Json<Answer>, ApiError> {
    if badges.len() > MOST {
        return Err(ApiError::of_field("badges", format!("At most {MOST}.")));
    }
    let (mut counts, mut invalid) = (Vec::with_capacity(badges.len()), Vec::new());
    for (index, NewBadge { person, count }) in badges.into_iter().enumerate() {
        check(&format!("badges[{index}].count"), count)?;
        match found(&desk.0, &application, &person) {
            Ok((_, number)) => counts.push((number, count)),
            Err(reason) => invalid.push(WithoutBadge { person, reason }),
        }
    }
    let accepted = counts.len();
    desk.0.badges.set(application.id, counts).await.map_err(ApiError::internal)?;
    Ok(Json(Answer { accepted, invalid }))
}

/// Sets how much waits for one person
#[utoipa::path(put, path = "/badges/{person}", operation_id = "setBadge", params(("person" = String, Path)),
    request_body(content = NewCount, example = json!({"count": 3})), responses(
    (status = 200, body = Shown, description = "On the server's disk"), (status = 400, body = ApiError),
    (status = 404, body = ApiError), (status = 413, body = ApiError), Refusals
))]
async fn set(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(named): AskedPath,
    JsonBody { content: NewCount { count }, .. }: JsonBody<NewCount>,
) -> Result<Json<Shown>, ApiError> {
    check("count", count)?;
    let (person, number) = found(&desk.0, &application, &named).map_err(refused)?;
    desk.0.badges.set(application.id, vec![(number, count)]).await.map_err(ApiError::internal)?;
    Ok(Json(Shown { person: person.id.clone(), count }))
}

/// What the application has set for one person
#[utoipa::path(get, path = "/badges/{person}", operation_id = "showBadge", params(("person" = String, Path)),
    responses((status = 200, body = Shown), (status = 404, body = ApiError), Refusals)
)]
async fn show(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(named): AskedPath,
) -> Result<Json<Shown>, ApiError> {
    let (person, number) = found(&desk.0, &application, &named).map_err(refused)?;
    let count = desk.0.badges.count(application.id, number).await.map_err(ApiError::internal)?;
    Ok(Json(Shown { person: person.id.clone(), count }))
}

fn check(field: &str, count: u32) -> Result<(), ApiError> {
    if count > HIGHEST { Err(ApiError::of_field(field, format!("At most {HIGHEST}."))) } else { Ok(()) }
}

/// The person, and the number in the directory; or why not.
fn found(
    parts: &Parts,
    application: &ApplicationRow,
    named: &str,
) -> Result<(Arc<Person>, i64), &'static str> {
    let person = parts.directory.person_named(&parts.domain, named).ok_or("unknown")?;
    if !parts.directory.may_be_written_to(&person, &application.scope) {
        return Err("not_allowed");
    }
    if person.status == PersonStatus::Disabled {
        return Err("disabled");
    }
    let number = person_number(&person.id).ok_or("unknown")?;
    Ok((person, number))
}

fn refused(reason: &'static str) -> ApiError {
    match reason {
        "unknown" => ApiError::new(Code::NotFound, "There is no such person."),
        "disabled" => ApiError::new(Code::Forbidden, "The person is disabled."),
        _ => ApiError::new(Code::Forbidden, "The application may not write to this person."),
    }
}
