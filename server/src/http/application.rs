//! `GET /api/v1/application`: what the server knows about the application that asks.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::{ApiError, Refusals};
use super::gate::Caller;
use super::parts::Parts;
use crate::clock::Clock;
use crate::storage::applications::{ApplicationStore, Right};
use crate::storage::notices::DeliveryMode;

/// What an application may do, and how much of it is left.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Application)]
struct Answer {
    name: String,
    title: String,
    everyone: bool,
    departments: Vec<String>,
    people: Vec<String>,
    deliveries: Vec<DeliveryMode>,
    texts_a_day: i64,
    texts_today: i64,
    /// What it may do with departments and people.
    directory: Right,
    /// That only in these departments and below; empty is everywhere.
    directory_departments: Vec<String>,
    /// What it may do with registrations of single sign-on.
    relying_parties: Right,
}

#[derive(Debug, Clone)]
struct Desk {
    applications: ApplicationStore,
    clock: Arc<Clock>,
}

pub(super) fn routes(parts: &Parts) -> OpenApiRouter {
    let desk =
        Desk { applications: ApplicationStore::new(parts.database.clone()), clock: Arc::clone(&parts.clock) };
    OpenApiRouter::new().routes(routes!(show)).with_state(desk)
}

/// What the key may do, and how much of it is left
#[utoipa::path(get, path = "/application", operation_id = "showApplication", responses(
    (status = 200, body = Answer), Refusals
))]
async fn show(State(desk): State<Desk>, Caller(row): Caller) -> Result<Json<Answer>, ApiError> {
    let texts_today =
        desk.applications.texts_today(row.id, desk.clock.now()).await.map_err(ApiError::internal)?;
    let scope = row.scope.clone();
    Ok(Json(Answer {
        name: row.name.clone(),
        title: row.title.clone(),
        everyone: scope.everyone,
        departments: scope.departments,
        people: scope.people,
        deliveries: scope.deliveries,
        texts_a_day: scope.texts_a_day,
        texts_today,
        directory: scope.directory,
        directory_departments: scope.directory_departments,
        relying_parties: scope.relying_parties,
    }))
}
