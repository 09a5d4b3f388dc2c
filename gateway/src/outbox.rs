//! Texts to phones, durable from the moment they are taken: queued → sending → sent → delivered, with
//! unconfirmed where nobody knows, and failed with a reason. What happens next is decided here, without I/O.

mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use crate::clock::{Clock, Moment};
use crate::modem::SendResult;
use crate::pdu::{Outcome, References, StatusReport, split};
use crate::quotas::{Refusal, Rules, Spent};
use crate::store::{
    Deadline, Judge, Look, NewReport, NewText, Place, Store, StoreError, Taken, TextRow, Wait,
};

pub use rules::{Failure, Next, PartState, Pauses, TextState, after, aggregate};
pub(crate) use rules::{after_class, is_worth_another_try};

/// How texts are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How long a text is tried.
    pub lifetime: Duration,
    /// How long a report is waited for before an unconfirmed text counts as lost; while its modem is away, up
    /// to six times as long.
    pub report_window: Duration,
    /// Lost texts are sent once more.
    pub resends: bool,
    /// How long refused texts wait.
    pub pauses: Pauses,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            lifetime: Duration::from_secs(24 * 3_600),
            report_window: Duration::from_secs(600),
            resends: true,
            pauses: Pauses::default(),
        }
    }
}

/// How many windows an unconfirmed text waits at most for a modem that does not come back.
const MOST_WINDOWS: u32 = 6;

/// The texts on their way. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbox {
    store: Store,
    clock: Arc<Clock>,
    policy: Policy,
    rules: Arc<Rules>,
    /// Modems that cannot hand over reports now.
    away: Arc<Mutex<BTreeSet<String>>>,
    /// A text is due or a modem may be free.
    work: Arc<Notify>,
    /// A text's state changed.
    changed: Arc<watch::Sender<()>>,
}

/// Somebody wants a text sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Who asks.
    pub origin: String,
    /// Their own name for it: the same one twice is one text.
    pub origin_id: String,
    /// Where errors go: the client that asked. Servers drop errors that go to people.
    pub reply_to: String,
    /// The address that was written to, for the answers.
    pub recipient: String,
    /// The phone.
    pub number: String,
    /// What it says.
    pub body: String,
    /// Shown at once and not kept.
    pub is_flash: bool,
    /// The modem this conversation belongs to.
    pub wanted: Option<String>,
}

impl Outbox {
    /// The outbox of a store. Texts that were being sent when the program ended are unconfirmed from now on.
    ///
    /// # Errors
    /// The store's.
    pub async fn open(store: Store, clock: Arc<Clock>, policy: Policy) -> Result<Self, StoreError> {
        store.texts_under_way_are_unconfirmed(clock.now()).await?;
        Ok(Self::beside(store, clock, policy))
    }

    /// The outbox of a store that a running gateway works with: nothing in it is touched by opening it.
    pub fn beside(store: Store, clock: Arc<Clock>, policy: Policy) -> Self {
        let (work, changed) = (Arc::new(Notify::new()), Arc::new(watch::Sender::new(())));
        Self { store, clock, policy, rules: Arc::default(), away: Arc::default(), work, changed }
    }

    /// Takes a text; when this returns it is on the disk. False when it had been taken before.
    ///
    /// # Errors
    /// The store's.
    pub async fn take(&self, order: Order) -> Result<bool, StoreError> {
        Ok(matches!(self.keep(order, Moment(0), |_, _| Ok(())).await?, Taken::New))
    }

