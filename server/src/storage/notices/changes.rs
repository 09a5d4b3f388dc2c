//! What becomes of a notice later: changed, seen to, taken back, or sent the other way.

use rusqlite::{Connection, OptionalExtension, params};

use super::done::plan;
use super::timeline::{add_event, notice};
use super::{Content, DeliveryMode, EventKind, NoticeRow, NoticeStore, Task, Way, relay_name};
use crate::clock::Timestamp;
use crate::storage::{StorageError, relays};

/// What is to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It says something else, or somebody has seen to it.
    Update {
        /// What it says now; `None` is as before.
        content: Option<Content>,
        /// `open` or `handled`; `None` is as before.
        state: Option<&'static str>,
    },
    /// It is taken back.
    Withdraw,
}

impl NoticeStore {
    /// Changes a notice of `sender`, the application's own address, and plans to tell its receivers; on the disk when this returns. Answers the notice as it is
    /// then; `None` when the application has no such notice. One that was taken back stays so.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn change(
        &self,
        application: i64,
        name: String,
        (sender, change): (String, Change),
        now: Timestamp,
    ) -> Result<Option<NoticeRow>, StorageError> {
        let changed = self
            .database
            .write(move |connection| {
                let Some(row) = notice(connection, application, &name)? else { return Ok(None) };
                if row.state == "withdrawn" {
                    return Ok(Some(row));
                }
                apply(connection, &row, &change)?;
                if change == Change::Withdraw {
                    forget(connection, application, &row, &sender, now)?;
                }
                tell(connection, row.id, now)?;
                notice(connection, application, &name)
            })
            .await?;
        self.work.notify_one();
        self.ring();
        Ok(changed)
    }

    /// No client took what was sent to this line: when that may be, plans to send it to the phone instead. `more` is
    /// done in the same moment. False when it may not be.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn turn_to_phone(
        &self,
        line: i64,
        address: String,
        now: Timestamp,
        more: super::super::Change,
    ) -> Result<bool, StorageError> {
        let turned = self
            .database
            .write(move |connection| {
                if !may_turn(connection, line, &address, now)? {
                    return Ok(false);
                }
                connection
                    .prepare_cached("UPDATE notice_receiver SET way = ?2 WHERE id = ?1")
                    .and_then(|mut statement| statement.execute(params![line, Way::Phone.word()]))
                    .map_err(StorageError::at("turn a notice to the phone"))?;
                plan(connection, line, Task::Phone, now)?;
                more(connection)?;
                Ok(true)
            })
            .await?;
        if turned {
            self.work.notify_one();
        }
        Ok(turned)
    }
}

fn apply(connection: &Connection, row: &NoticeRow, change: &Change) -> Result<(), StorageError> {
    let (content, state) = match change {
        Change::Update { content, state } => {
            (content.as_ref().unwrap_or(&row.content), state.unwrap_or(row.state.as_str()))
        }
        Change::Withdraw => (&row.content, "withdrawn"),
    };
    let content = serde_json::to_string(content).unwrap_or_default();
    connection
        .prepare_cached("UPDATE notice SET content = ?2, state = ?3, revision = revision + 1 WHERE id = ?1")
        .and_then(|mut statement| statement.execute(params![row.id, content, state]))
        .map(|_| ())
        .map_err(StorageError::at("change notice"))
}

/// Nothing of it goes out any more: what was not sent is never sent, what the gateway has not taken is not given.
fn forget(
    connection: &Connection,
    application: i64,
    row: &NoticeRow,
    sender: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    let at = StorageError::at("withdraw notice");
    let unsent: Vec<i64> = connection
        .prepare_cached(
            "SELECT r.id FROM notice_receiver r JOIN notice_work w ON w.receiver = r.id AND w.task IN ('send', 'phone')
             WHERE r.notice = ?1",
        )
        .and_then(|mut statement| statement.query_map([row.id], |row| row.get(0))?.collect())
        .map_err(&at)?;
    let texts: Vec<i64> = connection
        .prepare_cached("SELECT id FROM notice_receiver WHERE notice = ?1 AND way NOT IN ('client', 'again')")
        .and_then(|mut statement| statement.query_map([row.id], |row| row.get(0))?.collect())
        .map_err(&at)?;
    let mut kept = Vec::new();
    for line in texts {
        if relays::forget(connection, sender, &relay_name(line))? {
            kept.push(line);
        }
    }
    for line in unsent.into_iter().chain(kept) {
        add_event(connection, application, line, (EventKind::Withdrawn, ""), now)?;
    }
    connection
        .prepare_cached(
            "DELETE FROM notice_work WHERE receiver IN (SELECT id FROM notice_receiver WHERE notice = ?1)",
        )
        .and_then(|mut statement| statement.execute([row.id]))
        .map(|_| ())
        .map_err(&at)
}

/// Those whose client has it, or may be getting it just now.
fn tell(connection: &Connection, notice: i64, now: Timestamp) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "INSERT INTO notice_work (receiver, task, due)
             SELECT id, 'update', ?2 FROM notice_receiver WHERE notice = ?1 AND way IN ('', 'client', 'again', 'both')",
        )
        .and_then(|mut statement| statement.execute(params![notice, now.0]))
        .map(|_| ())
        .map_err(StorageError::at("plan to tell of a change"))
}

/// Only what the application left to us goes the other way, and only while it is of use.
fn may_turn(connection: &Connection, line: i64, address: &str, now: Timestamp) -> Result<bool, StorageError> {
    let may: Option<bool> = connection
        .prepare_cached(
            "SELECT n.delivery = ?3 AND n.state = 'open' AND (n.expires = 0 OR n.expires > ?4) AND r.way = 'client'
             AND r.rank < 8
             FROM notice_receiver r JOIN notice n ON n.id = r.notice JOIN application a ON a.id = n.application
             WHERE r.id = ?1 AND r.address = ?2 AND NOT a.disabled",
        )
        .and_then(|mut statement| {
            let mode = DeliveryMode::Auto.word();
            statement.query_row(params![line, address, mode, now.0], |row| row.get(0)).optional()
        })
        .map_err(StorageError::at("may a notice turn to the phone"))?;
    Ok(may.unwrap_or_default())
}
