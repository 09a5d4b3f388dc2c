//! What HTTP clients may use.

use std::time::Duration;

/// Most bytes of the head of a request.
pub(super) const HEAD_BYTES: usize = 32_768;

/// How long a request may take in all, its body included.
pub(super) const REQUEST_TIME: Duration = Duration::from_secs(30);

/// How long the TLS of a connection may take to begin.
pub(super) const TLS_TIME: Duration = Duration::from_secs(10);

/// How long requests that have begun may take when the server stops.
pub(super) const STOPPING: Duration = Duration::from_secs(5);

/// Limits that the settings give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpLimits {
    /// Connections in all.
    pub connections: usize,
    /// Connections from one address; this computer's own, where proxies are, excepted.
    pub connections_per_address: usize,
    /// Time until the head of a request is there, which is how long an idle connection stays as well.
    pub header_time: Duration,
    /// Bytes of one request's body.
    pub body_bytes: usize,
    /// Requests a second of one application; ten seconds' worth may come at once.
    pub requests_per_second: u32,
}
