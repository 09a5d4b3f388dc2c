//! How fast one connection may send: beyond a burst the server reads no more than so many bytes a second. Pure:
//! the time is passed in.

use std::time::{Duration, Instant};

/// Seconds' worth of bytes that may come at once.
const BURST: u64 = 2;

/// What a connection has sent lately.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Bytes that the rate has not paid for yet.
    debt: u64,
    since: Instant,
}

impl Pace {
    /// Nothing was sent.
    pub(crate) fn new(now: Instant) -> Self {
        Self { debt: 0, since: now }
    }

    /// So many bytes came; answers how long to wait before the next ones are read.
    pub(crate) fn took(&mut self, bytes: usize, rate: u64, now: Instant) -> Option<Duration> {
        let rate = rate.max(1);
        let micros = u64::try_from(now.saturating_duration_since(self.since).as_micros()).unwrap_or(u64::MAX);
        let paid = micros.saturating_mul(rate) / 1_000_000;
        if paid > 0 {
            // What was paid in part is paid with the next bytes.
            (self.debt, self.since) = (self.debt.saturating_sub(paid), now);
        }
        self.debt = self.debt.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        let beyond = self.debt.checked_sub(rate.saturating_mul(BURST)).filter(|beyond| *beyond > 0)?;
        Some(Duration::from_micros(beyond.saturating_mul(1_000_000) / rate))
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use std::time::{Duration, Instant};

    #[test]
    fn a_burst_is_free_and_what_comes_for_long_has_the_rate() {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        assert_eq!(pace.took(2_000, 1_000, now), None);
        assert_eq!(pace.took(500, 1_000, now), Some(Duration::from_millis(500)));
        let (mut sent, begun) = (0, now);
        while sent < 10_000 {
            now += pace.took(100, 1_000, now).unwrap_or_default();
            sent += 100;
        }
        assert!((now - begun).abs_diff(Duration::from_millis(10_500)) < Duration::from_millis(200));
        now += Duration::from_secs(60);
        assert_eq!(pace.took(2_000, 1_000, now), None);
    }
}
