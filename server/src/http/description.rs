//! `GET /api/v1/openapi.json`: the interface as a machine reads it, made from the handlers themselves. Anybody may read
//! it: it says what can be asked for, and nothing about anybody.

use std::sync::Arc;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, http::HeaderValue};
use utoipa::openapi::OpenApi as Description;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::error::ApiError;

/// What is said of the whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Posthouse",
        description = "Notices to people, what became of them, the organisation, and who signs people in on the server's word.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ApiError)),
    security(("key" = [])),
    modifiers(&Key)
)]
pub(super) struct Whole;

/// How callers show who they are.
struct Key;

impl Modify for Key {
    fn modify(&self, description: &mut Description) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The key that `posthouse-server application create` has shown."))
            .build();
        if let Some(components) = &mut description.components {
            components.add_security_scheme("key", SecurityScheme::Http(scheme));
        }
    }
}

/// The route that shows it.
pub(super) fn route(description: &Description) -> Router {
    let text: Arc<str> = description.to_json().unwrap_or_default().into();
    Router::new().route("/api/v1/openapi.json", get(move || async move { show(&text) }))
}

fn show(text: &str) -> Response {
    let kind = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, kind)], text.to_owned()).into_response()
}
