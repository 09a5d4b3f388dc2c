//! What a SIM may send in a minute, an hour, a day.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::Moment;

pub(super) const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);

/// Most messages; `None` for no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// In a minute.
    pub minute: Option<usize>,
    /// In an hour.
    pub hour: Option<usize>,
    /// In a day.
    pub day: Option<usize>,
}

/// What a SIM sent in the last day.
#[derive(Debug)]
pub(super) struct Tally {
    limits: Limits,
    sent: VecDeque<Moment>,
}

impl Tally {
    /// `earlier` in their order.
    pub(super) fn new(limits: Limits, earlier: impl Iterator<Item = Moment>) -> Self {
        Self { limits, sent: earlier.collect() }
    }

    /// Another SIM, which sent this, in its order.
    pub(super) fn begin_anew(&mut self, earlier: Vec<Moment>) {
        self.sent = earlier.into();
    }

    pub(super) fn add(&mut self, now: Moment) {
        self.sent.push_back(now);
    }

    pub(super) fn sent_today(&mut self, now: Moment) -> usize {
        let start = now.before(DAY);
        while self.sent.front().is_some_and(|sent| *sent <= start) {
            self.sent.pop_front();
        }
        self.sent.len()
    }

    pub(super) fn has_room(&mut self, now: Moment) -> bool {
        let today = self.sent_today(now);
        let within = |time| {
            let start = now.before(time);
            self.sent.iter().rev().take_while(|sent| **sent > start).count()
        };
        self.limits.day.is_none_or(|most| today < most)
            && self.limits.hour.is_none_or(|most| within(HOUR) < most)
            && self.limits.minute.is_none_or(|most| within(MINUTE) < most)
    }
}

#[cfg(test)]
mod tests {
    use super::{Limits, Tally};
    use crate::clock::Moment;

    #[test]
    fn a_full_minute_is_over_after_a_minute() {
        let limits = Limits { minute: Some(2), ..Limits::default() };
        let mut tally = Tally::new(limits, [Moment(0)].into_iter());
        assert!(tally.has_room(Moment(1_000)));
        tally.add(Moment(1_000));
        assert!(!tally.has_room(Moment(59_000)));
        assert!(tally.has_room(Moment(60_001)));
    }

    #[test]
    fn a_day_is_counted_over_restarts() {
        let limits = Limits { day: Some(3), ..Limits::default() };
        let mut tally = Tally::new(limits, [Moment(0), Moment(5), Moment(9)].into_iter());
        assert!(!tally.has_room(Moment(86_399_000)));
        assert!(tally.has_room(Moment(86_400_001)));
    }
}
