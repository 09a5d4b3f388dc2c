//! Whatever happens to texts, the lanes hold what the rule says: everything that is due, but of what one
//! colleague writes to one phone only the first.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;

use crate::clock::Moment;
use crate::outbox::{Failure, Order};
use crate::store::{Judge, NewText, Store, StoreError, Wait};

const PHONES: [&str; 2] = ["+8613800000001", "+8613900000002"];
const PEOPLE: [&str; 2] = ["chen", "wang"];
const MODEMS: [&str; 3] = ["", "one", "two"];

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Somebody writes to a phone and wants a modem; so many parts, which wait for so many seconds.
    Take {
        person: usize,
        phone: usize,
        modem: usize,
        parts: usize,
        held: u64,
    },
    /// A part of some text goes to a modem.
    Begin {
        text: usize,
        part: u8,
        modem: usize,
    },
    /// The network has it.
    Sent {
        text: usize,
        part: u8,
    },
    /// Nobody knows.
    Unconfirmed {
        text: usize,
        part: u8,
    },
    /// The modem did not take it, and is avoided; it is due again after so long.
    Waits {
        text: usize,
        part: u8,
        modem: usize,
        pause: u64,
    },
    Failed {
        text: usize,
    },
    /// Unconfirmed ones are sent again, old ones expire, those of a lost modem begin anew.
    Tidy,
}

fn step() -> impl Strategy<Value = Step> {
    let text = 0..12_usize;
    prop_oneof![
        4 => (0..2_usize, 0..2_usize, 0..3_usize, 1..3_usize, prop_oneof![3 => Just(0), 1 => 1..8_u64])
            .prop_map(|(person, phone, modem, parts, held)| Step::Take { person, phone, modem, parts, held }),
        3 => (text.clone(), 1..3_u8, 1..3_usize).prop_map(|(text, part, modem)| Step::Begin { text, part, modem }),
        2 => (text.clone(), 1..3_u8).prop_map(|(text, part)| Step::Sent { text, part }),
        2 => (text.clone(), 1..3_u8).prop_map(|(text, part)| Step::Unconfirmed { text, part }),
        2 => (text.clone(), 1..3_u8, 1..3_usize, 0..3_u64)
            .prop_map(|(text, part, modem, pause)| Step::Waits { text, part, modem, pause }),
        1 => text.prop_map(|text| Step::Failed { text }),
        1 => Just(Step::Tidy),
    ]
}

struct World {
    store: Store,
    now: Moment,
    /// How many parts each text has.
    parts: Vec<usize>,
}

impl World {
    async fn step(&mut self, step: Step) {
        self.now = self.now.after(Duration::from_millis(700));
        let (store, now) = (&self.store, self.now);
        let id = |text: usize| i64::try_from(text + 1).unwrap();
        let has = |text: usize, part: u8| self.parts.get(text).is_some_and(|all| usize::from(part) <= *all);
        let done = match step {
            Step::Take { person, phone, modem, parts, held } => {
                self.parts.push(parts);
                let order = Order {
                    origin: PEOPLE[person].to_owned(),
                    origin_id: self.parts.len().to_string(),
                    reply_to: String::new(),
                    recipient: String::new(),
                    number: PHONES[phone].to_owned(),
                    body: String::new(),
                    is_flash: false,
                    wanted: Some(MODEMS[modem].to_owned()).filter(|modem| !modem.is_empty()),
                };
                let expires = now.after(Duration::from_secs(20));
                let held = if held == 0 { Moment(0) } else { now.after(Duration::from_secs(held)) };
                let text = NewText { order, parts, created: now, expires, held, price: 0 };
                let judge = Judge { day: 0, month: 0, counts: false, rule: Box::new(|_| Ok(())) };
                store.take_text(text, judge).await.map(|_| ())
            }
            Step::Begin { text, part, .. }
            | Step::Sent { text, part }
            | Step::Unconfirmed { text, part }
            | Step::Waits { text, part, .. }
                if !has(text, part) =>
            {
                Ok(())
            }
            Step::Begin { text, part, modem } => {
                let is_due = self.found().await.values().any(|lane| lane.contains(&id(text)));
                let begun = store.begin_part(id(text), part, MODEMS[modem].to_owned(), now).await;
                assert!(
                    is_due || !*begun.as_ref().unwrap(),
                    "what was found earlier may not be due any more"
                );
                begun.map(|_| ())
            }
            Step::Sent { text, part } => store.part_is_sent(id(text), part, Some(1), now).await,
            Step::Unconfirmed { text, part } => store.part_is_unconfirmed(id(text), part, now).await,
            Step::Waits { text, part, modem, pause } => {
                let due = now.after(Duration::from_secs(pause));
                let wait = Wait { due, avoided: MODEMS[modem].to_owned(), counts: true, now };
                store.part_waits(id(text), part, wait).await
            }
            Step::Failed { text } if has(text, 1) => {
                store.text_failed(id(text), 1, Failure::Refused, now).await
            }
            Step::Failed { .. } => Ok(()),
            Step::Tidy => self.tidy().await,
        };
        done.unwrap();
    }

