//! Messages in the store: given their ids in commit order, archived, kept for absent receivers, and how far
//! each account has taken what came for it.

mod addresses;
mod deliveries;
mod fate;
mod new_message;
mod origins;
mod stored_id;
mod tables;
mod write;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jid::BareJid;
use parking_lot::Mutex;

use self::addresses::Addresses;
pub(super) use self::addresses::find as address_number;
use self::deliveries::Deliveries;
pub use self::new_message::{ArchiveEntry, NewMessage};
use self::origins::Origins;
pub use self::origins::{OriginKey, text as message_text};
pub use self::stored_id::StoredId;
pub(super) use self::tables::TABLES;
use super::{Database, StorageError, Ticket, Undecided};
use crate::clock::Clock;

/// All stored messages. One for the whole process.
#[derive(Debug)]
pub struct MessageStore {
    database: Database,
    clock: Arc<Clock>,
    last: AtomicI64,
    addresses: Arc<Addresses>,
    origins: Mutex<Origins>,
    under_way: Arc<UnderWay>,
}

/// What is on its way to clients.
#[derive(Debug)]
struct UnderWay {
    addresses: Arc<Addresses>,
    deliveries: Mutex<Deliveries>,
}

impl Undecided for UnderWay {
    fn decide(self: Arc<Self>, key: i64) -> Option<super::Change> {
        let id = StoredId(key);
        let message = self.deliveries.lock().take_unwritten(id)?;
        Some(Box::new(move |connection| write::insert(connection, &self.addresses, id, &message, true)))
    }
}

impl MessageStore {
    /// Opens the store: what a crash left undelivered is put into the offline store first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn open(database: Database, clock: Arc<Clock>) -> Result<Self, StorageError> {
        let addresses = Arc::new(Addresses::default());
        database.write(write::recover).await?;
        let origins = Origins::default();
        let oldest = clock.now().0.saturating_sub(origins::WINDOW_MICROSECONDS);
        let (last, origins, waiting) = database
            .read(move |connection| {
                Ok((
                    tables::newest(connection)?,
                    tables::load_origins(connection, origins, oldest)?,
                    tables::count_waiting(connection)?,
                ))
            })
            .await?;
        Ok(Self {
            database,
            clock,
            last: AtomicI64::new(last),
            origins: Mutex::new(origins),
            under_way: Arc::new(UnderWay {
                addresses: Arc::clone(&addresses),
                deliveries: Mutex::new(Deliveries::new(waiting)),
            }),
            addresses,
        })
    }

    /// The database behind.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The newest id given.
    pub fn newest(&self) -> StoredId {
        StoredId(self.last.load(Ordering::Acquire))
    }

    /// Recognises a message of `sender` to `receiver` by its origin-id and text.
    pub fn origin_key(&self, sender: &BareJid, receiver: &BareJid, origin: &str, text: &[u8]) -> OriginKey {
        self.origins.lock().key(sender, receiver, origin, text)
    }

    /// The write that made the message durable, when this is a resend.
    pub fn seen(&self, key: OriginKey) -> Option<Ticket> {
        self.origins.lock().seen(key)
    }

    /// Stores a message. When it has a receiver it counts as under way until [`MessageStore::taken`],
    /// [`MessageStore::park`] or [`MessageStore::withdraw`]. What no archive keeps is not written at all when
    /// it is taken before anybody asks whether it is on the disk.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn store(&self, message: NewMessage) -> Result<(Ticket, StoredId), StorageError> {
        if message.receiver.is_some() && message.entries.is_empty() {
            self.keep_for_now(message).await
        } else {
            self.write(message).await
        }
    }

    async fn write(&self, message: NewMessage) -> Result<(Ticket, StoredId), StorageError> {
        let addresses = Arc::clone(&self.addresses);
        let begin = |ticket| {
            let id = self.next_id();
            let is_parked = message.receiver.is_some() && !message.is_archived_by_receiver();
            if let Some(receiver) = &message.receiver {
                self.under_way.deliveries.lock().begin(receiver, id, is_parked);
            }
            self.note_origin(&message, ticket, id);
            let change: super::Change =
                Box::new(move |connection| write::insert(connection, &addresses, id, &message, is_parked));
            (change, id)
        };
        self.database.writer().enqueue_in_order(begin).await
    }

    async fn keep_for_now(&self, message: NewMessage) -> Result<(Ticket, StoredId), StorageError> {
        let begin = |ticket| {
            let id = self.next_id();
            self.note_origin(&message, ticket, id);
            self.under_way.deliveries.lock().begin_unwritten(id, message);
            id.0
        };
        let undecided: Arc<UnderWay> = Arc::clone(&self.under_way);
        let (ticket, id) = self.database.writer().enqueue_undecided(undecided, begin).await?;
        Ok((ticket, StoredId(id)))
    }

    fn note_origin(&self, message: &NewMessage, ticket: Ticket, id: StoredId) {
        if let Some(key) = message.key {
            self.origins.lock().note(key, ticket, id);
        }
    }

    fn next_id(&self) -> StoredId {
        // Only called while nobody else can enqueue.
        let id = self.clock.now().0.max(self.last.load(Ordering::Relaxed).saturating_add(1));
        self.last.store(id, Ordering::Relaxed);
        StoredId(id)
    }
}
