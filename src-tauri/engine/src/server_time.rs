//! The server's time as well as this computer knows it: its own clock and how far that is off.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::clock::Clock;

/// Clones are the same time.
#[derive(Debug, Clone)]
pub(crate) struct ServerTime {
    clock: Clock,
    /// Microseconds by which the server is ahead.
    ahead: Arc<AtomicI64>,
}

impl ServerTime {
    /// As long as nothing is known the two clocks agree.
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, ahead: Arc::default() }
    }

    /// Microseconds since 1970, by the server's clock.
    pub(crate) fn now(&self) -> i64 {
        self.here().saturating_add(self.ahead.load(Ordering::Relaxed))
    }

    /// Microseconds since 1970, by this computer's clock.
    pub(crate) fn here(&self) -> i64 {
        self.clock.now().saturating_mul(1_000)
    }

    /// The server's clock showed `server` between the two moments of this computer (XEP-0202).
    pub(crate) fn compared(&self, before: i64, server: i64, after: i64) {
        let middle = before.saturating_add(after.saturating_sub(before).div_euclid(2));
        self.ahead.store(server.saturating_sub(middle), Ordering::Relaxed);
    }
}
