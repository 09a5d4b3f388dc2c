//! All routes in one place, and the plain loop for those that need no protection.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use tokio::net::TcpListener;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::description::{self, Whole};
use super::error::{ApiError, Code};
use super::gate::{self, Gate};
use super::guard::guard;
use super::limits::HttpLimits;
use super::parts::Parts;
use super::{application, badges, directory, messages, page, relying_parties, single_sign_on};

/// What is answered at a port.
#[derive(Debug, Clone)]
pub struct Routes(pub(super) Router);

/// Everything that is answered over HTTP: parts of the server plug in here, each with a router of its own.
pub fn routes(parts: Parts, limits: &HttpLimits) -> Routes {
    let gate = Gate::new(&parts);
    let api = OpenApiRouter::new()
        .merge(application::routes(&parts))
        .merge(messages::routes(&parts))
        .merge(badges::routes(&parts))
        .merge(directory::routes(&parts))
        .merge(relying_parties::routes(&parts))
        .layer(from_fn_with_state(gate, gate::admit));
    let whole = OpenApiRouter::with_openapi(Whole::openapi()).nest("/api/v1", api);
    let (api, description) = whole.split_for_parts();
    let sessions = parts.router.sessions();
    let sign_on = parts
        .sign_on
        .map(|provider| single_sign_on::routes(provider, Arc::clone(sessions)))
        .unwrap_or_default();
    let all = api
        .merge(description::route(&description))
        .merge(page::route(&description))
        .merge(sign_on)
        .fallback(nothing_here)
        .method_not_allowed_fallback(other_method)
        .layer(DefaultBodyLimit::max(limits.body_bytes))
        .layer(from_fn(guard));
    Routes(all)
}

async fn nothing_here(uri: Uri) -> ApiError {
    ApiError::new(Code::NotFound, format!("There is nothing at {}.", uri.path()))
}

async fn other_method(method: Method, uri: Uri) -> ApiError {
    ApiError::new(Code::MethodNotAllowed, format!("{} does not know {method}.", uri.path()))
}

/// Answers requests for as long as it is polled; for loopback.
pub async fn serve(listener: TcpListener, routes: Routes) {
    if let Err(error) = axum::serve(listener, routes.0).await {
        tracing::error!(%error, "the HTTP port is closed");
    }
}
