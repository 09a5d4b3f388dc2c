//! How long to wait before the next try: longer after each failure, and never the same for all clients.

use std::time::Duration;

use super::environment::Random;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);
/// Even the luckiest client leaves the server a moment.
const SHORTEST: Duration = Duration::from_millis(200);
/// Online for so long, the failures before are forgotten.
const FORGIVEN: Duration = Duration::from_secs(60);
/// Failures that a server counts as which says that it goes down: it needs a while to come back, and everybody
/// has been told at the same moment.
const SHUTDOWN: u32 = 3;

/// Counts the failures in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after one more failure: anything up to 1, 2, 4 … 60 seconds ("full jitter").
    pub(super) fn next(&mut self, random: &Random) -> Duration {
        let window = FIRST.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX)).min(LONGEST);
        self.failures = self.failures.saturating_add(1).min(16);
        window.mul_f64(random.fraction()).max(SHORTEST)
    }

    /// The wait after the server has refused to look at a login for now.
    pub(super) fn next_after_lockout(&mut self, random: &Random) -> Duration {
        LONGEST.saturating_add(self.next(random))
    }

    /// The server said that it goes down.
    pub(super) fn expect_shutdown(&mut self) {
        self.failures = self.failures.max(SHUTDOWN);
    }

    /// The line was up for so long.
    pub(super) fn was_online(&mut self, duration: Duration) {
        if duration >= FORGIVEN {
            self.failures = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn always(byte: u8) -> Random {
        Random::new(move |bytes| bytes.fill(byte))
    }

    #[test]
    fn waits_double_up_to_a_minute() {
        let mut backoff = Backoff::default();
        let longest = always(255);
        let waits: Vec<f64> = (0..8).map(|_| backoff.next(&longest).as_secs_f64().ceil()).collect();
        assert_eq!(waits, [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]);
    }

    #[test]
    fn a_minute_online_forgives_and_less_does_not() {
        let mut backoff = Backoff::default();
        (0..5).for_each(|_| _ = backoff.next(&always(255)));
        backoff.was_online(Duration::from_secs(59));
        assert!(backoff.next(&always(255)) > Duration::from_secs(30));
        backoff.was_online(Duration::from_secs(60));
        assert!(backoff.next(&always(255)) <= Duration::from_secs(1));
    }

    proptest! {
        #[test]
        fn every_wait_lies_in_its_window(failures in 0_u32..40, byte: u8, locked: bool) {
            let mut backoff = Backoff::default();
            let random = always(byte);
            (0..failures).for_each(|_| _ = backoff.next(&random));
            let before = backoff;
            let wait = backoff.next(&random);
            let window = f64::from(2_u32.saturating_pow(failures)).min(60.0);
            prop_assert!(wait >= SHORTEST && wait.as_secs_f64() <= window);
            if locked {
                let mut locked_out = before;
                prop_assert_eq!(locked_out.next_after_lockout(&random), wait + LONGEST);
            }
        }
    }
}
