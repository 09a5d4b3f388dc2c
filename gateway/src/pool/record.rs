//! How a modem did lately, and whether it has to rest.

use std::time::Duration;

use crate::clock::Moment;
use crate::modem::{SendFailure, SendResult};

/// Failures in a row before a modem rests.
const PATIENCE: u32 = 3;
const FIRST_REST: Duration = Duration::from_secs(30);
const LONGEST_REST: Duration = Duration::from_secs(600);

/// Failures in a row, and the rest that follows.
#[derive(Debug, Default)]
pub(super) struct Record {
    failures: u32,
    rest: Option<(Moment, String)>,
}

impl Record {
    /// Notes how a send ended. Refusals that are the destination's matter do not count.
    pub(super) fn note(&mut self, result: SendResult, now: Moment) {
        let reason = match result {
            Ok(_) => {
                *self = Self::default();
                return;
            }
            Err(SendFailure::Refused(refusal)) => {
                use crate::modem::{Class, class_of};
                match class_of(refusal) {
                    Class::Destination | Class::Ours => return,
                    Class::Modem | Class::Memory | Class::Network | Class::Temporary => {
                        format!("refused: {refusal:?}")
                    }
                }
            }
            Err(SendFailure::Unknown) => "no result".to_owned(),
            Err(SendFailure::NotReady) => "did not take the text".to_owned(),
        };
        self.failures = self.failures.saturating_add(1);
        if self.failures >= PATIENCE {
            let doublings = (self.failures - PATIENCE).min(10);
            let time = FIRST_REST.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST_REST);
            self.rest = Some((now.after(time), reason));
        }
    }

    /// Until when it rests, and why.
    pub(super) fn rests(&self, now: Moment) -> Option<(Moment, String)> {
        self.rest.clone().filter(|(until, _)| *until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::Record;
    use crate::at::FinalResult;
    use crate::clock::Moment;
    use crate::modem::SendFailure;

    #[test]
    fn three_failures_in_a_row_bring_a_rest_that_grows() {
        let mut record = Record::default();
        record.note(Err(SendFailure::Unknown), Moment(0));
        record.note(Err(SendFailure::NotReady), Moment(0));
        assert_eq!(record.rests(Moment(0)), None);
        record.note(Err(SendFailure::Refused(FinalResult::Cms(500))), Moment(0));
        assert_eq!(record.rests(Moment(0)).unwrap().0, Moment(30_000));
        record.note(Err(SendFailure::Unknown), Moment(30_000));
        assert_eq!(record.rests(Moment(30_000)).unwrap().0, Moment(90_000));
        record.note(Ok(Some(1)), Moment(90_000));
        assert_eq!(record.rests(Moment(0)), None);
    }

    #[test]
    fn a_phone_that_does_not_exist_is_not_the_modems_fault() {
        let mut record = Record::default();
        for _ in 0..5 {
            record.note(Err(SendFailure::Refused(FinalResult::Cms(1))), Moment(0));
        }
        assert_eq!(record.rests(Moment(0)), None);
    }
}