    /// Takes a text that is under the rules of its sender; one that is not urgent waits while its phone is to be
    /// left alone. False when it had been taken before.
    ///
    /// # Errors
    /// The store's. The inner one: its sender is over a limit.
    pub async fn request(&self, order: Order, is_urgent: bool) -> Result<Result<bool, Refusal>, StoreError> {
        let now = self.clock.now();
        let held = if is_urgent { None } else { self.rules.held_until(&order.number, now) };
        let (rules, sender) = (Arc::clone(&self.rules), order.origin.clone());
        let judge = move |messages, spent| rules.judge(&sender, messages, spent, now);
        Ok(match self.keep(order, held.unwrap_or_default(), judge).await? {
            Taken::New => Ok(true),
            Taken::Known => Ok(false),
            Taken::Refused(refusal) => Err(refusal),
        })
    }

    async fn keep(
        &self,
        order: Order,
        held: Moment,
        judge: impl FnOnce(u32, Spent) -> Result<(), Refusal> + Send + 'static,
    ) -> Result<Taken, StoreError> {
        let parts = split(&order.body, References::Narrow).parts.len();
        let messages = u32::try_from(parts).unwrap_or(u32::MAX);
        let now = self.clock.now();
        let expires = now.max(held).after(self.policy.lifetime);
        let price = self.rules.price(&order.number);
        let judge = Judge {
            day: self.rules.day(now),
            month: self.rules.first_of_month(now),
            counts: self.rules.limits(&order.origin),
            rule: Box::new(move |spent| judge(messages, spent)),
        };
        let text = NewText { order, parts, created: now, expires, held, price };
        let taken = self.store.take_text(text, judge).await?;
        self.work.notify_one();
        Ok(taken)
    }

    /// With rules about what senders may text, and when.
    #[must_use]
    pub fn with_rules(mut self, rules: Rules) -> Self {
        self.rules = Arc::new(rules);
        self
    }

