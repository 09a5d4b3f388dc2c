//! What is still to be told to applications that want to hear what became of their notices: in order for each notice,
//! one delivery at a time, the same events under the same number until the application has them.

mod components;
mod outcome;
#[cfg(test)]
mod tests;

use rusqlite::{Connection, OptionalExtension, params};

use super::timeline::read_event;
use super::{Event, NoticeStore};
use crate::clock::Timestamp;
use crate::storage::applications::{self, Webhook};
use crate::storage::{StorageError, Ticket};

pub(in crate::storage) const TABLES: &str = "
CREATE TABLE webhook_event (
    notice INTEGER NOT NULL,
    event INTEGER NOT NULL,
    PRIMARY KEY (notice, event)
) STRICT, WITHOUT ROWID;
CREATE TABLE webhook_delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    application INTEGER NOT NULL,
    notice INTEGER NOT NULL UNIQUE,
    begun INTEGER NOT NULL DEFAULT 0,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX webhook_delivery_due ON webhook_delivery (application, due, id);
";

/// Most events that are told at once.
const EVENTS: u32 = 100;
/// Most deliveries to one application at the same time.
const SIDE_BY_SIDE: u32 = 4;

/// Something that has happened, for its application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldEvent {
    /// Number; never used again.
    pub id: i64,
    /// Id of the receiver in the directory.
    pub person: String,
    /// The receiver's bare address.
    pub address: String,
    /// What, and when.
    pub event: Event,
}

/// What is to be told at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Number; never used again.
    pub id: i64,
    /// Number of the application.
    pub application: i64,
    /// Where to, and with which secret.
    pub webhook: Webhook,
    /// Domain of the component that is told instead.
    pub component: String,
    /// What the world calls the notice.
    pub notice: String,
    /// In the order in which they happened.
    pub events: Vec<ToldEvent>,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The application has it.
    Yes,
    /// It may be tried again.
    No(String),
    /// The application wants to hear nothing any more.
    Never(String),
}

impl NoticeStore {
    /// Returns when there may be something to tell, once it is on the disk.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn happened(&self) -> Result<(), StorageError> {
        self.events.notified().await;
        let writer = self.database.writer();
        writer.wait_for(writer.enqueued()).await
    }

    /// What is to be told by now, a few for each application, without what is `under_way`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn to_tell(&self, now: Timestamp, under_way: Vec<i64>) -> Result<Vec<Delivery>, StorageError> {
        let ids = self.database.read(move |connection| due(connection, now)).await?;
        self.composed(ids, &under_way, now).await
    }

    /// Those of these deliveries that are not under way, with what goes.
    async fn composed(
        &self,
        ids: Vec<i64>,
        under_way: &[i64],
        now: Timestamp,
    ) -> Result<Vec<Delivery>, StorageError> {
        let ids: Vec<i64> = ids.into_iter().filter(|id| !under_way.contains(id)).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.database
            .write(move |connection| {
                let mut found = Vec::with_capacity(ids.len());
                for id in ids {
                    compose(connection, id, now)?;
                    found.extend(delivery(connection, id)?);
                }
                Ok(found)
            })
            .await
    }

    /// When there will be something to tell, as things stand.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn next_to_tell(&self, after: Timestamp) -> Result<Option<Timestamp>, StorageError> {
        self.database
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT min(due) FROM webhook_delivery WHERE due > ?1")
                    .and_then(|mut statement| {
                        statement.query_row([after.0], |row| row.get::<_, Option<i64>>(0))
                    })
                    .map(|due| due.map(Timestamp))
                    .map_err(StorageError::at("next delivery"))
            })
            .await
    }

    /// Notes what became of a delivery, later.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn told(&self, id: i64, told: Told, now: Timestamp) -> Result<Ticket, StorageError> {
        let ticket =
            self.database.write_later(move |connection| outcome::settle(connection, id, &told, now)).await?;
        self.ring();
        Ok(ticket)
    }
}

