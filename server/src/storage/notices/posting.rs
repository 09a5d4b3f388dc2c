//! Takes a notice in: all of it or nothing, on the disk when the application is told. One to very many people comes in
//! parts, so that nobody else's commit waits for long: until the last part is there the notice is `arriving`, and one
//! that was arriving when the server ended has never been.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::timeline::add_event;
use super::{Content, DeliveryMode, EventKind, NoticeStore, Task};
use crate::clock::Timestamp;
use crate::storage::{StorageError, applications};

/// Receivers that are written at once.
const PART: usize = 1_000;
/// Work of a notice that is arriving is due at the end of time.
const HELD: Timestamp = Timestamp(i64::MAX);

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
    /// The same is being taken in at this moment.
    Arriving,
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
        let store = self.clone();
        let posted = if notice.receivers.len() <= PART {
            self.database.write(move |connection| post(connection, &notice)).await?
        } else {
            // It goes on when the application has not the patience to wait for its end.
            let whole = tokio::spawn(async move { store.post_in_parts(Arc::new(notice)).await });
            whole.await.unwrap_or(Err(StorageError::WriterStopped))?
        };
        if posted == Posted::New {
            self.work.notify_one();
        }
        Ok(posted)
    }

    async fn post_in_parts(&self, notice: Arc<NewNotice>) -> Result<Posted, StorageError> {
        let whole = Arc::clone(&notice);
        let begun = self.database.write(move |connection| begin(connection, &whole, "arriving")).await?;
        let id = match begun {
            Ok(id) => id,
            Err(posted) => return Ok(posted),
        };
        for number in 0..notice.receivers.len().div_ceil(PART) {
            let whole = Arc::clone(&notice);
            let add = move |connection: &Connection| {
                let part = whole.receivers.chunks(PART).nth(number).unwrap_or_default();
                add(connection, (id, &whole), part, HELD)
            };
            self.database.write(add).await?;
        }
        self.database
            .write(move |connection| {
                connection
                    .execute("UPDATE notice SET state = 'open' WHERE id = ?1", [id])
                    .map_err(StorageError::at("a notice has arrived"))
            })
            .await?;
        let mut last = 0;
        while let Some(next) = self.database.write(move |connection| release(connection, id, last)).await? {
            last = next;
            self.work.notify_one();
        }
        Ok(Posted::New)
    }

    /// Once, before anything is posted: forgets what was arriving when the server ended, and goes on with what had
    /// arrived.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn recover(&self) -> Result<(), StorageError> {
        self.database.write(recover).await
    }
}

fn post(connection: &Connection, notice: &NewNotice) -> Result<Posted, StorageError> {
    let id = match begin(connection, notice, "open")? {
        Ok(id) => id,
        Err(posted) => return Ok(posted),
    };
    add(connection, (id, notice), &notice.receivers, notice.created)?;
    Ok(Posted::New)
}

/// The notice without receivers, unless it cannot be.
fn begin(
    connection: &Connection,
    notice: &NewNotice,
    state: &str,
) -> Result<Result<i64, Posted>, StorageError> {
    if let Some(known) = known(connection, notice)? {
        return Ok(Err(known));
    }
    let texts = texts_of(&notice.receivers);
    if texts > 0 {
        let today = applications::texts(connection, notice.application, notice.created)?;
        let left = notice.texts_a_day.saturating_sub(today).max(0);
        if texts > left {
            return Ok(Err(Posted::TextsLeft(left)));
        }
    }
    insert(connection, notice, state).map(Ok)
}

fn texts_of(receivers: &[Receiver]) -> i64 {
    i64::try_from(receivers.iter().filter(|receiver| receiver.costs_text).count()).unwrap_or(i64::MAX)
}

