//! What comes from modems: kept before it leaves the modem, joined when it came in parts, recognised when it
//! comes twice. Reports go to the outbox.

mod carrier;
mod mark;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::clock::{Clock, Moment};
use crate::modem::ModemEvent;
use crate::outbox::Outbox;
use crate::pdu::{Concatenation, Content, Deliver, Incoming, decode_incoming, join};
use crate::store::{Kept, Report, Store, StoreError, Waiting};

pub(crate) use carrier::{Letter, Owed, Piece};

/// Keeps what comes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Inbox {
    store: Store,
    clock: Arc<Clock>,
    outbox: Outbox,
    arrived: Arc<watch::Sender<()>>,
    /// How long parts of a text wait for the others.
    patience: Duration,
}

/// Shown where a part did not come.
const MISSING: &str = " […] ";

impl Inbox {
    /// The inbox of a store.
    pub fn new(store: Store, clock: Arc<Clock>, outbox: Outbox, patience: Duration) -> Self {
        Self { store, clock, outbox, arrived: Arc::new(watch::Sender::new(())), patience }
    }

    /// Takes what modems tell until none is left.
    pub async fn run(self, mut events: mpsc::Receiver<ModemEvent>) {
        let mut keeping = JoinSet::new();
        let period = (self.patience / 4).clamp(Duration::from_millis(100), Duration::from_secs(60));
        let mut tidy = tokio::time::interval(period);
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    // A modem waits until its text is kept, so these are at most as many as modems.
                    Some(event) => {
                        let inbox = self.clone();
                        keeping.spawn(async move { inbox.heed(event).await });
                    }
                    None => break,
                },
                Some(_) = keeping.join_next() => {}
                _ = tidy.tick() => {
                    if let Err(error) = self.tidy().await {
                        tracing::error!(%error, "parts that waited too long cannot be read");
                    }
                }
            }
        }
        keeping.join_all().await;
    }

    async fn heed(&self, event: ModemEvent) {
        match event {
            ModemEvent::Received { modem, digits, kept } => match self.take(&modem, &digits).await {
                // A direct text's modem does not wait.
                Ok(()) => drop(kept.send(())),
                Err(error) => tracing::error!(modem, %error, "a text cannot be kept"),
            },
            ModemEvent::Call { modem } => {
                tracing::info!(modem, "a call was hung up");
                if let Err(error) = self.store.count("calls").await {
                    tracing::error!(%error, "a call cannot be counted");
                }
            }
        }
    }

    /// Keeps one message; when this returns it is on the disk.
    ///
    /// # Errors
    /// The store's.
    pub async fn take(&self, modem: &str, digits: &str) -> Result<(), StoreError> {
        match decode_incoming(digits) {
            Ok(Incoming::Deliver(deliver)) => self.text(modem, digits, &deliver).await,
            Ok(Incoming::StatusReport(report)) => self.outbox.report(modem, &report).await,
            Err(error) => {
                tracing::warn!(modem, %error, "a message cannot be read");
                self.store.keep_unreadable(modem.to_owned(), digits.to_owned(), self.clock.now()).await
            }
        }
    }

    async fn text(&self, modem: &str, digits: &str, deliver: &Deliver) -> Result<(), StoreError> {
        let received = self.clock.now();
        let sender = deliver.sender.to_string();
        let sent = deliver.time.map_or(received, |time| Moment(time.seconds.saturating_mul(1_000)));
        let report = Report {
            modem: modem.to_owned(),
            mark: mark::of(modem, &sender, sent, &deliver.raw),
            sender,
            sent,
            received,
            kept: kind(deliver, digits),
        };
        if self.store.keep(report, joined).await? {
            self.arrived.send_replace(());
        } else {
            tracing::info!(modem, "a text came twice");
        }
        Ok(())
    }

    /// Gives texts of which parts did not come in time.
    ///
    /// # Errors
    /// The store's.
    pub async fn tidy(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        if self.store.give_up_waiting(now.before(self.patience), now, joined).await? > 0 {
            self.arrived.send_replace(());
        }
        Ok(())
    }

    /// Whole texts that nobody has taken yet.
    ///
    /// # Errors
    /// The store's.
    pub async fn unhanded(&self) -> Result<Vec<Waiting>, StoreError> {
        self.store.unhanded().await
    }

    /// Somebody has it for good.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_handed(&self, id: i64) -> Result<(), StoreError> {
        self.store.is_handed(id).await
    }

    /// Changes when a whole text came.
    pub fn arrived(&self) -> watch::Receiver<()> {
        self.arrived.subscribe()
    }
}

fn kind(deliver: &Deliver, digits: &str) -> Kept {
    if deliver.is_multimedia_notification() {
        // A long one comes in parts and is one picture.
        let is_first = deliver.header.concatenation().is_none_or(|place| place.number == 1);
        return if is_first { Kept::Counted { name: "multimedia" } } else { Kept::Marked };
    }
    let body = deliver.content.text().filter(|_| deliver.is_readable());
    match (deliver.header.concatenation(), body) {
        (_, None) => Kept::Counted { name: "data" },
        (Some(place), Some(_)) if place.total > 1 => Kept::Part {
            reference: reference(place),
            total: place.total,
            number: place.number,
            digits: digits.to_owned(),
        },
        (_, Some(body)) => Kept::Whole { body },
    }
}

/// References of 8 and 16 bits are different ones even when they are equal.
fn reference(place: Concatenation) -> i64 {
    i64::from(place.reference) + if place.is_wide { 0x1_0000 } else { 0 }
}

/// The text of parts, some of which may be missing.
fn joined(parts: &[Option<String>]) -> String {
    let contents: Vec<Content> = parts
        .iter()
        .map(|digits| match digits.as_deref() {
            Some(digits) => carrier::content_of(digits).or_else(|| content_of(digits)),
            None => None,
        })
        .map(|content| content.unwrap_or_else(|| Content::Text(MISSING.to_owned())))
        .collect();
    join(&contents)
}

fn content_of(digits: &str) -> Option<Content> {
    match decode_incoming(digits) {
        Ok(Incoming::Deliver(deliver)) => Some(deliver.content),
        Ok(Incoming::StatusReport(_)) | Err(_) => None,
    }
}
