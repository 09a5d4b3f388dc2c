//! Many modems as one route: the least busy healthy one takes a text, conversations keep theirs, SIMs keep to
//! their limits, and a modem that fails again and again rests.

mod choice;
mod courier;
mod limits;
mod record;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::clock::Moment;
use crate::modem::{Modem, ModemEvent, ModemSender, PinMemory, Settings, Status, Switchboard};
use crate::outbox::Outbox;
use crate::route::{Capabilities, Delivery, Reports, Route};
use crate::store::{DueText, Store, StoreError};

use choice::{Candidate, choose, is_closed};
use limits::Tally;
use record::Record;

pub use limits::Limits;

/// A modem's place in the pool.
#[derive(Debug, Clone)]
pub struct Place {
    /// How to reach it.
    pub settings: Settings,
    /// Beginnings of the numbers it is for; empty for all.
    pub prefixes: Vec<String>,
    /// What its SIM may send.
    pub limits: Limits,
}

/// A modem as the administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Its name.
    pub name: String,
    /// How it is.
    pub status: Status,
    /// It is sending.
    pub is_busy: bool,
    /// It rests until then, because of this.
    pub rests: Option<(Moment, String)>,
    /// Messages of the last day.
    pub sent_today: usize,
}

/// How long a modem that is not ready counts as being brought back.
const COMING: Duration = Duration::from_secs(30);

/// One modem and what the pool knows about it.
struct Seat {
    sender: ModemSender,
    status: watch::Receiver<Status>,
    prefixes: Vec<String>,
    is_busy: bool,
    /// When it was ready last, or was started.
    ready_at: Moment,
    record: Record,
    tally: Tally,
}

impl Seat {
    fn is_ready(&self) -> bool {
        self.status.borrow().state.is_ready()
    }

    /// Not ready, but not for long: it starts, or is being brought back.
    fn is_coming(&self, now: Moment) -> bool {
        !self.is_ready() && self.ready_at.until(now) < COMING
    }
}

type Seats = Arc<Mutex<BTreeMap<String, Seat>>>;

/// The pool.
pub struct Pool {
    seats: Seats,
    outbox: Outbox,
    modems: Vec<Modem>,
    watchers: Vec<JoinHandle<()>>,
    board: Arc<Switchboard>,
}

/// The pool as a route. Cheap to clone.
#[derive(Clone)]
pub struct PoolRoute {
    seats: Seats,
    outbox: Outbox,
    store: Store,
    board: Arc<Switchboard>,
}

impl Pool {
    /// Starts all modems; what they receive goes to `events`. Those that are given by their number are looked for in
    /// `search` as well.
    ///
    /// # Errors
    /// The store's.
    pub async fn start(
        places: Vec<Place>,
        store: &Store,
        outbox: &Outbox,
        events: &mpsc::Sender<ModemEvent>,
        search: Vec<String>,
    ) -> Result<Self, StoreError> {
        let day_ago = outbox.now().before(limits::DAY);
        let sent = store.sent_since(day_ago).await?;
        let pins: Arc<dyn PinMemory> = Arc::new(store.clone());
        let settings = places.iter().map(|place| &place.settings);
        let board = Switchboard::open(store.clone(), settings, search).await?;
        let seats = Seats::default();
        let (mut modems, mut watchers) = (Vec::new(), Vec::new());
        for place in places {
            let name = place.settings.name.clone();
            let modem = Modem::start(place.settings, Arc::clone(&pins), Arc::clone(&board), events.clone());
            let earlier = sent.iter().filter(|(modem, _)| *modem == name).map(|(_, time)| Moment(*time));
            watchers.push(tokio::spawn(watch_modem(name.clone(), modem.status(), outbox.clone())));
            let seat = Seat {
                sender: modem.sender(),
                status: modem.status(),
                prefixes: place.prefixes,
                is_busy: false,
                ready_at: outbox.now(),
                record: Record::default(),
                tally: Tally::new(place.limits, earlier),
            };
            seats.lock().insert(name, seat);
            modems.push(modem);
        }
        Ok(Self { seats, outbox: outbox.clone(), modems, watchers, board })
    }

    /// The pool as a route.
    pub fn route(&self, store: &Store) -> PoolRoute {
        PoolRoute {
            seats: Arc::clone(&self.seats),
            outbox: self.outbox.clone(),
            store: store.clone(),
            board: Arc::clone(&self.board),
        }
    }

    /// Ends all modems. The routes made of this pool take nothing more.
    pub async fn stop(self) {
        self.seats.lock().clear();
        for watcher in self.watchers {
            watcher.abort();
        }
        for modem in self.modems {
            modem.stop().await;
        }
    }
}

