//! Messages in the store: given their ids in commit order, archived, kept for absent receivers, and how far
//! each account has taken what came for it.

mod addresses;
mod deliveries;
mod origins;
mod write;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use jid::BareJid;
use parking_lot::Mutex;
use posthouse_protocol::wire::Frame;
use rusqlite::{Connection, params};
use smallvec::SmallVec;

use self::addresses::Addresses;
pub(super) use self::addresses::find as address_number;
use self::deliveries::Deliveries;
use self::origins::Origins;
pub use self::origins::{OriginKey, text as message_text};
use super::{Database, StorageError, Ticket, Undecided};
use crate::clock::{Clock, Timestamp};

/// Names a stored message; larger is newer. Microseconds since 1970 when it was accepted, made unique, so that
/// the time of a message and its place in every archive are one and the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoredId(pub i64);

impl StoredId {
    /// Reads the form that clients get; `None` when it was never given by us.
    pub fn parse(text: &str) -> Option<Self> {
        let id = text.parse::<i64>().ok().filter(|id| *id > 0)?;
        (id.to_string() == text).then_some(Self(id))
    }

    /// When the message was accepted.
    pub fn time(self) -> Timestamp {
        Timestamp(self.0)
    }
}

impl std::fmt::Display for StoredId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The tables. One message row serves the archives of both sides and the offline store; archive entries are
/// small and lie together by owner.
pub(super) const TABLES: &str = "
CREATE TABLE address (id INTEGER PRIMARY KEY, jid TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    sender INTEGER NOT NULL,
    origin TEXT NOT NULL DEFAULT '',
    receiver INTEGER NOT NULL,
    archived INTEGER NOT NULL DEFAULT 0,
    frame BLOB NOT NULL
) STRICT;
CREATE TABLE archive (
    owner INTEGER NOT NULL,
    id INTEGER NOT NULL,
    peer INTEGER NOT NULL,
    resource TEXT NOT NULL DEFAULT '',
    incoming INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX archive_peer ON archive (owner, peer);
CREATE TABLE offline (
    owner INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE delivered (owner INTEGER PRIMARY KEY, through INTEGER NOT NULL DEFAULT 0) STRICT;
";

/// One place of a message in one account's archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveEntry {
    /// Whose archive.
    pub owner: BareJid,
    /// The other side.
    pub peer: BareJid,
    /// The other side's resource, empty when it has none.
    pub resource: String,
    /// Addressed to the owner.
    pub is_incoming: bool,
}

/// A message to be stored.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Who sent it.
    pub sender: BareJid,
    /// Account that is to get it, when it waits for delivery.
    pub receiver: Option<BareJid>,
    /// The sender's origin-id (XEP-0359), or empty.
    pub origin: String,
    /// What recognises a resend.
    pub key: Option<OriginKey>,
    /// The stanza; it is stored in a form that can stand inside another namespace.
    pub frame: Frame,
    /// Archives it belongs into.
    pub entries: SmallVec<[ArchiveEntry; 2]>,
}