/// Receivers, and what is to be done for them from `due` on.
fn add(
    connection: &Connection,
    (id, notice): (i64, &NewNotice),
    receivers: &[Receiver],
    due: Timestamp,
) -> Result<(), StorageError> {
    let at = StorageError::at("insert receivers of a notice");
    let texts = texts_of(receivers);
    if texts > 0 {
        applications::add_texts(connection, notice.application, notice.created, texts)?;
    }
    let mut receiver = connection
        .prepare_cached(
            "INSERT INTO notice_receiver (notice, person, address, reserved) VALUES (?1, ?2, ?3, ?4)",
        )
        .map_err(&at)?;
    let mut work = connection
        .prepare_cached("INSERT INTO notice_work (receiver, task, due) VALUES (?1, ?2, ?3)")
        .map_err(&at)?;
    for one in receivers {
        let number = receiver.insert(params![id, one.person, one.address, one.costs_text]).map_err(&at)?;
        add_event(connection, notice.application, number, (EventKind::Accepted, ""), notice.created)?;
        work.execute(params![number, Task::Send.word(), due.0]).map_err(&at)?;
    }
    Ok(())
}

/// Lets some of the work behind a line begin; answers the last line of it, or `None` when all of it has begun.
fn release(connection: &Connection, notice: i64, last: i64) -> Result<Option<i64>, StorageError> {
    let at = StorageError::at("let work for a notice begin");
    let part = i64::try_from(PART).unwrap_or(i64::MAX);
    let end: Option<i64> = connection
        .prepare_cached(
            "SELECT max(id) FROM (SELECT id FROM notice_receiver WHERE notice = ?1 AND id > ?2 ORDER BY id LIMIT ?3)",
        )
        .and_then(|mut statement| statement.query_row([notice, last, part], |row| row.get(0)))
        .map_err(&at)?;
    let Some(end) = end else { return Ok(None) };
    connection
        .prepare_cached(
            "UPDATE notice_work SET due = (SELECT created FROM notice WHERE id = ?1) WHERE due = ?4 AND receiver IN
             (SELECT id FROM notice_receiver WHERE notice = ?1 AND id > ?2 AND id <= ?3)",
        )
        .and_then(|mut statement| statement.execute([notice, last, end, HELD.0]))
        .map_err(&at)?;
    Ok(Some(end))
}

fn recover(connection: &Connection) -> Result<(), StorageError> {
    let at = StorageError::at("forget notices that were arriving");
    let reserved: Vec<(i64, i64, i64)> = connection
        .prepare_cached(
            "SELECT n.application, n.created, sum(r.reserved) FROM notice n JOIN notice_receiver r ON r.notice = n.id
             WHERE n.state = 'arriving' GROUP BY n.id",
        )
        .and_then(|mut statement| {
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
        })
        .map_err(&at)?;
    for (application, created, texts) in reserved {
        applications::add_texts(connection, application, Timestamp(created), texts.saturating_neg())?;
    }
    let lines =
        "SELECT r.id FROM notice_receiver r JOIN notice n ON n.id = r.notice WHERE n.state = 'arriving'";
    connection
        .execute_batch(&format!(
            "DELETE FROM notice_work WHERE receiver IN ({lines});
             DELETE FROM notice_event WHERE receiver IN ({lines});
             DELETE FROM notice_receiver WHERE id IN ({lines});
             DELETE FROM notice WHERE state = 'arriving';
             UPDATE notice_work SET due = 0 WHERE due = {};",
            HELD.0
        ))
        .map_err(&at)
}

fn known(connection: &Connection, notice: &NewNotice) -> Result<Option<Posted>, StorageError> {
    if notice.idempotency.is_empty() {
        return Ok(None);
    }
    let known: Option<(String, Vec<u8>, String)> = connection
        .prepare_cached("SELECT name, digest, state FROM notice WHERE application = ?1 AND idempotency = ?2")
        .and_then(|mut statement| {
            statement
                .query_row(params![notice.application, notice.idempotency], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .optional()
        })
        .map_err(StorageError::at("notice by its key"))?;
    Ok(known.map(|(name, digest, state)| match (digest == notice.digest, state.as_str()) {
        (false, _) => Posted::Other,
        (true, "arriving") => Posted::Arriving,
        (true, _) => Posted::Same(name),
    }))
}

fn insert(connection: &Connection, notice: &NewNotice, state: &str) -> Result<i64, StorageError> {
    let content = serde_json::to_string(&notice.content).unwrap_or_default();
    connection
        .prepare_cached(
            "INSERT INTO notice (name, application, created, idempotency, digest, content, delivery, escalate_after,
             expires, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
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
                notice.expires.0,
                state
            ])
        })
        .map_err(StorageError::at("insert notice"))
}
