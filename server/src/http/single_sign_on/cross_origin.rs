//! Programs in browsers (public clients) ask from pages of other origins: what is public may be read by all of them, what
//! takes a code or a token only by origins of registered redirect URIs, and never with cookies (Fetch Standard, section
//! 3.2).

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use posthouse_sign_on::address;

use super::desk::Desk;

/// Seconds for which a browser need not ask again.
const REMEMBERED: &str = "600";

/// What is answered to `OPTIONS`, before the layers below say more of it.
pub(super) async fn other_origin() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Around routes that anybody may read.
pub(super) async fn public(request: Request, next: Next) -> Response {
    let anybody = HeaderValue::from_static("*");
    if is_preflight(&request) {
        return preflight(anybody, "GET");
    }
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, anybody);
    response
}

/// Around routes for systems themselves.
pub(super) async fn registered(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else { return next.run(request).await };
    let is_known = match origin.to_str() {
        Ok(text) => is_registered(&desk, text).await,
        Err(_) => false,
    };
    let mut response = match (is_preflight(&request), is_known) {
        (true, true) => preflight(origin.clone(), "GET, POST"),
        // Without the header the browser goes no further.
        (true, false) => StatusCode::NO_CONTENT.into_response(),
        (false, _) => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if is_known {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let shown = HeaderValue::from_static("WWW-Authenticate");
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, shown);
    }
    response
}

async fn is_registered(desk: &Desk, origin: &str) -> bool {
    let parties = desk.provider.store().parties().await.unwrap_or_else(|error| {
        tracing::error!(%error, "single sign-on cannot go on");
        Vec::new()
    });
    let of_it = parties.iter().filter(|party| party.enabled).filter_map(|party| party.open_id.as_ref());
    of_it
        .flat_map(|open_id| &open_id.redirect_uris)
        .any(|uri| address::origin(uri).as_deref() == Some(origin))
}

fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ORIGIN)
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight(origin: HeaderValue, methods: &'static str) -> Response {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, methods),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type"),
        (header::ACCESS_CONTROL_MAX_AGE, REMEMBERED),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    (StatusCode::NO_CONTENT, headers).into_response()
}
