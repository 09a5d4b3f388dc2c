//! How fast each application may ask, at whatever door.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Seconds' worth that may come at once.
const BURST: f64 = 10.0;

/// Counts requests by application. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pace {
    a_second: f64,
    known: Arc<Mutex<HashMap<i64, Allowance>>>,
}

#[derive(Debug)]
struct Allowance {
    left: f64,
    since: Instant,
}

impl Pace {
    /// Nobody has asked yet.
    pub fn new(a_second: u32) -> Self {
        Self { a_second: f64::from(a_second.max(1)), known: Arc::default() }
    }

    /// One more request.
    ///
    /// # Errors
    /// How long to wait.
    pub fn admit(&self, application: i64, now: Instant) -> Result<(), Duration> {
        let full = self.a_second * BURST;
        let mut known = self.known.lock();
        let allowance = known.entry(application).or_insert(Allowance { left: full, since: now });
        let earned = now.saturating_duration_since(allowance.since).as_secs_f64() * self.a_second;
        allowance.left = (allowance.left + earned).min(full);
        allowance.since = now;
        if allowance.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - allowance.left) / self.a_second));
        }
        allowance.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_too_fast_is_told_how_long_to_wait() {
        let (pace, now) = (Pace::new(2), Instant::now());
        assert!((0..20).all(|_| pace.admit(1, now).is_ok()));
        let wait = pace.admit(1, now).unwrap_err();
        assert_eq!(wait, Duration::from_millis(500));
        assert!(pace.admit(2, now).is_ok(), "another application is not held up");
        assert!(pace.admit(1, now + wait).is_ok());
    }
}