/// Whoever gives texts to modems looks again when a modem changes; and reports are waited for only while it can
/// hand them over.
async fn watch_modem(name: String, mut status: watch::Receiver<Status>, outbox: Outbox) {
    let mut was_ready = None;
    loop {
        // Brought back between two looks is away as well.
        let now = {
            let status = status.borrow_and_update();
            status.state.is_ready().then_some(status.recoveries)
        };
        if was_ready != Some(now) {
            was_ready = Some(now);
            if let Err(error) = outbox.hears(&name, now.is_some()).await {
                tracing::error!(modem = name, %error, "a modem's return cannot be noted");
            }
        }
        outbox.wake();
        if status.changed().await.is_err() {
            return;
        }
    }
}

impl PoolRoute {
    /// The seats, with what their SIMs sent themselves.
    fn seats(&self) -> parking_lot::MutexGuard<'_, BTreeMap<String, Seat>> {
        let mut seats = self.seats.lock();
        for (name, sent) in self.board.new_counts() {
            if let Some(seat) = seats.get_mut(&name) {
                seat.tally.begin_anew(sent);
            }
        }
        seats
    }

    /// All modems.
    pub fn view(&self) -> Vec<View> {
        let now = self.outbox.now();
        let mut seats = self.seats();
        seats
            .iter_mut()
            .map(|(name, seat)| View {
                name: name.clone(),
                status: seat.status.borrow().clone(),
                is_busy: seat.is_busy,
                rests: seat.record.rests(now),
                sent_today: seat.tally.sent_today(now),
            })
            .collect()
    }

    /// The names of modems that can send, those that sent least first, and then those that will in a moment: for
    /// conversations.
    pub fn healthy(&self) -> Vec<String> {
        let now = self.outbox.now();
        let mut seats = self.seats();
        let mut healthy: Vec<(bool, usize, String)> = seats
            .iter_mut()
            .filter(|(_, seat)| seat.is_coming(now) || (seat.is_ready() && seat.record.rests(now).is_none()))
            .map(|(name, seat)| (!seat.is_ready(), seat.tally.sent_today(now), name.clone()))
            .collect();
        healthy.sort();
        healthy.into_iter().map(|(_, _, name)| name).collect()
    }

    /// Waits until every modem can send.
    pub async fn all_ready(&self) {
        let statuses: Vec<_> = self.seats.lock().values().map(|seat| seat.status.clone()).collect();
        for mut status in statuses {
            // A modem that ended will never be ready; nobody has to wait for it.
            let _ = status.wait_for(|status| status.state.is_ready()).await;
        }
    }

    /// How a modem is, now and whenever that changes.
    pub fn status(&self, modem: &str) -> Option<watch::Receiver<Status>> {
        self.seats.lock().get(modem).map(|seat| seat.status.clone())
    }

    /// For questions to the network, as about the balance.
    pub fn sender(&self, modem: &str) -> Option<ModemSender> {
        self.seats.lock().get(modem).map(|seat| seat.sender.clone())
    }

    /// Everything the choice depends on.
    fn candidates<'a>(seats: &'a mut BTreeMap<String, Seat>, now: Moment) -> Vec<Candidate<'a>> {
        // When all that could work have to rest, resting helps nobody: texts have their own pauses.
        let all_rest = seats.values().all(|seat| !seat.is_ready() || seat.record.rests(now).is_some());
        for seat in seats.values_mut().filter(|seat| seat.is_ready()) {
            seat.ready_at = now;
        }
        seats
            .iter_mut()
            .map(|(name, seat)| Candidate {
                is_free: !seat.is_busy,
                is_healthy: seat.is_ready() && (all_rest || seat.record.rests(now).is_none()),
                is_coming: seat.is_coming(now),
                has_room: seat.tally.has_room(now),
                sent: seat.tally.sent_today(now),
                name,
                prefixes: &seat.prefixes,
            })
            .collect()
    }

    /// Chooses a modem and makes it busy.
    fn reserve(&self, text: &DueText) -> Option<(String, ModemSender)> {
        let now = self.outbox.now();
        let mut seats = self.seats();
        let candidates = Self::candidates(&mut seats, now);
        let name = choose(text, &candidates)?.to_owned();
        let seat = seats.get_mut(&name)?;
        seat.is_busy = true;
        Some((name, seat.sender.clone()))
    }
}

impl Route for PoolRoute {
    fn name(&self) -> &str {
        "modems"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { free_text: true, receives: true, reports: Reports::PerPart, most_parts: u8::MAX }
    }

    fn matches(&self, number: &str) -> Option<usize> {
        let known = |seat: &Seat| choice::known_of(&seat.prefixes, number);
        self.seats.lock().values().filter_map(known).max()
    }

    fn is_closed_to(&self, lane: &str) -> bool {
        let now = self.outbox.now();
        let mut seats = self.seats();
        is_closed(lane, &Self::candidates(&mut seats, now))
    }

    fn offer(&self, text: &DueText) -> Option<Delivery> {
        let (modem, sender) = self.reserve(text)?;
        let courier = courier::Courier {
            modem,
            sender,
            seats: Arc::clone(&self.seats),
            outbox: self.outbox.clone(),
            store: self.store.clone(),
        };
        let text = text.clone();
        Some(Box::pin(async move { courier.carry(text).await }))
    }
}
