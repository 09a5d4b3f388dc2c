//! How often one phone or one person may ask. Over that there is one polite answer, and silence until it asks less.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::clock::Moment;

/// The time in which questions are counted.
const SPAN: Duration = Duration::from_secs(60);

/// Askers that are remembered; those who were quiet for a minute are forgotten.
const MOST: usize = 10_000;

/// What becomes of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is answered.
    Answer,
    /// It is too much: that is said.
    Excuse,
    /// It is too much, and that was said.
    Silence,
}

/// What was asked lately.
#[derive(Debug, Default)]
pub(super) struct Rate {
    askers: HashMap<String, Lately>,
}

#[derive(Debug, Default)]
struct Lately {
    times: VecDeque<Moment>,
    was_excused: bool,
}

impl Rate {
    /// Somebody asks, and may do so `most` times a minute.
    pub(super) fn ask(&mut self, asker: &str, most: usize, now: Moment) -> Verdict {
        let oldest = now.before(SPAN);
        if self.askers.len() >= MOST {
            self.askers.retain(|_, lately| lately.times.back().is_some_and(|last| *last > oldest));
        }
        let lately = self.askers.entry(asker.to_owned()).or_default();
        while lately.times.front().is_some_and(|first| *first <= oldest) {
            lately.times.pop_front();
        }
        if lately.times.len() < most {
            lately.times.push_back(now);
            lately.was_excused = false;
            Verdict::Answer
        } else if std::mem::replace(&mut lately.was_excused, true) {
            Verdict::Silence
        } else {
            Verdict::Excuse
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Rate, Verdict};
    use crate::clock::Moment;

    fn second(second: i64) -> Moment {
        Moment(second * 1_000)
    }

    #[test]
    fn over_the_limit_there_is_one_answer_and_then_silence() {
        let mut rate = Rate::default();
        let verdicts: Vec<Verdict> = (0..5).map(|at| rate.ask("a", 2, second(at))).collect();
        let expected =
            [Verdict::Answer, Verdict::Answer, Verdict::Excuse, Verdict::Silence, Verdict::Silence];
        assert_eq!(verdicts, expected);
        assert_eq!(rate.ask("b", 2, second(5)), Verdict::Answer, "everybody counts alone");
    }

    #[test]
    fn after_a_minute_questions_are_answered_again_and_the_excuse_comes_again() {
        let mut rate = Rate::default();
        for at in [0, 30, 31, 32] {
            rate.ask("a", 2, second(at));
        }
        assert_eq!(rate.ask("a", 2, second(60)), Verdict::Answer, "the first is a minute old");
        assert_eq!(rate.ask("a", 2, second(61)), Verdict::Excuse);
        assert_eq!(rate.ask("a", 2, second(62)), Verdict::Silence);
    }

    #[test]
    fn whoever_is_quiet_is_forgotten() {
        let mut rate = Rate::default();
        for number in 0..super::MOST {
            rate.ask(&number.to_string(), 1, second(0));
        }
        rate.ask("late", 1, second(120));
        assert_eq!(rate.askers.len(), 1);
    }
}