/// Something has happened that its application may want to hear.
pub(super) fn queue(
    connection: &Connection,
    line: i64,
    event: i64,
    now: Timestamp,
) -> Result<(), StorageError> {
    let at = StorageError::at("queue an event for its application");
    let wanted: Option<(i64, i64)> = connection
        .prepare_cached(
            "SELECT r.notice, a.id FROM notice_receiver r JOIN notice n ON n.id = r.notice
             JOIN application a ON a.id = n.application
             WHERE r.id = ?1 AND ((a.webhook_url <> '' AND a.webhook_disabled = 0) OR a.component <> '')",
        )
        .and_then(|mut statement| {
            statement.query_row([line], |row| Ok((row.get(0)?, row.get(1)?))).optional()
        })
        .map_err(&at)?;
    let Some((notice, application)) = wanted else { return Ok(()) };
    connection
        .prepare_cached("INSERT OR IGNORE INTO webhook_event (notice, event) VALUES (?1, ?2)")
        .and_then(|mut statement| statement.execute([notice, event]))
        .map_err(&at)?;
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO webhook_delivery (application, notice, due) VALUES (?1, ?2, ?3)",
        )
        .and_then(|mut statement| statement.execute([application, notice, now.0]))
        .map(|_| ())
        .map_err(&at)
}

/// Nothing more is told to an application.
pub(in crate::storage) fn forget(connection: &Connection, application: i64) -> Result<(), StorageError> {
    let at = StorageError::at("forget what was to be told");
    connection
        .execute(
            "DELETE FROM webhook_event WHERE notice IN (SELECT id FROM notice WHERE application = ?1)",
            [application],
        )
        .map_err(&at)?;
    connection
        .execute("DELETE FROM webhook_delivery WHERE application = ?1", [application])
        .map(|_| ())
        .map_err(&at)
}

fn due(connection: &Connection, now: Timestamp) -> Result<Vec<i64>, StorageError> {
    connection
        .prepare_cached(
            "SELECT d.id FROM application a JOIN webhook_delivery d ON d.id IN (
                 SELECT id FROM webhook_delivery WHERE application = a.id AND due <= ?1 ORDER BY due, id LIMIT ?2)
             WHERE a.webhook_url <> '' AND a.webhook_disabled = 0 AND NOT a.disabled ORDER BY d.due, d.id",
        )
        .and_then(|mut statement| {
            statement.query_map(params![now.0, SIDE_BY_SIDE], |row| row.get(0))?.collect()
        })
        .map_err(StorageError::at("deliveries that are due"))
}

/// Decides which events go, once.
fn compose(connection: &Connection, id: i64, now: Timestamp) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "UPDATE webhook_delivery SET begun = ?2, last = (SELECT max(event) FROM (
                 SELECT event FROM webhook_event WHERE notice = webhook_delivery.notice ORDER BY event LIMIT ?3))
             WHERE id = ?1 AND last = 0
             AND EXISTS (SELECT 1 FROM webhook_event WHERE notice = webhook_delivery.notice)",
        )
        .and_then(|mut statement| statement.execute(params![id, now.0, EVENTS]))
        .map(|_| ())
        .map_err(StorageError::at("compose a delivery"))
}

fn delivery(connection: &Connection, id: i64) -> Result<Option<Delivery>, StorageError> {
    let at = StorageError::at("delivery");
    let Some((application, notice, last)) = head(connection, id)? else { return Ok(None) };
    let Some(row) = applications::application(connection, application)? else { return Ok(None) };
    let name = connection
        .prepare_cached("SELECT name FROM notice WHERE id = ?1")
        .and_then(|mut statement| statement.query_row([notice], |row| row.get(0)))
        .map_err(&at)?;
    let events = connection
        .prepare_cached(
            "SELECT e.kind, e.time, e.detail, e.id, r.person, r.address FROM webhook_event w
             JOIN notice_event e ON e.id = w.event JOIN notice_receiver r ON r.id = e.receiver
             WHERE w.notice = ?1 AND w.event <= ?2 ORDER BY w.event",
        )
        .and_then(|mut statement| {
            let rows = statement.query_map([notice, last], |row| {
                Ok(ToldEvent {
                    event: read_event(row)?,
                    id: row.get(3)?,
                    person: row.get(4)?,
                    address: row.get(5)?,
                })
            })?;
            rows.collect()
        })
        .map_err(&at)?;
    let (webhook, component) = (row.webhook, row.component);
    Ok(Some(Delivery { id, application, webhook, component, notice: name, events }))
}

/// Application, notice and the last event of a delivery.
fn head(connection: &Connection, id: i64) -> Result<Option<(i64, i64, i64)>, StorageError> {
    connection
        .prepare_cached("SELECT application, notice, last FROM webhook_delivery WHERE id = ?1")
        .and_then(|mut statement| {
            statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()
        })
        .map_err(StorageError::at("head of a delivery"))
}