impl NewMessage {
    /// Is in the receiver's own archive, where a crash finds it again.
    fn is_archived_by_receiver(&self) -> bool {
        self.entries.iter().any(|entry| entry.is_incoming && Some(&entry.owner) == self.receiver.as_ref())
    }
}

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
                    newest(connection)?,
                    load_origins(connection, origins, oldest)?,
                    count_waiting(connection)?,
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

    /// No client was there to take the message: it waits in the offline store. What was parked already stays.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn park(&self, account: &BareJid, id: StoredId) -> Result<Ticket, StorageError> {
        let addresses = Arc::clone(&self.addresses);
        let owner = account.clone();
        let ticket = self
            .database
            .write_later(move |connection| write::park(connection, &addresses, &owner, &[id]))
            .await?;
        // The row is queued before any later watermark that passes over it.
        self.under_way.deliveries.lock().parked(account, id);
        Ok(ticket)
    }

    /// Takes a message back as if it had never been accepted: its sender got an error.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn withdraw(&self, account: &BareJid, id: StoredId) -> Result<(), StorageError> {
        self.origins.lock().forget(id);
        self.under_way.deliveries.lock().withdrawn(account, id);
        self.database.write_later(move |connection| write::withdraw(connection, id)).await.map(|_| ())
    }

    /// Messages that wait in the offline store of an account.
    pub fn waiting(&self, account: &BareJid) -> u64 {
        self.under_way.deliveries.lock().waiting(account)
    }

    /// Messages that wait in the offline store of all accounts.
    pub fn waiting_in_all(&self) -> u64 {
        self.under_way.deliveries.lock().waiting_in_all()
    }

    /// A client of the account has these messages.
    pub fn taken(&self, account: &BareJid, ids: &[StoredId]) {
        self.under_way.deliveries.lock().taken(account, ids);
    }

    /// A stored message goes to a client now; false when it is on its way to one already.
    pub fn hand_over(&self, account: &BareJid, id: StoredId) -> bool {
        self.under_way.deliveries.lock().hand_over(account, id)
    }

    /// A message that was handed over did not reach the client; it still waits in the offline store.
    pub fn hand_back(&self, account: &BareJid, id: StoredId) {
        self.under_way.deliveries.lock().hand_back(account, id);
    }

    /// The account has no session any more: what is still under way to it goes into the offline store.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn park_all(&self, account: &BareJid) -> Result<(), StorageError> {
        let left = self.under_way.deliveries.lock().left(account);
        for id in left {
            self.park(account, id).await?;
        }
        Ok(())
    }

    /// Writes how far each account has taken its messages, and drops taken ones from the offline store; waits
    /// until both are on the disk. Called about once a second, before a handover, and at the end.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn settle(&self) -> Result<(), StorageError> {
        let settled = self.under_way.deliveries.lock().settle();
        if settled.is_empty() {
            return Ok(());
        }
        let addresses = Arc::clone(&self.addresses);
        let changes = settled.clone();
        let ticket = self
            .database
            .write_later(move |connection| write::settle(connection, &addresses, &changes))
            .await?;
        self.database.writer().wait_for(ticket).await?;
        self.under_way.deliveries.lock().settled(&settled);
        Ok(())
    }

    /// Before the process ends: settles, and waits until everything is on the disk.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn finish(&self) -> Result<(), StorageError> {
        self.settle().await?;
        let writer = self.database.writer();
        writer.wait_for(writer.enqueued()).await
    }

    /// Settles about once a second, for as long as it is polled.
    pub async fn keep_settling(&self) {
        let mut seconds = tokio::time::interval(std::time::Duration::from_secs(1));
        seconds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            seconds.tick().await;
            if let Err(error) = self.settle().await {
                tracing::error!(%error, "what was delivered cannot be noted");
                return;
            }
        }
    }

    fn next_id(&self) -> StoredId {
        // Only called while nobody else can enqueue.
        let id = self.clock.now().0.max(self.last.load(Ordering::Relaxed).saturating_add(1));
        self.last.store(id, Ordering::Relaxed);
        StoredId(id)
    }
}

fn newest(connection: &Connection) -> Result<i64, StorageError> {
    connection
        .query_row("SELECT coalesce(max(id), 0) FROM message", [], |row| row.get(0))
        .map_err(StorageError::at("newest message"))
}

fn count_waiting(connection: &Connection) -> Result<HashMap<BareJid, u64>, StorageError> {
    let at = StorageError::at("count offline messages");
    let mut statement = connection
        .prepare("SELECT a.jid, count(*) FROM offline o JOIN address a ON a.id = o.owner GROUP BY o.owner")
        .map_err(&at)?;
    let rows =
        statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))).map_err(&at)?;
    let mut waiting = HashMap::new();
    for row in rows {
        let (jid, count) = row.map_err(&at)?;
        if let (Ok(jid), Ok(count)) = (BareJid::new(&jid), u64::try_from(count)) {
            waiting.insert(jid, count);
        }
    }
    Ok(waiting)
}

fn load_origins(connection: &Connection, mut origins: Origins, oldest: i64) -> Result<Origins, StorageError> {
    let at = StorageError::at("recent origin ids");
    let mut statement = connection
        .prepare(
            "SELECT m.id, s.jid, r.jid, m.origin, m.frame FROM message m
             JOIN address s ON s.id = m.sender JOIN address r ON r.id = m.receiver
             WHERE m.id IN (SELECT id FROM message WHERE id > ?1 ORDER BY id DESC LIMIT ?2) AND m.origin <> ''
             ORDER BY m.id",
        )
        .map_err(&at)?;
    let most = i64::try_from(origins::MOST).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![oldest, most]).map_err(&at)?;
    while let Some(row) = rows.next().map_err(&at)? {
        let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<(i64, String, String, String, Vec<u8>)> {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        };
        let (id, sender, receiver, origin, frame) = read(row).map_err(&at)?;
        if let (Ok(sender), Ok(receiver)) = (BareJid::new(&sender), BareJid::new(&receiver)) {
            let key = origins.key(&sender, &receiver, &origin, &origins::text_of(Bytes::from(frame)));
            origins.note(key, Ticket(0), StoredId(id));
        }
    }
    Ok(origins)
}
