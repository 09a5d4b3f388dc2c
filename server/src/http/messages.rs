//! `/api/v1/messages`: notices in, and what has become of them.

mod answer;
mod checks;
mod receivers;
mod request;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use posthouse_protocol::notice::domain_below;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::asked::{AskedPath, AskedQuery};
use super::error::{ApiError, Code, Refusals};
use super::gate::Caller;
use super::json::JsonBody;
use super::parts::Parts;
use crate::clock::Timestamp;
use crate::storage::applications::{ApplicationRow, DAY};
use crate::storage::notices::{Change, DeliveryMode, NewNotice, Posted};
use answer::{Accepted, Changed, Shown};
use receivers::Found;
use request::{ChangeMessage, NewMessage, Page};

/// Most receivers of one notice.
const RECEIVERS: usize = 100_000;

#[derive(Clone)]
struct Desk(Arc<Parts>);

pub(super) fn routes(parts: &Parts) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(show, change, withdraw))
        .with_state(Desk(Arc::new(parts.clone())))
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
    State(desk): State<Desk>,
    Caller(application): Caller,
    JsonBody { content: message, written }: JsonBody<NewMessage>,
) -> Result<Response, ApiError> {
    let parts = &desk.0;
    let now = parts.clock.now();
    let checked = checks::new_message(&message, now)?;
    may_ask(&application, &message)?;
    let found = receivers::find(parts, &application, &message.to, message.delivery)?;
    if found.receivers.is_empty() {
        let list: Vec<String> =
            found.invalid.iter().take(20).map(|one| format!("{} ({})", one.recipient, one.reason)).collect();
        return Err(ApiError::of_field("to", format!("Nobody is left to write to: {}.", list.join(", "))));
    }
    if found.receivers.len() > RECEIVERS {
        return Err(ApiError::of_field("to", format!("More than {RECEIVERS} people.")));
    }
    let Found { receivers, invalid } = found;
    let (name, accepted) = (random_name()?, receivers.len());
    let posted = parts
        .notices
        .post(NewNotice {
            name: name.clone(),
            application: application.id,
            created: now,
            idempotency: message.idempotency_key.clone().unwrap_or_default(),
            digest: digest(&written),
            content: checked.content,
            delivery: message.delivery,
            escalate_after: checked.escalate_after,
            expires: checked.expires,
            receivers,
            texts_a_day: application.scope.texts_a_day,
        })
        .await
        .map_err(ApiError::internal)?;
    match posted {
        Posted::New => {
            let answer = Accepted { id: name, accepted, invalid, replayed: false };
            Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
        }
        Posted::Same(id) => {
            let answer = Accepted { id, accepted, invalid, replayed: true };
            Ok((StatusCode::OK, Json(answer)).into_response())
        }
        Posted::Arriving => Err(ApiError::too_many(1, "This very message is being taken in just now.")),
        Posted::Other => Err(ApiError {
            field: Some("idempotencyKey".to_owned()),
            ..ApiError::new(Code::Conflict, "Another message was sent with this key.")
        }),
        Posted::TextsLeft(left) => {
            let sentence = format!("It takes more texts than the {left} that are left for today.");
            Err(ApiError::too_many(until_tomorrow(now), sentence))
        }
    }
}

/// What became of a notice
#[utoipa::path(get, path = "/messages/{id}", operation_id = "showMessage", params(("id" = String, Path), Page),
    responses((status = 200, body = Shown), (status = 400, body = ApiError), (status = 404, body = ApiError), Refusals)
)]
async fn show(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(name): AskedPath,
    AskedQuery(page): AskedQuery<Page>,
) -> Result<Json<Shown>, ApiError> {
    let limit = page.limit.unwrap_or(100);
    if !(1..=500).contains(&limit) {
        return Err(ApiError::of_field("limit", "Between 1 and 500."));
    }
    let timeline = desk
        .0
        .notices
        .timeline(application.id, name, page.after.unwrap_or_default(), limit)
        .await
        .map_err(ApiError::internal)?
        .ok_or_else(no_such)?;
    Ok(Json(Shown::of(timeline, &desk.0.directory)))
}

/// Changes a notice in place
#[utoipa::path(patch, path = "/messages/{id}", operation_id = "changeMessage", params(("id" = String, Path)),
    request_body(content = ChangeMessage, example = json!({"status": "handled"})), responses(
    (status = 200, body = Changed), (status = 400, body = ApiError), (status = 404, body = ApiError),
    (status = 409, body = ApiError, description = "It has been taken back"), (status = 413, body = ApiError), Refusals
))]
async fn change(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(name): AskedPath,
    JsonBody { content: wanted, .. }: JsonBody<ChangeMessage>,
) -> Result<Json<Changed>, ApiError> {
    let row = desk
        .0
        .notices
        .timeline(application.id, name.clone(), 0, 1)
        .await
        .map_err(ApiError::internal)?
        .ok_or_else(no_such)?
        .notice;
    let change = checks::change(wanted, row.content)?;
    apply(&desk, &application, name, change).await
}

/// Takes a notice back
#[utoipa::path(delete, path = "/messages/{id}", operation_id = "withdrawMessage", params(("id" = String, Path)),
    responses((status = 200, body = Changed), (status = 404, body = ApiError), Refusals)
)]
async fn withdraw(
    State(desk): State<Desk>,
    Caller(application): Caller,
    AskedPath(name): AskedPath,
) -> Result<Json<Changed>, ApiError> {
    apply(&desk, &application, name, Change::Withdraw).await
}

async fn apply(
    desk: &Desk,
    application: &ApplicationRow,
    name: String,
    change: Change,
) -> Result<Json<Changed>, ApiError> {
    let sender = format!("{}@{}", application.name, domain_below(&desk.0.domain));
    let is_update = change != Change::Withdraw;
    let row = desk
        .0
        .notices
        .change(application.id, name, (sender, change), desk.0.clock.now())
        .await
        .map_err(ApiError::internal)?
        .ok_or_else(no_such)?;
    if is_update && row.state == "withdrawn" {
        return Err(ApiError::new(Code::Conflict, "The message has been taken back."));
    }
    Ok(Json(Changed { id: row.name, status: row.state, revision: row.revision }))
}

fn no_such() -> ApiError {
    ApiError::new(Code::NotFound, "The application has sent no such message.")
}

/// The ways that the application may ask for.
fn may_ask(application: &ApplicationRow, message: &NewMessage) -> Result<(), ApiError> {
    let may = |mode: DeliveryMode| application.scope.deliveries.contains(&mode);
    let refuse = |field: &str, sentence: &str| {
        Err(ApiError { field: Some(field.to_owned()), ..ApiError::new(Code::Forbidden, sentence) })
    };
    if !may(message.delivery) {
        return refuse("delivery", "The application may not ask for this way.");
    }
    let may_text = [DeliveryMode::Auto, DeliveryMode::Phone, DeliveryMode::Both].into_iter().any(may);
    if message.escalate_after_seconds.is_some() && !may_text {
        return refuse("escalateAfterSeconds", "The application may not write to phones.");
    }
    Ok(())
}

fn until_tomorrow(now: Timestamp) -> u64 {
    let left = DAY.saturating_sub(now.seconds().rem_euclid(DAY));
    u64::try_from(left).unwrap_or_default()
}

/// 128 random bits: nobody guesses the name of somebody else's message.
fn random_name() -> Result<String, ApiError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|_| ApiError::new(Code::Internal, "The system gives no random bytes."))?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("m-{text}"))
}

/// Of what was asked, however its fields were ordered.
fn digest(written: &serde_json::Value) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, written.to_string().as_bytes()).as_ref().to_vec()
}
