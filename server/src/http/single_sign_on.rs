//! Single sign-on for browsers and business systems. The rules are the provider's; these routes read requests, take
//! what may be used once, ask the rules, store what they say, and answer.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use posthouse_sign_on::{discovery, page};

use crate::routing::sessions::Sessions;
use crate::sign_on::Provider;

mod browser;
mod cas;
mod client;
mod cross_origin;
mod desk;
mod entrance;
mod forward_auth;
mod launch;
mod leaving;
mod logout;
mod open_id;
mod proof;
mod tokens;

use desk::Desk;

/// Everything under the provider's address.
pub(super) fn routes(provider: Provider, sessions: Arc<Sessions>) -> Router {
    let desk = Desk::new(provider, sessions);
    Router::new()
        .merge(entrance::routes())
        .merge(open_id::routes())
        .merge(tokens::routes(&desk))
        .merge(logout::routes())
        .merge(cas::routes())
        .merge(forward_auth::routes())
        .merge(launch::routes())
        .merge(proof::routes())
        .layer(from_fn(harmless))
        .with_state(desk)
}

/// Routes that take nothing, whoever asks.
const PUBLIC: [&str; 3] =
    ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", discovery::JWKS];

/// `HEAD` takes nothing, and every answer keeps to itself: not stored, not framed, not referred to.
async fn harmless(request: Request, next: Next) -> Response {
    let takes = !PUBLIC.contains(&request.uri().path());
    let mut response = if request.method() == Method::HEAD && takes {
        (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, POST")]).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    let may_be_kept = headers.contains_key(header::CACHE_CONTROL);
    for (name, value) in page::HEADERS.iter().filter(|(name, _)| !(may_be_kept && *name == "pragma")) {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    response
}
