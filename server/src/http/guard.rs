//! What every request passes: it gets a number that the log and the answer carry, and a time by which it must be
//! done.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use super::error::{ApiError, Code};
use super::limits::REQUEST_TIME;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Where a request comes from; every request has it among its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Peer {
    /// The other end of the connection: the client, or a proxy.
    pub(super) connection: SocketAddr,
    /// Whether the connection to this server is TLS.
    pub(super) is_tls: bool,
}

impl Peer {
    /// The client's own address. A proxy is believed when it runs on this computer: the last address that it
    /// names is the one it has seen itself.
    pub(super) fn client(&self, headers: &HeaderMap) -> IpAddr {
        let peer = self.connection.ip().to_canonical();
        let named = headers.get_all(FORWARDED_FOR).iter().next_back();
        let last = named.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        if peer.is_loopback() { last.map_or(peer, |address: IpAddr| address.to_canonical()) } else { peer }
    }
}

/// Goes around all routes.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let id = request_id();
    let method = request.method().clone();
    // Never the query: it may hold tickets.
    let path = request.uri().path().to_owned();
    let client = request.extensions().get::<Peer>().map(|peer| peer.client(request.headers()));
    let span = tracing::error_span!("request", id, application = tracing::field::Empty);
    let begun = Instant::now();
    let answered = async {
        let answered = tokio::time::timeout(REQUEST_TIME, next.run(request)).await;
        let response = answered
            .unwrap_or_else(|_| ApiError::new(Code::TimedOut, "The request took too long.").into_response());
        let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let client = client.map(tracing::field::display);
        tracing::info!(%method, path, client, status = response.status().as_u16(), milliseconds, "answered");
        response
    };
    let mut response = answered.instrument(span).await;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Random, so that a client's developer and the log find each other whatever restarts in between.
fn request_id() -> String {
    let number = getrandom::u64().unwrap_or_default();
    format!("{number:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(connection: &str, named: &[&'static str]) -> String {
        let peer = Peer { connection: connection.parse().unwrap(), is_tls: false };
        let mut headers = HeaderMap::new();
        for value in named {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(value));
        }
        peer.client(&headers).to_string()
    }

    #[test]
    fn a_proxy_on_this_computer_says_who_the_client_is() {
        assert_eq!(client("127.0.0.1:4000", &["10.0.0.1, 192.0.2.7"]), "192.0.2.7");
        assert_eq!(client("[::1]:4000", &["10.0.0.1", "192.0.2.8"]), "192.0.2.8");
        assert_eq!(client("127.0.0.1:4000", &[]), "127.0.0.1");
        assert_eq!(client("127.0.0.1:4000", &["unknown"]), "127.0.0.1");
    }

    #[test]
    fn nobody_else_is_believed() {
        assert_eq!(client("192.0.2.9:4000", &["127.0.0.1"]), "192.0.2.9");
        assert_eq!(client("[::ffff:192.0.2.9]:4000", &["127.0.0.1"]), "192.0.2.9");
    }
}