    async fn tidy(&self) -> Result<(), StoreError> {
        let now = self.now;
        let deadline = crate::store::Deadline {
            window: now.before(Duration::from_secs(3)),
            last: now.before(Duration::from_secs(18)),
            away: BTreeSet::new(),
            resends: true,
            now,
        };
        self.store.settle_unconfirmed(deadline).await?;
        self.store.expire_texts(now).await?;
        self.store.unpin_texts(now.before(Duration::from_secs(5)), now).await.map(|_| ())
    }

    /// By lane.
    async fn found(&self) -> BTreeMap<String, Vec<i64>> {
        let look = self.store.look(self.now, BTreeMap::new(), |_| true).await.unwrap();
        let pages = look.pages.into_iter().filter(|page| !page.texts.is_empty());
        pages.map(|page| (page.lane, page.texts.iter().map(|text| text.id).collect())).collect()
    }

    /// By lane, as the rule says and without any help of the table.
    async fn expected(&self) -> BTreeMap<String, Vec<i64>> {
        let now = self.now.0;
        self.store
            .look_up(move |connection| {
                let mut statement = connection
                    .prepare(
                        "SELECT id, wanted, pinned, avoided FROM text \
                         WHERE state IN ('queued', 'sending') AND due <= ?1 AND held <= ?1 AND expires > ?1 AND EXISTS \
                         (SELECT 1 FROM part WHERE part.text = text.id AND part.state = 'queued') \
                         AND NOT EXISTS (SELECT 1 FROM text AS older WHERE older.number = text.number \
                         AND older.origin = text.origin AND older.id < text.id \
                         AND older.state IN ('queued', 'sending') AND older.held <= ?1) ORDER BY due, id",
                    )
                    .map_err(StoreError::at("check"))?;
                let rows = statement
                    .query_map([now], |row| {
                        let words: [String; 3] = [row.get(1)?, row.get(2)?, row.get(3)?];
                        Ok((row.get(0)?, words))
                    })
                    .map_err(StoreError::at("check"))?;
                let mut lanes: BTreeMap<String, Vec<i64>> = BTreeMap::new();
                for row in rows {
                    let (id, [wanted, pinned, avoided]) = row.map_err(StoreError::at("check"))?;
                    let wanted = if wanted == avoided { String::new() } else { wanted };
                    let lane = if pinned.is_empty() { wanted } else { pinned };
                    lanes.entry(lane).or_default().push(id);
                }
                Ok(lanes)
            })
            .await
            .unwrap()
    }

    /// What is noted about how many want each modem is what can be counted.
    async fn counts_are_right(&self) -> bool {
        let statement = "SELECT NOT EXISTS (SELECT 1 FROM queue WHERE texts <> (SELECT count(*) FROM text \
                         WHERE wanted = queue.modem AND state IN ('queued', 'sending')))";
        self.store
            .look_up(move |connection| {
                connection.query_row(statement, [], |row| row.get(0)).map_err(StoreError::at("check"))
            })
            .await
            .unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn lanes_hold_what_the_rule_says(steps in prop::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = Store::open(Path::new(":memory:")).unwrap();
            let mut world = World { store, now: Moment(1_800_000_000_000), parts: Vec::new() };
            for step in steps {
                world.step(step).await;
                prop_assert_eq!(world.found().await, world.expected().await, "after {:?}", step);
                prop_assert!(world.counts_are_right().await, "after {:?}", step);
            }
            Ok(())
        })?;
    }
}
