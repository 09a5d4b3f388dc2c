//! What becomes of a text after each result.

use std::time::Duration;

use crate::clock::Moment;
use crate::modem::{Class, SendFailure, SendResult, class_of};

/// Why a text is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// The network does not reach this phone.
    Destination,
    /// The network took it and says it will not arrive.
    Reported,
    /// We wrote something no modem takes.
    Ours,
    /// The network refused it three times.
    Refused,
    /// Nobody took it in time.
    Expired,
    /// No word of it, even after a second time.
    Unconfirmed,
}

/// A part's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PartState {
    /// Waits.
    Queued,
    /// A modem has it.
    Sending,
    /// A modem had it and no result came.
    Unconfirmed,
    /// The network has it.
    Sent,
    /// The phone has it.
    Delivered,
    /// It will not arrive.
    Failed,
}

/// A text's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextState {
    /// Waits for a modem.
    Queued,
    /// A modem has it.
    Sending,
    /// Of at least one part nobody knows whether it is out.
    Unconfirmed,
    /// The network has all of it.
    Sent,
    /// The phone has all of it.
    Delivered,
    /// It will not arrive.
    Failed,
}

/// What to do after a modem's word about a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The network has it, under this reference.
    Sent(Option<i64>),
    /// It may be out: wait for a report.
    Unconfirmed,
    /// Try again.
    Again {
        /// Not before.
        at: Moment,
        /// With another modem, if there is one.
        avoid: bool,
        /// It counts as a try.
        counts: bool,
    },
    /// Give the text up.
    Failed(Failure),
}

/// How long a text waits after a refusal: twice as long each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pauses {
    /// After the first one.
    pub first: Duration,
    /// At most.
    pub longest: Duration,
}

impl Default for Pauses {
    fn default() -> Self {
        Self { first: Duration::from_secs(2), longest: Duration::from_secs(300) }
    }
}

impl Pauses {
    fn after(self, attempts: u32) -> Duration {
        self.first.saturating_mul(2_u32.saturating_pow(attempts)).min(self.longest)
    }
}

/// Tries of a text that is refused for an unknown reason.
const TEMPORARY_TRIES: u32 = 3;

/// What to do; `attempts` tries were made before this one.
pub fn after(result: SendResult, attempts: u32, now: Moment, pauses: Pauses) -> Next {
    match result {
        Ok(reference) => Next::Sent(reference.map(i64::from)),
        Err(SendFailure::Unknown) => Next::Unconfirmed,
        // The modem's trouble, not the text's: whoever is ready takes it.
        Err(SendFailure::NotReady) => {
            Next::Again { at: now.after(Duration::from_millis(200)), avoid: true, counts: false }
        }
        Err(SendFailure::Refused(refusal)) => after_class(class_of(refusal), attempts, now, pauses),
    }
}

/// What to do about a refusal of this class.
pub(crate) fn after_class(class: Class, attempts: u32, now: Moment, pauses: Pauses) -> Next {
    let later = now.after(pauses.after(attempts));
    match class {
        Class::Modem => Next::Again { at: now, avoid: true, counts: false },
        Class::Ours => Next::Failed(Failure::Ours),
        Class::Destination => Next::Failed(Failure::Destination),
        Class::Memory => Next::Again { at: later, avoid: true, counts: true },
        Class::Network => Next::Again { at: later, avoid: attempts >= 1, counts: true },
        Class::Temporary if attempts + 1 >= TEMPORARY_TRIES => Next::Failed(Failure::Refused),
        Class::Temporary => Next::Again { at: later, avoid: attempts >= 1, counts: true },
    }
}

/// A part of a longer text that was refused so is tried again at once by the same modem: networks drop a part
/// that comes minutes after the others.
pub(crate) fn is_worth_another_try(result: SendResult) -> bool {
    let Err(SendFailure::Refused(refusal)) = result else { return false };
    matches!(class_of(refusal), Class::Network | Class::Temporary)
}

