//! `/metrics` for Prometheus and `/healthz` as a sign of life. Not protected: for loopback.

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Routes;
use crate::metrics::{Family, Source, text};

/// Text format 0.0.4.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Whether the server can do its work, or why not.
pub type Health = Box<dyn Fn() -> Result<(), &'static str> + Send + Sync>;

/// Routes that tell the figures of these sources, in their order.
pub fn metrics(sources: Vec<Source>, health: Health) -> Routes {
    let (sources, health) = (Arc::new(sources), Arc::new(health));
    Routes(
        Router::new()
            .route("/metrics", get(move || figures(Arc::clone(&sources))))
            .route("/healthz", get(move || std::future::ready(sign_of_life(&health)))),
    )
}

async fn figures(sources: Arc<Vec<Source>>) -> Response {
    // The sources walk over all sessions: not for a thread that carries messages.
    let gathered = tokio::task::spawn_blocking(move || {
        let families: Vec<Family> = sources.iter().flat_map(|source| source()).collect();
        text(&families)
    });
    match gathered.await {
        Ok(text) => ([(header::CONTENT_TYPE, FORMAT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "figures cannot be gathered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn sign_of_life(health: &Health) -> Response {
    match health() {
        Ok(()) => "ok\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response(),
    }
}