    /// The rules about what senders may text.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Texts that could be sent now, of each lane that is open: a page from this place on.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn look(
        &self,
        places: BTreeMap<String, Place>,
        is_open: impl Fn(&str) -> bool + Send + 'static,
    ) -> Result<Look, StoreError> {
        self.store.look(self.clock.now(), places, is_open).await
    }

    /// A part is about to be given to a modem; when this returns that is on the disk. False when the part does
    /// not wait any more.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn begin(&self, text: i64, part: u8, modem: &str) -> Result<bool, StoreError> {
        let has_begun = self.store.begin_part(text, part, modem.to_owned(), self.clock.now()).await?;
        self.changed.send_replace(());
        Ok(has_begun)
    }

    /// What came of a part.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn finish(
        &self,
        text: i64,
        part: u8,
        modem: &str,
        attempts: u32,
        result: SendResult,
    ) -> Result<(), StoreError> {
        self.settle(text, part, modem, after(result, attempts, self.clock.now(), self.policy.pauses)).await
    }

    /// A part that was refused is to be given to the same modem again at once.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn try_again_at_once(&self, text: i64, part: u8, modem: &str) -> Result<(), StoreError> {
        let next = Next::Again { at: self.clock.now(), avoid: false, counts: true };
        self.settle(text, part, modem, next).await
    }

    /// How long refused texts wait.
    pub(crate) fn pauses(&self) -> Pauses {
        self.policy.pauses
    }

    /// What is to be done with a part.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn settle(
        &self,
        text: i64,
        part: u8,
        modem: &str,
        next: Next,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        match next {
            Next::Sent(reference) => self.store.part_is_sent(text, part, reference, now).await?,
            Next::Unconfirmed => self.store.part_is_unconfirmed(text, part, now).await?,
            Next::Again { at, avoid, counts } => {
                let avoided = if avoid { modem.to_owned() } else { String::new() };
                self.store.part_waits(text, part, Wait { due: at, avoided, counts, now }).await?;
            }
            Next::Failed(failure) => self.store.text_failed(text, part, failure, now).await?,
        }
        self.changed.send_replace(());
        self.work.notify_one();
        Ok(())
    }

    /// The network says what became of a text.
    ///
    /// # Errors
    /// The store's.
    pub async fn report(&self, modem: &str, report: &StatusReport) -> Result<(), StoreError> {
        let state = match report.outcome {
            Outcome::Trying(_) => return Ok(()),
            Outcome::Delivered => PartState::Delivered,
            Outcome::Failed(_) => PartState::Failed,
        };
        let received = self.clock.now();
        let report = NewReport {
            modem: modem.to_owned(),
            reference: report.reference.into(),
            number: report.recipient.to_string(),
            // Without a stamp it cannot be known again.
            stamp: report.submitted.map_or(received.0, |time| time.seconds),
            state,
            received,
        };
        self.store.report(report).await?;
        self.changed.send_replace(());
        self.work.notify_one();
        Ok(())
    }

    /// A carrier says what became of a message. `stamp`: when it took the message, by its own clock.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn carrier_report(
        &self,
        line: &str,
        reference: i64,
        number: String,
        stamp: i64,
        state: PartState,
    ) -> Result<(), StoreError> {
        let received = self.clock.now();
        let line = line.to_owned();
        self.store.report(NewReport { modem: line, reference, number, stamp, state, received }).await?;
        self.changed.send_replace(());
        self.work.notify_one();
        Ok(())
    }

    /// A modem can hand over reports from now on, or cannot.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn hears(&self, modem: &str, is_ready: bool) -> Result<(), StoreError> {
        if !is_ready {
            self.away.lock().insert(modem.to_owned());
            return Ok(());
        }
        self.store.modem_is_back(modem.to_owned(), self.clock.now()).await?;
        self.away.lock().remove(modem);
        Ok(())
    }

    /// Looks after what the time decides: unconfirmed texts whose report did not come, texts that are too old.
    ///
    /// # Errors
    /// The store's.
    pub async fn tidy(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let window = now.before(self.policy.report_window);
        let last = now.before(self.policy.report_window.saturating_mul(MOST_WINDOWS));
        let away = self.away.lock().clone();
        let deadline = Deadline { window, last, away, resends: self.policy.resends, now };
        let changes = self.store.settle_unconfirmed(deadline).await?
            + self.store.expire_texts(now).await?
            + self.store.unpin_texts(window, now).await?;
        if changes > 0 {
            self.changed.send_replace(());
            self.work.notify_one();
        }
        let strays = self.store.close_strays(last, now).await?;
        if strays > 0 {
            tracing::info!(strays, "reports about no text of ours");
        }
        Ok(())
    }

    /// Texts whose state their sender does not know yet.
    ///
    /// # Errors
    /// The store's.
    pub async fn untold(&self) -> Result<Vec<TextRow>, StoreError> {
        self.store.untold_texts().await
    }

    /// The senders know these states.
    ///
    /// # Errors
    /// The store's.
    pub async fn told(&self, states: Vec<(i64, TextState)>) -> Result<(), StoreError> {
        self.store.texts_are_told(states).await
    }

    /// The sender is told the state of this text once more.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn tell_again(&self, origin: String, origin_id: String) -> Result<(), StoreError> {
        self.store.text_is_untold(origin, origin_id).await?;
        self.changed.send_replace(());
        Ok(())
    }

    /// A text of this sender.
    ///
    /// # Errors
    /// The store's.
    pub async fn find(&self, origin: &str, origin_id: &str) -> Result<Option<TextRow>, StoreError> {
        self.store.find_text(origin.to_owned(), origin_id.to_owned()).await
    }

    /// Wakes whoever gives texts to modems.
    pub fn wake(&self) {
        self.work.notify_one();
    }

    /// Told when there may be something to send.
    pub(crate) fn work(&self) -> Arc<Notify> {
        Arc::clone(&self.work)
    }

    /// Changes when a text's state changed.
    pub fn changed(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// How often [`Outbox::tidy`] is of use.
    pub(crate) fn tidying(&self) -> Duration {
        (self.policy.report_window / 4).clamp(Duration::from_millis(100), Duration::from_secs(5))
    }

    /// The time, for those who work with the outbox.
    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }
}