/// A text is as far as its slowest part; one that failed decides.
pub fn aggregate(parts: &[PartState]) -> TextState {
    if parts.contains(&PartState::Failed) {
        return TextState::Failed;
    }
    match parts.iter().min() {
        None | Some(PartState::Queued | PartState::Failed) => {
            let has_begun = parts.iter().any(|part| *part != PartState::Queued);
            if has_begun { TextState::Sending } else { TextState::Queued }
        }
        Some(PartState::Sending) => TextState::Sending,
        Some(PartState::Unconfirmed) => TextState::Unconfirmed,
        Some(PartState::Sent) => TextState::Sent,
        Some(PartState::Delivered) => TextState::Delivered,
    }
}

impl Failure {
    /// The word in the store and in the log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Destination => "destination",
            Self::Reported => "reported",
            Self::Ours => "ours",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Unconfirmed => "unconfirmed",
        }
    }

    /// The failure of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Destination, Self::Reported, Self::Ours, Self::Refused, Self::Expired, Self::Unconfirmed]
            .into_iter()
            .find(|failure| failure.word() == word)
    }

    /// What the sender reads.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Destination => "The network does not reach this phone number.",
            Self::Reported => "The network gave up: the phone was off or full for too long.",
            Self::Ours => "No modem accepts this text.",
            Self::Refused => "The network refused the text three times.",
            Self::Expired => "No modem could send the text in time.",
            Self::Unconfirmed => "Nobody knows whether the text arrived.",
        }
    }
}

impl PartState {
    /// The word in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Unconfirmed => "unconfirmed",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// The state of a word; what is unknown waits.
    pub fn of_word(word: &str) -> Self {
        [Self::Sending, Self::Unconfirmed, Self::Sent, Self::Delivered, Self::Failed]
            .into_iter()
            .find(|state| state.word() == word)
            .unwrap_or(Self::Queued)
    }
}

impl TextState {
    /// The word in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Unconfirmed => "unconfirmed",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// The state of a word; what is unknown waits.
    pub fn of_word(word: &str) -> Self {
        [Self::Sending, Self::Unconfirmed, Self::Sent, Self::Delivered, Self::Failed]
            .into_iter()
            .find(|state| state.word() == word)
            .unwrap_or(Self::Queued)
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, Next, PartState, Pauses, TextState, after, aggregate};
    use crate::at::FinalResult;
    use crate::clock::Moment;
    use crate::modem::SendFailure;

    const NOW: Moment = Moment(1_000_000);

    fn refused(number: u16, attempts: u32) -> Next {
        after(Err(SendFailure::Refused(FinalResult::Cms(number))), attempts, NOW, Pauses::default())
    }

    #[test]
    fn a_network_in_trouble_is_tried_ever_more_slowly_and_with_another_modem() {
        assert_eq!(refused(500, 0), Next::Again { at: Moment(1_002_000), avoid: false, counts: true });
        assert_eq!(refused(500, 1), Next::Again { at: Moment(1_004_000), avoid: true, counts: true });
        assert_eq!(refused(500, 20), Next::Again { at: Moment(1_300_000), avoid: true, counts: true });
    }

    #[test]
    fn an_unknown_refusal_is_tried_three_times() {
        assert!(matches!(refused(515, 1), Next::Again { .. }));
        assert_eq!(refused(515, 2), Next::Failed(Failure::Refused));
    }

    #[test]
    fn a_phone_that_does_not_exist_is_not_tried_again() {
        assert_eq!(refused(1, 0), Next::Failed(Failure::Destination));
        assert_eq!(refused(304, 0), Next::Failed(Failure::Ours));
    }

    #[test]
    fn a_text_that_may_be_out_is_not_sent_again_at_once() {
        assert_eq!(after(Err(SendFailure::Unknown), 0, NOW, Pauses::default()), Next::Unconfirmed);
    }

    #[test]
    fn a_text_is_as_far_as_its_slowest_part() {
        use PartState::{Delivered, Failed, Queued, Sent, Unconfirmed};
        assert_eq!(aggregate(&[Queued, Queued]), TextState::Queued);
        assert_eq!(aggregate(&[Sent, Queued]), TextState::Sending);
        assert_eq!(aggregate(&[Delivered, Sent]), TextState::Sent);
        assert_eq!(aggregate(&[Delivered, Unconfirmed]), TextState::Unconfirmed);
        assert_eq!(aggregate(&[Delivered, Failed]), TextState::Failed);
        assert_eq!(aggregate(&[Delivered, Delivered]), TextState::Delivered);
    }
}
