//! Everything that is known to happen to modems, four texts through each: none is lost, none is doubled silently, and
//! the modem comes back alone.

use std::collections::BTreeMap;
use std::time::Duration;

use posthouse_gateway::outbox::{Pauses, Policy, TextState};
use posthouse_gateway::pool::Limits;
use posthouse_tests::modem_simulator::{Fault, Habits, ModemSimulator, Network, Sim};

use crate::office::{Office, PHONE, Yard, hasty};

/// What happens.
enum Mishap {
    /// Always.
    Habit(Habits),
    /// With the next sends.
    Sends(&'static [Fault]),
    /// When the first text is out.
    Now(Fault),
    /// When the first text is out: the SIM is full, nobody was told, and the modem does not send then.
    FullSim,
}

/// All of them.
const TABLE: [(&str, Mishap); 11] = [
    ("result lost although sent", Mishap::Sends(&[Fault::LoseResultOfSent])),
    ("result lost, not sent", Mishap::Sends(&[Fault::LoseText])),
    ("error 500 once", Mishap::Sends(&[Fault::Refuse(500)])),
    ("error 500 five times", Mishap::Sends(&[Fault::Refuse(500); 5])),
    ("hang for 60 s", Mishap::Now(Fault::Hang(Duration::from_secs(60)))),
    ("unplug for 8 s", Mishap::Now(Fault::Unplug(Duration::from_secs(8)))),
    ("firmware restart", Mishap::Now(Fault::Restart)),
    ("noise inside replies", Mishap::Habit(Habits { is_noisy: true, ..Habits::CALM })),
    ("garbage in half of the replies", Mishap::Habit(Habits { has_garbage: true, ..Habits::CALM })),
    ("pieces of five bytes", Mishap::Habit(Habits { piece: Some(5), ..Habits::CALM })),
    ("a full SIM blocks sending", Mishap::FullSim),
];

/// The modem may be away for a minute.
const PATIENCE: Duration = Duration::from_secs(90);
/// Places of the SIM.
const PLACES: usize = 3;

/// A gateway with one modem that this happens to.
struct Scene {
    yard: Yard,
    office: Office,
    policy: Policy,
    /// Texts in the SIM that nobody was told of.
    hidden: usize,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn with(mishap: &Mishap) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let network = Network::default();
        let habits = match mishap {
            Mishap::Habit(habits) => *habits,
            Mishap::FullSim => Habits { full_blocks_sending: true, ..Habits::CALM },
            Mishap::Sends(_) | Mishap::Now(_) => Habits::CALM,
        };
        let sim = Sim { places: PLACES, ..Sim::default() };
        let modem = ModemSimulator::tcp("modem1", &network, sim, habits).await.unwrap();
        if let Mishap::Sends(faults) = mishap {
            modem.fail_next_sends(faults.iter().copied());
        }
        let yard = Yard { network, modems: vec![modem] };
        // As in life, but less patient with the network.
        let pauses = Pauses { first: Duration::from_millis(100), ..Pauses::default() };
        let policy = Policy { pauses, ..hasty() };
        let office = Office::open(folder.path(), &yard, policy, Limits::default()).await;
        Self { yard, office, policy, hidden: 0, _folder: folder }
    }

    /// The first text is out when it happens, unless it happens to that.
    async fn happens(&mut self, mishap: &Mishap) {
        self.office.order("0", "text 0").await;
        match mishap {
            Mishap::Habit(_) | Mishap::Sends(_) => {}
            Mishap::Now(fault) => {
                self.office.becomes("0", TextState::Delivered).await;
                self.yard.modems[0].fail(*fault);
            }
            Mishap::FullSim => {
                self.office.becomes("0", TextState::Delivered).await;
                while self.yard.modems[0].slip_in("SM", &self.yard.network.parts(PHONE, "hidden")[0]) {
                    self.hidden += 1;
                }
                assert!(self.hidden > 0, "the SIM had room");
            }
        }
    }

    /// Nothing was told and nothing was touched: it works by itself.
    async fn receives(&self, name: &str) {
        self.yard.network.write(PHONE, "modem1", "收到");
        let received = self.office.received(self.hidden + 1).await;
        assert!(received.iter().any(|text| text.body == "收到"), "{name}: {received:?}");
    }

    /// How often each text reached the network, after the time in which one would be sent again and with one behind
    /// whatever would go out then.
    async fn counts(&self) -> BTreeMap<String, usize> {
        self.office.tidy_after(self.policy.report_window * 2, self.policy).await;
        self.office.order("4", "text 4").await;
        self.office.becomes("4", TextState::Delivered).await;
        let mut counts = BTreeMap::new();
        for text in self.yard.network.sent() {
            *counts.entry(text.text).or_default() += 1;
        }
        counts
    }
}

/// Four texts through a row of the table.
async fn through(row: usize) {
    let (name, mishap) = &TABLE[row];
    let mut scene = Scene::with(mishap).await;
    scene.happens(mishap).await;
    for id in ["1", "2", "3"] {
        scene.office.order(id, &format!("text {id}")).await;
    }
    for id in ["0", "1", "2", "3"] {
        scene.office.becomes_within(PATIENCE, id, TextState::Delivered).await;
    }
    scene.receives(name).await;
    let once: BTreeMap<String, usize> = (0..5).map(|id| (format!("text {id}"), 1)).collect();
    assert_eq!(scene.counts().await, once, "{name}");
    scene.office.close().await;
}

/// A scene for every row, so that they run beside each other.
macro_rules! scenes {
    ($($scene:ident: $row:expr;)*) => {
        $(
            #[tokio::test]
            async fn $scene() {
                through($row).await;
            }
        )*

        #[test]
        fn every_row_of_the_table_has_a_scene() {
            assert_eq!([$($row),*], std::array::from_fn::<usize, { TABLE.len() }, _>(|row| row));
        }
    };
}

scenes! {
    a_result_that_is_lost_although_the_text_was_sent: 0;
    a_result_that_is_lost_with_its_text: 1;
    a_network_in_trouble_once: 2;
    a_network_in_trouble_five_times: 3;
    a_hang_of_a_minute: 4;
    a_modem_that_is_pulled_out_for_eight_seconds: 5;
    a_firmware_that_starts_anew: 6;
    noise_inside_replies: 7;
    garbage_in_half_of_the_replies: 8;
    pieces_of_five_bytes: 9;
    a_full_sim_that_blocks_sending: 10;
}
