//! Carries one text's parts over a line, back to back, no faster than the carrier allows.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

use super::line::State;
use super::session::{Answer, Submission};
use super::settings::LineSettings;
use super::{receipt, refusal, writing};
use crate::clock::Moment;
use crate::modem::Class;
use crate::outbox::{Failure, Next, Outbox, after_class};
use crate::store::{DueText, StoreError};

/// How long a line rests whose sender or rights the carrier does not accept.
const REST: Duration = Duration::from_secs(300);
/// When a message that was never written is offered again.
const SOON: Duration = Duration::from_millis(200);

/// One text's way over a line.
pub(super) struct Courier {
    pub(super) settings: Arc<LineSettings>,
    pub(super) outbox: Outbox,
    pub(super) submissions: mpsc::Sender<Submission>,
    pub(super) pace: Arc<Pace>,
    pub(super) rest: Arc<Mutex<Option<(Moment, String)>>>,
    pub(super) state: watch::Receiver<State>,
}

/// Keeps messages apart as the carrier wants it.
#[derive(Debug)]
pub(super) struct Pace {
    distance: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    pub(super) fn new(per_second: Option<u32>) -> Self {
        let distance = per_second.and_then(|most| Duration::from_secs(1).checked_div(most));
        Self { distance: distance.unwrap_or_default(), next: Mutex::new(None) }
    }

    /// Waits for one's turn.
    async fn turn(&self) {
        if !self.distance.is_zero() {
            let turn = self.book(Instant::now());
            sleep_until(turn).await;
        }
    }

    /// The next turn that is free.
    fn book(&self, now: Instant) -> Instant {
        let mut next = self.next.lock();
        let turn = next.map_or(now, |next| next.max(now));
        *next = Some(turn + self.distance);
        turn
    }
}

impl Courier {
    pub(super) async fn carry(self, text: DueText) {
        if let Err(error) = self.parts(&text).await {
            tracing::error!(line = self.settings.name, text = text.id, %error, "a text's way cannot be noted");
        }
        self.outbox.wake();
    }

    async fn parts(&self, text: &DueText) -> Result<(), StoreError> {
        let letter = writing::Letter {
            number: &text.number,
            body: &text.body,
            reference: u8::try_from(text.id.rem_euclid(256)).unwrap_or_default(),
            is_flash: text.is_flash,
            validity: self.outbox.now().until(text.expires),
        };
        let messages = match writing::messages(&self.settings, &letter) {
            Ok(messages) => messages,
            Err(error) => {
                tracing::error!(text = text.id, %error, "a text cannot be written for the carrier");
                return self
                    .outbox
                    .settle(text.id, 1, &self.settings.name, Next::Failed(Failure::Ours))
                    .await;
            }
        };
        for &part in &text.queued {
            let message = usize::from(part).checked_sub(1).and_then(|index| messages.get(index));
            let Some(message) = message else { continue };
            self.pace.turn().await;
            if !self.state.borrow().is_bound() {
                // The text is due all the same, and is offered when the line is back.
                break;
            }
            // Its report came meanwhile, from the time before.
            if !self.outbox.begin(text.id, part, &self.settings.name).await? {
                continue;
            }
            let (answer, answered) = oneshot::channel();
            let submission = Submission { message: Box::new(message.clone()), answer };
            let is_given = self.submissions.send(submission).await.is_ok();
            let answer = if is_given { answered.await.ok() } else { None };
            let next = self.after(answer, text.attempts);
            let goes_on = matches!(next, Next::Sent(_));
            self.outbox.settle(text.id, part, &self.settings.name, next).await?;
            if !goes_on {
                break;
            }
        }
        Ok(())
    }

    fn after(&self, answer: Option<Answer>, attempts: u32) -> Next {
        let now = self.outbox.now();
        match answer {
            Some(Answer::Accepted(name)) if name.is_empty() => Next::Sent(None),
            Some(Answer::Accepted(name)) => Next::Sent(Some(receipt::reference(&name))),
            Some(Answer::Unknown) => Next::Unconfirmed,
            Some(Answer::Refused(status)) => {
                let class = refusal::class_of(status);
                let sentence = refusal::sentence(status);
                tracing::warn!(line = self.settings.name, status, ?class, "the carrier refused a message");
                if class == Class::Modem {
                    let until = now.after(REST);
                    *self.rest.lock() = Some((until, sentence));
                }
                after_class(class, attempts, now, self.outbox.pauses())
            }
            // It was never written.
            None => Next::Again { at: now.after(SOON), avoid: false, counts: false },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Pace;

    #[test]
    fn messages_keep_their_distance_and_a_pause_saves_up_nothing() {
        let pace = Pace::new(Some(10));
        let begun = Instant::now();
        let waits = |now: Instant| (pace.book(now) - now).as_millis();
        assert_eq!([waits(begun), waits(begun), waits(begun)], [0, 100, 200]);
        let later = begun + Duration::from_secs(5);
        assert_eq!([waits(later), waits(later)], [0, 100]);
    }
}
