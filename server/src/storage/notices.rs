//! Notices of business systems, what has become of them for each receiver, and what is still to be done. What is to
//! be done is on the disk before anybody does it, and gone only together with its result.

mod changes;
pub(super) mod choices;
mod content;
mod deciding;
mod done;
mod due;
mod own;
mod posting;
#[cfg(test)]
mod tests;
mod timeline;
pub(super) mod webhooks;
mod words;

use std::sync::Arc;

use tokio::sync::Notify;

use super::{Database, StorageError, Ticket};

pub use changes::Change;
pub use choices::Chance;
pub use content::{Action, Content, Field, Input, Link};
pub(super) use deciding::DECIDED;
pub use deciding::{Decision, Standing};
pub use done::{Done, Relay};
pub use due::{Job, Sender};
pub use own::OwnTimeline;
pub use posting::{NewNotice, Posted, Receiver};
pub use timeline::{Event, Line, Noted, NoticeRow, Said, Timeline};
pub use webhooks::{Delivery, Told, ToldEvent};
pub use words::{DeliveryMode, EventKind, Task, Way};

pub(super) const TABLES: &str = "
CREATE TABLE notice (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    application INTEGER NOT NULL,
    created INTEGER NOT NULL,
    idempotency TEXT NOT NULL DEFAULT '',
    digest BLOB NOT NULL DEFAULT x'',
    content TEXT NOT NULL,
    delivery TEXT NOT NULL,
    escalate_after INTEGER NOT NULL DEFAULT 0,
    expires INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'open',
    revision INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX notice_idempotency ON notice (application, idempotency) WHERE idempotency <> '';
CREATE TABLE notice_receiver (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    notice INTEGER NOT NULL,
    person TEXT NOT NULL,
    address TEXT NOT NULL,
    way TEXT NOT NULL DEFAULT '',
    reserved INTEGER NOT NULL DEFAULT 0,
    told INTEGER NOT NULL DEFAULT 0,
    read INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'accepted',
    rank INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX notice_receiver_notice ON notice_receiver (notice, id);
CREATE INDEX notice_receiver_unread ON notice_receiver (address, id) WHERE read = 0;
CREATE INDEX notice_receiver_address ON notice_receiver (address, id);
CREATE TABLE notice_work (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    receiver INTEGER NOT NULL,
    task TEXT NOT NULL,
    due INTEGER NOT NULL
) STRICT;
CREATE INDEX notice_work_due ON notice_work (due, id);
CREATE INDEX notice_work_receiver ON notice_work (receiver);
CREATE TABLE notice_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    application INTEGER NOT NULL,
    receiver INTEGER NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    time INTEGER NOT NULL,
    UNIQUE (receiver, kind, detail)
) STRICT;
CREATE INDEX notice_event_application ON notice_event (application, id);
";

/// All notices. Cheap to clone; clones share the bells.
#[derive(Debug, Clone)]
pub struct NoticeStore {
    database: Database,
    work: Arc<Notify>,
    events: Arc<Notify>,
    /// The same for those who tell components.
    events_of_components: Arc<Notify>,
}

impl NoticeStore {
    /// The store in that database.
    pub fn new(database: Database) -> Self {
        Self { database, work: Arc::default(), events: Arc::default(), events_of_components: Arc::default() }
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Returns when there may be something to do.
    pub async fn work(&self) {
        self.work.notified().await;
    }

    /// Something has happened that applications may want to hear.
    fn ring(&self) {
        self.events.notify_one();
        self.events_of_components.notify_one();
    }

    /// Waits until this is on the disk.
    ///
    /// # Errors
    /// The writer has stopped before.
    pub async fn reach(&self, ticket: Ticket) -> Result<(), StorageError> {
        self.database.writer().wait_for(ticket).await
    }
}

/// The `id` of the message that brings a notice to the receiver with this line.
pub fn relay_name(line: i64) -> String {
    format!("notice-{line}")
}

/// Revisions and counts fit into what SQLite has for numbers.
fn number<T: TryFrom<i64> + Default>(value: i64) -> T {
    T::try_from(value).unwrap_or_default()
}
