//! Takes a notice in: all of it or nothing, on the disk when the application is told.

use rusqlite::{Connection, OptionalExtension, params};

use super::timeline::add_event;
use super::{Content, DeliveryMode, EventKind, NoticeStore, Task};
use crate::clock::Timestamp;
use crate::storage::{StorageError, applications};

/// A notice as an application gives it.
#[derive(Debug, Clone)]
pub struct NewNotice {
    /// What the world calls it.
    pub name: String,
    /// Number of the application.
    pub application: i64,
    /// When it came.
    pub created: Timestamp,
    /// What the application calls it, or empty: the same once more is the same notice.
    pub idempotency: String,
    /// Hash of what the application asked for.
    pub digest: Vec<u8>,
    /// What it says.
    pub content: Content,
    /// Which way.
    pub delivery: DeliveryMode,
    /// After so many microseconds unread it goes to the phone; 0 is never.
    pub escalate_after: i64,
    /// After this it is not sent any more; 0 is never.
    pub expires: Timestamp,
    /// To whom.
    pub receivers: Vec<Receiver>,
    /// Texts to phones that the application may send on this day.
    pub texts_a_day: i64,
}

/// One of those a notice goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// Id in the directory.
    pub person: String,
    /// Bare address.
    pub address: String,
    /// It will cost a text, as things stand now.
    pub costs_text: bool,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// It is there.
    New,
    /// It was there before, under this name.
    Same(String),
    /// Another one has the same idempotency key.
    Other,
    /// The application has only so many texts left today.
    TextsLeft(i64),
}

impl NoticeStore {
    /// Takes a notice in; it is on the disk when this returns.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn post(&self, notice: NewNotice) -> Result<Posted, StorageError> {
        let posted = self.database.write(move |connection| post(connection, &notice)).await?;
        if posted == Posted::New {
            self.work.notify_one();
        }
        Ok(posted)
    }
}

fn post(connection: &Connection, notice: &NewNotice) -> Result<Posted, StorageError> {
    if let Some(known) = known(connection, notice)? {
        return Ok(known);
    }
    let texts = notice.receivers.iter().filter(|receiver| receiver.costs_text).count();
    let texts = i64::try_from(texts).unwrap_or(i64::MAX);
    if texts > 0 {
        let today = applications::texts(connection, notice.application, notice.created)?;
        let left = notice.texts_a_day.saturating_sub(today).max(0);
        if texts > left {
            return Ok(Posted::TextsLeft(left));
        }
        applications::add_texts(connection, notice.application, notice.created, texts)?;
    }
    let id = insert(connection, notice)?;
    let at = StorageError::at("insert receivers of a notice");
    let mut receiver = connection
        .prepare_cached(
            "INSERT INTO notice_receiver (notice, person, address, reserved) VALUES (?1, ?2, ?3, ?4)",
        )
        .map_err(&at)?;
    let mut work = connection
        .prepare_cached("INSERT INTO notice_work (receiver, task, due) VALUES (?1, ?2, ?3)")
        .map_err(&at)?;
    for one in &notice.receivers {
        let number = receiver.insert(params![id, one.person, one.address, one.costs_text]).map_err(&at)?;
        add_event(connection, notice.application, number, (EventKind::Accepted, ""), notice.created)?;
        work.execute(params![number, Task::Send.word(), notice.created.0]).map_err(&at)?;
    }
    Ok(Posted::New)
}

fn known(connection: &Connection, notice: &NewNotice) -> Result<Option<Posted>, StorageError> {
    if notice.idempotency.is_empty() {
        return Ok(None);
    }
    let known: Option<(String, Vec<u8>)> = connection
        .prepare_cached("SELECT name, digest FROM notice WHERE application = ?1 AND idempotency = ?2")
        .and_then(|mut statement| {
            statement
                .query_row(params![notice.application, notice.idempotency], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()
        })
        .map_err(StorageError::at("notice by its key"))?;
    Ok(known.map(|(name, digest)| if digest == notice.digest { Posted::Same(name) } else { Posted::Other }))
}

fn insert(connection: &Connection, notice: &NewNotice) -> Result<i64, StorageError> {
    let content = serde_json::to_string(&notice.content).unwrap_or_default();
    connection
        .prepare_cached(
            "INSERT INTO notice (name, application, created, idempotency, digest, content, delivery, escalate_after,
             expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )
        .and_then(|mut statement| {
            statement.insert(params![
                notice.name,
                notice.application,
                notice.created.0,
                notice.idempotency,
                notice.digest,
                content,
                notice.delivery.word(),
                notice.escalate_after,
                notice.expires.0
            ])
        })
        .map_err(StorageError::at("insert notice"))
}
