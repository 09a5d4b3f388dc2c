//! Notices that the computer has slept or its clock was set: then the connection may be gone without a word.

use std::time::Duration;

use tokio::time::Instant;

use crate::clock::Clock;

/// How often to look.
pub(super) const LOOK: Duration = Duration::from_secs(3);
/// Clocks drift and tasks are late; less than this means nothing.
const TOLERANCE: i64 = 8_000;

/// Compares the clock on the wall with the one that stands still while the computer sleeps.
#[derive(Debug)]
pub(super) struct WakeWatch {
    wall: i64,
    steady: Instant,
}

impl WakeWatch {
    pub(super) fn new(clock: &Clock) -> Self {
        Self { wall: clock.now(), steady: Instant::now() }
    }

    /// Whether the clock on the wall has jumped since the last look.
    pub(super) fn has_jumped(&mut self, clock: &Clock) -> bool {
        let Self { wall, steady } = std::mem::replace(self, Self::new(clock));
        let passed = self.wall.saturating_sub(wall);
        let lived = i64::try_from(self.steady.duration_since(steady).as_millis()).unwrap_or(i64::MAX);
        passed.saturating_sub(lived).saturating_abs() > TOLERANCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_noticed_once_in_either_direction() {
        let clock = Clock::manual(1_000_000);
        let mut watch = WakeWatch::new(&clock);
        assert!(!watch.has_jumped(&clock));
        for jump in [60_000, -60_000] {
            clock.advance(jump);
            assert!(watch.has_jumped(&clock));
            assert!(!watch.has_jumped(&clock));
        }
        clock.advance(5_000);
        assert!(!watch.has_jumped(&clock));
    }
}
