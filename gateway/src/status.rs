//! How the gateway is, for administrators: taken from what is at work, shown as text, as XML, as figures for
//! Prometheus, and kept in a file for the command line.

mod figures;
mod file;
mod text;

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::modem::State;
use crate::outbox::Outbox;
use crate::quotas::written;
use crate::store::{Size, Store, StoreError};
use crate::ways::Ways;

pub use figures::serve;
pub use file::{keep, read};

/// The gateway at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Milliseconds since 1970.
    pub time: i64,
    /// The server is there; `None`: none is set.
    pub server: Option<bool>,
    /// The modems and lines.
    pub ways: Vec<Way>,
    /// Texts that wait or are being sent.
    pub waiting: i64,
    /// Texts of today by what became of them.
    pub today: Vec<(String, i64)>,
    /// Texts that came today.
    pub received: i64,
    /// What today's messages cost, in millionths.
    pub cost: i64,
    /// In which money.
    pub currency: String,
    /// What was counted since the gateway was set up: ignored texts, doubles, calls and the like.
    pub counters: Vec<(String, i64)>,
    /// How large the database is.
    #[serde(default)]
    pub size: Size,
}

/// A modem or line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// `modem` or `line`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// It can send.
    pub is_ready: bool,
    /// How it is, in plain words.
    pub state: String,
    /// The same in one word for programs (`docs/sms.md`).
    #[serde(default)]
    pub condition: String,
    /// It is not used until then (milliseconds since 1970): it failed again and again.
    #[serde(default)]
    pub rests_until: Option<i64>,
    /// What modem, network or carrier said, when something is wrong.
    #[serde(default)]
    pub reason: Option<String>,
    /// The network.
    pub operator: Option<String>,
    /// Decibels against a milliwatt.
    pub signal: Option<i16>,
    /// Messages of the last day.
    pub sent: Option<usize>,
}

/// Takes snapshots. Cheap to clone.
#[derive(Clone)]
pub struct Reporter {
    ways: Ways,
    store: Store,
    outbox: Outbox,
    server: Arc<OnceLock<watch::Receiver<bool>>>,
}

impl Reporter {
    /// Of these ways.
    pub fn new(ways: Ways, store: Store, outbox: Outbox) -> Self {
        Self { ways, store, outbox, server: Arc::default() }
    }

    /// There is a server, and this says whether it is connected.
    pub fn joins(&self, connected: watch::Receiver<bool>) {
        // A gateway has one link.
        let _ = self.server.set(connected);
    }

    /// The gateway now.
    ///
    /// # Errors
    /// The store's.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let now = self.outbox.now();
        let rules = self.outbox.rules();
        let today = rules.day(now);
        let states = self.store.states_since(today).await?;
        let is_waiting = |state: &str| matches!(state, "queued" | "sending");
        let waiting = states.iter().filter(|(state, _)| is_waiting(state)).map(|(_, count)| count).sum();
        let cost = self.store.usage(today, today).await?.iter().map(|row| row.cost).sum();
        Ok(Snapshot {
            time: now.0,
            server: self.server.get().map(|connected| *connected.borrow()),
            ways: self.ways(),
            waiting,
            today: states.into_iter().filter(|(state, _)| !is_waiting(state)).collect(),
            received: self.store.received_since(rules.start_of_day(now)).await?,
            cost,
            currency: rules.currency.clone(),
            counters: self.store.counters().await?,
            size: self.store.size().await?,
        })
    }

    /// How many ways can send, and how many there are.
    pub fn readiness(&self) -> (usize, usize) {
        let ways = self.ways();
        (ways.iter().filter(|way| way.is_ready).count(), ways.len())
    }

    fn ways(&self) -> Vec<Way> {
        let zone = self.outbox.rules().zone;
        let resting = |rests: Option<&(crate::clock::Moment, String)>, state: String| {
            rests.map_or(state, |(until, why)| format!("rests until {}: {why}", written(*until, zone)))
        };
        let mut ways = Vec::new();
        for modem in self.ways.modems.view() {
            let state = modem.status.state;
            let words = if state.is_ready() { "ready".to_owned() } else { words(state) };
            ways.push(Way {
                kind: "modem".to_owned(),
                is_ready: state.is_ready() && modem.rests.is_none(),
                state: resting(modem.rests.as_ref(), words),
                condition: word_of(state).to_owned(),
                rests_until: modem.rests.as_ref().map(|(until, _)| until.0),
                reason: modem.rests.map(|(_, why)| why),
                name: modem.name,
                operator: modem.status.identity.operator,
                signal: modem.status.signal,
                sent: Some(modem.sent_today),
            });
        }
        for line in self.ways.lines.iter().map(crate::smpp::LineRoute::view) {
            ways.push(Way {
                kind: "line".to_owned(),
                is_ready: line.state.is_bound() && line.rests.is_none(),
                state: resting(line.rests.as_ref(), line.state.sentence()),
                condition: line.state.word().to_owned(),
                rests_until: line.rests.as_ref().map(|(until, _)| until.0),
                reason: line.rests.map(|(_, why)| why).or_else(|| line.state.cause().map(str::to_owned)),
                name: line.name,
                operator: None,
                signal: None,
                sent: None,
            });
        }
        ways
    }
}

/// One word for programs.
fn word_of(state: State) -> &'static str {
    match state {
        State::Unplugged => "unplugged",
        State::Starting => "starting",
        State::NoSim => "no-sim",
        State::PinMissing => "pin-missing",
        State::PinRefused => "pin-refused",
        State::SimLocked => "sim-locked",
        State::Searching => "searching",
        State::Denied => "denied",
        State::Ready => "ready",
        State::Silent => "silent",
        State::OutOfService(_) => "out-of-service",
    }
}

fn words(state: State) -> String {
    let word = match state {
        State::Unplugged => "unplugged",
        State::Starting => "starting",
        State::NoSim => "no SIM",
        State::PinMissing => "PIN missing",
        State::PinRefused => "PIN refused",
        State::SimLocked => "SIM locked",
        State::Searching => "no network",
        State::Denied => "refused by the network",
        State::Ready => "ready",
        State::Silent => "silent",
        State::OutOfService(_) => "out of service",
    };
    format!("{word}. {}", state.advice())
}
