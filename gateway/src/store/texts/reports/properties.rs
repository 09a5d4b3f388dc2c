//! Whatever is lost and in whatever order things come: no lost text is called delivered, and none goes out twice
//! without being marked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;

use super::NewReport;
use crate::clock::Moment;
use crate::outbox::{Failure, Order, PartState, TextState};
use crate::store::{Deadline, Judge, NewText, Store, Taken, Wait};

const WINDOW: Duration = Duration::from_secs(600);
const MODEM: &str = "modem1";
const PHONES: [&str; 2] = ["+8613800000001", "+8613900000002"];

/// What comes of a text that a modem was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The network has it and the modem says so.
    Sent,
    /// The network has it; the result is lost.
    ResultLost,
    /// It is lost, and so is its result.
    TextLost,
    /// The modem says no.
    Refused,
    /// The network has it, and the program is killed before the result comes.
    KilledAfter,
    /// The program is killed before the modem has it.
    KilledBefore,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// A text to one of the phones is taken.
    Take(usize),
    /// The next text goes to the modem; so many reports come before its result.
    Send { fate: Fate, reports: usize },
    /// The modem hands over one of its reports, and perhaps the same again.
    Report { which: usize, twice: bool },
    /// Time passes.
    Pass(Duration),
}

/// The world around the store.
struct World {
    store: Store,
    now: Moment,
    taken: usize,
    reference: u8,
    /// Which text each phone has, once for every time it came.
    arrived: Vec<i64>,
    /// Reports that lie in the modem.
    reports: Vec<NewReport>,
    /// All reports come before a window is over.
    is_prompt: bool,
}

impl World {
    fn new(is_prompt: bool) -> Self {
        let store = Store::open(Path::new(":memory:")).expect("a store in memory");
        let now = Moment(1_800_000_000_000);
        Self { store, now, taken: 0, reference: 250, arrived: Vec::new(), reports: Vec::new(), is_prompt }
    }

    async fn step(&mut self, step: Step) {
        self.now = self.now.after(Duration::from_millis(700));
        match step {
            Step::Take(phone) => self.take(PHONES[phone]).await,
            Step::Send { fate, reports } => self.send(fate, reports).await,
            Step::Report { which, twice } => self.report(which, twice).await,
            Step::Pass(time) => self.pass(time).await,
        }
    }

    async fn take(&mut self, phone: &str) {
        self.taken += 1;
        let order = Order {
            origin: "scene".to_owned(),
            origin_id: self.taken.to_string(),
            reply_to: String::new(),
            recipient: String::new(),
            number: phone.to_owned(),
            body: String::new(),
            is_flash: false,
            wanted: None,
        };
        let expires = self.now.after(Duration::from_secs(86_400 * 30));
        let text = NewText { order, parts: 1, created: self.now, expires, held: Moment(0), price: 0 };
        let judge = Judge { day: 0, month: 0, counts: false, rule: Box::new(|_| Ok(())) };
        assert_eq!(self.store.take_text(text, judge).await.unwrap(), Taken::New);
    }

    /// False when nothing waits.
    async fn send_next(&mut self, fate: Fate, reports: usize) -> bool {
        let look = self.store.look(self.now, BTreeMap::new(), |_| true).await.unwrap();
        let mut due: Vec<_> = look.pages.into_iter().flat_map(|page| page.texts).collect();
        due.sort_by_key(|text| text.id);
        let Some(text) = due.first() else { return false };
        assert!(self.store.begin_part(text.id, 1, MODEM.to_owned(), self.now).await.unwrap());
        let is_out = matches!(fate, Fate::Sent | Fate::ResultLost | Fate::KilledAfter);
        if is_out {
            self.reference = self.reference.wrapping_add(1);
            self.arrived.push(text.id);
            self.reports.push(NewReport {
                modem: MODEM.to_owned(),
                reference: self.reference.into(),
                number: text.number.trim_start_matches("+86").to_owned(),
                stamp: self.now.0 / 1_000,
                state: PartState::Delivered,
                received: self.now,
            });
        }
        for _ in 0..reports {
            self.report(0, false).await;
        }
        self.now = self.now.after(Duration::from_millis(700));
        match fate {
            Fate::Sent => {
                self.store.part_is_sent(text.id, 1, Some(self.reference.into()), self.now).await.unwrap()
            }
            Fate::ResultLost | Fate::TextLost => {
                self.store.part_is_unconfirmed(text.id, 1, self.now).await.unwrap();
            }
            Fate::Refused => {
                let wait = Wait { due: self.now, avoided: String::new(), counts: false, now: self.now };
                self.store.part_waits(text.id, 1, wait).await.unwrap();
            }
            Fate::KilledAfter | Fate::KilledBefore => {
                self.store.texts_under_way_are_unconfirmed(self.now).await.unwrap();
            }
        }
        true
    }

