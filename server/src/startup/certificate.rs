//! Keeps the certificate fresh: loads a renewed one on SIGHUP and by the hour, and warns before it ends.

use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::clock::{Clock, Timestamp};
use crate::stream::tls::Tls;

/// How often the files are looked at.
const PERIOD: Duration = Duration::from_secs(3_600);

/// Days before the end when warnings begin.
const WARNING: i64 = 30;

/// Looks after the certificate until the server is gone.
pub(super) async fn watch(tls: Weak<Tls>, clock: Arc<Clock>) {
    let Some(mut hangups) = Hangups::listen() else { return };
    loop {
        if let Some(tls) = tls.upgrade() {
            warn_before_end(&tls, clock.now());
        }
        let is_asked = hangups.next_within(PERIOD).await;
        let Some(tls) = tls.upgrade() else { return };
        match tls.reload() {
            Ok(true) => tracing::info!("a new certificate is in force"),
            Ok(false) if is_asked => tracing::info!("SIGHUP: the certificate is the same as before"),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the certificate cannot be reloaded; the old one stays"),
        }
    }
}

fn warn_before_end(tls: &Tls, now: Timestamp) {
    let Some(end) = tls.not_after() else { return };
    let days = end.saturating_sub(now.seconds()).div_euclid(86_400);
    if days < 0 {
        tracing::error!("the certificate has expired; clients refuse it");
    } else if days < WARNING {
        tracing::warn!(days, "the certificate expires soon");
    }
}

/// Signals that ask for a reload.
#[cfg(unix)]
struct Hangups(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Hangups {
    fn listen() -> Option<Self> {
        let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup());
        signal.inspect_err(|error| tracing::error!(%error, "SIGHUP cannot be waited for")).ok().map(Self)
    }

    /// True when somebody asked before the time was over.
    async fn next_within(&mut self, time: Duration) -> bool {
        tokio::time::timeout(time, self.0.recv()).await.is_ok()
    }
}

/// This system has no such signal: the files are only looked at by the hour.
#[cfg(not(unix))]
struct Hangups;

#[cfg(not(unix))]
impl Hangups {
    fn listen() -> Option<Self> {
        Some(Self)
    }

    async fn next_within(&mut self, time: Duration) -> bool {
        tokio::time::sleep(time).await;
        false
    }
}
