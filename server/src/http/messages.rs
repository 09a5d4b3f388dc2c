//! `/api/v1/messages`: notices in, and what has become of them. What is allowed and makes sense is decided by
//! `modules/notices/desk`.

mod answer;
mod page;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::asked::{AskedPath, AskedQuery};
use super::error::{ApiError, Refusals};
use super::gate::Caller;
use super::json::JsonBody;
use super::parts::Parts;
use crate::modules::notices::{ChangeMessage, NewMessage, Sent};
use crate::storage::notices::NoticeRow;
use answer::{Accepted, Changed, Shown};
use page::Page;

pub(super) fn routes(parts: &Parts) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(show, change, withdraw))
        .with_state(parts.clone())
}

/// Sends a notice
#[utoipa::path(post, path = "/messages", operation_id = "sendMessage", request_body(content = NewMessage,
    example = json!({"to": {"people": ["wang.lei"]}, "title": "请假待审批", "text": "陈静，3天"})), responses(
    (status = 202, body = Accepted, description = "On the server's disk"),
    (status = 200, body = Accepted, description = "Was there before, under the same idempotency key"),
    (status = 400, body = ApiError), (status = 409, body = ApiError, description = "Another message has this key"),
    (status = 413, body = ApiError), Refusals
))]
async fn create(
    State(parts): State<Parts>,
    Caller(application): Caller,
    JsonBody { content: message, written }: JsonBody<NewMessage>,
) -> Result<Response, ApiError> {
    let sent = parts.desk.send(&application, &message, &written).await?;
    let status = if sent.replayed { StatusCode::OK } else { StatusCode::ACCEPTED };
    let Sent { id, accepted, invalid, replayed } = sent;
    Ok((status, Json(Accepted { id, accepted, invalid, replayed })).into_response())
}

/// What became of a notice
#[utoipa::path(get, path = "/messages/{id}", operation_id = "showMessage", params(("id" = String, Path), Page),
    responses((status = 200, body = Shown), (status = 400, body = ApiError), (status = 404, body = ApiError), Refusals)
)]
async fn show(
    State(parts): State<Parts>,
    Caller(application): Caller,
    AskedPath(name): AskedPath,
    AskedQuery(page): AskedQuery<Page>,
) -> Result<Json<Shown>, ApiError> {
    let limit = page.limit.unwrap_or(100);
    if !(1..=500).contains(&limit) {
        return Err(ApiError::of_field("limit", "Between 1 and 500."));
    }
    let after = page.after.unwrap_or_default();
    let timeline = parts.desk.timeline(&application, name, after, limit).await?;
    Ok(Json(Shown::of(timeline, &parts.directory)))
}

/// Changes a notice in place
#[utoipa::path(patch, path = "/messages/{id}", operation_id = "changeMessage", params(("id" = String, Path)),
    request_body(content = ChangeMessage, example = json!({"status": "handled"})), responses(
    (status = 200, body = Changed), (status = 400, body = ApiError), (status = 404, body = ApiError),
    (status = 409, body = ApiError, description = "It has been taken back"), (status = 413, body = ApiError), Refusals
))]
async fn change(
    State(parts): State<Parts>,
    Caller(application): Caller,
    AskedPath(name): AskedPath,
    JsonBody { content: wanted, .. }: JsonBody<ChangeMessage>,
) -> Result<Json<Changed>, ApiError> {
    Ok(changed(parts.desk.change(&application, name, wanted).await?))
}

/// Takes a notice back
#[utoipa::path(delete, path = "/messages/{id}", operation_id = "withdrawMessage", params(("id" = String, Path)),
    responses((status = 200, body = Changed), (status = 404, body = ApiError), Refusals)
)]
async fn withdraw(
    State(parts): State<Parts>,
    Caller(application): Caller,
    AskedPath(name): AskedPath,
) -> Result<Json<Changed>, ApiError> {
    Ok(changed(parts.desk.withdraw(&application, name).await?))
}

fn changed(row: NoticeRow) -> Json<Changed> {
    Json(Changed { id: row.name, status: row.state, revision: row.revision })
}