    async fn send(&mut self, fate: Fate, reports: usize) {
        self.send_next(fate, reports).await;
    }

    async fn report(&mut self, which: usize, twice: bool) {
        if self.reports.is_empty() {
            return;
        }
        let mut report = self.reports.remove(which % self.reports.len());
        report.received = self.now;
        if twice {
            self.store.report(report.clone()).await.unwrap();
        }
        self.store.report(report).await.unwrap();
    }

    async fn pass(&mut self, time: Duration) {
        while self.is_prompt && !self.reports.is_empty() {
            self.report(0, false).await;
        }
        self.now = self.now.after(time);
        let deadline = Deadline {
            window: self.now.before(WINDOW),
            last: self.now.before(WINDOW * 6),
            away: BTreeSet::new(),
            resends: true,
            now: self.now,
        };
        self.store.settle_unconfirmed(deadline).await.unwrap();
    }

    /// Everything goes well from now on until nothing waits.
    async fn calm(&mut self) {
        for _ in 0..3 {
            while self.send_next(Fate::Sent, 1).await {}
            while !self.reports.is_empty() {
                self.report(0, false).await;
            }
            self.pass(WINDOW + Duration::from_secs(1)).await;
        }
    }

    async fn check(&self, all_arrived_at_once: bool) {
        for name in 1..=self.taken {
            let row = self.store.find_text("scene".to_owned(), name.to_string()).await.unwrap().unwrap();
            let part = self.store.parts_of(row.id).await.unwrap().remove(0);
            let times = self.arrived.iter().filter(|text| **text == row.id).count();
            match row.state {
                TextState::Delivered => assert!(times >= 1, "{name} is lost and called delivered"),
                TextState::Failed => assert_eq!(row.failure, Some(Failure::Unconfirmed), "{name}"),
                other => panic!("{name} ends as {other:?}"),
            }
            assert!(times < 2 || (times == 2 && part.is_resent), "{name} came {times} times unmarked");
            if all_arrived_at_once {
                assert_eq!((times, row.state), (1, TextState::Delivered), "{name}: nothing was lost");
            }
        }
    }
}

fn fate(losses: bool) -> impl Strategy<Value = Fate> {
    let lost = u32::from(losses);
    prop_oneof![
        4 => Just(Fate::Sent),
        3 => Just(Fate::ResultLost),
        2 * lost => Just(Fate::TextLost),
        1 => Just(Fate::Refused),
        1 => Just(Fate::KilledAfter),
        lost => Just(Fate::KilledBefore),
    ]
}

fn step(losses: bool) -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..PHONES.len()).prop_map(Step::Take),
        4 => (fate(losses), 0..3_usize).prop_map(|(fate, reports)| Step::Send { fate, reports }),
        3 => (0..4_usize, any::<bool>()).prop_map(|(which, twice)| Step::Report { which, twice }),
        1 => prop_oneof![Just(WINDOW / 3), Just(WINDOW * 2)].prop_map(Step::Pass),
    ]
}

fn play(steps: Vec<Step>, is_prompt: bool, all_arrived_at_once: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut world = World::new(is_prompt);
        for step in steps {
            world.step(step).await;
        }
        world.calm().await;
        world.check(all_arrived_at_once).await;
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_lost_is_called_delivered_and_nothing_is_doubled_unmarked(
        steps in prop::collection::vec(step(true), 1..60),
    ) {
        play(steps, false, false);
    }

    #[test]
    fn when_only_results_are_lost_and_reports_come_in_time_nothing_is_sent_twice(
        steps in prop::collection::vec(step(false), 1..60),
    ) {
        play(steps, true, true);
    }
}
