//! Brings messages to the gateway, in order, as often as it takes: they stay on the disk until the gateway says how
//! far the text is. It knows them again by sender and id.

use std::time::Duration;

use bytes::Bytes;
use jid::BareJid;
use posthouse_protocol::wire::Frame;

use super::Phones;
use crate::clock::Timestamp;
use crate::storage::StorageError;
use crate::storage::relays::{Expired, RelayStore};

/// Messages read at once.
const BATCH: u32 = 64;
/// How long a gateway that takes nothing more is left alone.
const FULL: Duration = Duration::from_millis(100);
/// How long the pump rests when the database does not answer.
const AGAIN: Duration = Duration::from_secs(2);

/// What waits for the gateway.
#[derive(Debug)]
pub(super) struct Pump {
    phones: Phones,
    store: RelayStore,
    /// How long a message waits for an absent gateway.
    wait: Duration,
}

/// Where the pump stands.
#[derive(Debug, Default)]
struct Place {
    /// The connection that got all through `number`.
    link: Option<u64>,
    number: i64,
}

impl Pump {
    pub(super) fn new(phones: Phones, store: RelayStore, wait: Duration) -> Self {
        Self { phones, store, wait }
    }

    /// Until when a message waits that came then; its own lifetime counts when that is shorter.
    pub(super) fn until(&self, came: Timestamp, lifetime: Option<Duration>) -> Timestamp {
        let wait = lifetime.map_or(self.wait, |lifetime| lifetime.min(self.wait));
        Timestamp(came.0.saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)))
    }

    /// Gives up what waited too long, and tells what was given up before and is not settled.
    pub(super) async fn expired(&self, now: Timestamp) -> Result<Vec<Expired>, StorageError> {
        self.store.expired(now, BATCH).await
    }

    /// Keeps a message for the gateway; it is on the disk when this returns.
    pub(super) async fn keep(
        &self,
        sender: BareJid,
        name: String,
        frame: &Frame,
        until: Timestamp,
    ) -> Result<(), StorageError> {
        self.store.keep(sender, name, frame.to_component_namespace().bytes().clone(), until).await
    }

    /// The gateway has it.
    pub(super) async fn settle(&self, sender: BareJid, name: String) -> Result<(), StorageError> {
        self.store.settle(sender, name).await
    }

    /// Works as long as the server.
    pub(super) async fn run(&self) {
        let mut place = Place::default();
        loop {
            match self.send(&mut place).await {
                Ok(true) => tokio::select! {
                    () = self.store.kept() => {}
                    () = self.phones.components.connected() => {}
                },
                Ok(false) => tokio::time::sleep(FULL).await,
                Err(error) => {
                    tracing::error!(%error, "messages for phones cannot be read");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// Sends all there is; false when the gateway takes nothing more for now.
    async fn send(&self, place: &mut Place) -> Result<bool, StorageError> {
        loop {
            let Some(link) = self.phones.components.find(&self.phones.gateway).flatten() else {
                return Ok(true);
            };
            if place.link != Some(link.id()) {
                *place = Place { link: Some(link.id()), number: 0 };
            }
            let batch: Vec<(i64, Bytes)> = self.store.after(place.number, BATCH).await?;
            if batch.is_empty() {
                return Ok(true);
            }
            for (number, frame) in batch {
                if !link.send(frame) {
                    return Ok(false);
                }
                place.number = number;
            }
        }
    }
}
