//! What has been done: the work goes in the same moment in which its result is there.

use bytes::Bytes;
use rusqlite::{Connection, params};

use super::timeline::add_event;
use super::{EventKind, NoticeStore, Task};
use crate::clock::Timestamp;
use crate::storage::applications::{self, DAY};
use crate::storage::relays;
use crate::storage::{StorageError, Ticket};

/// A message for the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// Bare address of the sender.
    pub sender: String,
    /// The `id` of the stanza.
    pub name: String,
    /// The stanza, in the namespace of components.
    pub frame: Bytes,
    /// Until when it waits for an absent gateway.
    pub until: Timestamp,
}

/// The result of some work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Number of the work.
    pub work: i64,
    /// Number of the receiver's line.
    pub line: i64,
    /// Number of the application.
    pub application: i64,
    /// When.
    pub time: Timestamp,
    /// What has happened.
    pub events: Vec<EventKind>,
    /// The revision that the client was sent.
    pub told: Option<u32>,
    /// For the phone.
    pub relay: Option<Relay>,
    /// What comes later.
    pub next: Option<(Task, Timestamp)>,
}

impl NoticeStore {
    /// Notes the result, later.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn done(&self, done: Done) -> Result<Ticket, StorageError> {
        let ticket = self.database.write_later(move |connection| note(connection, &done)).await?;
        self.ring();
        Ok(ticket)
    }
}

fn note(connection: &Connection, done: &Done) -> Result<(), StorageError> {
    let at = StorageError::at("finish work for a notice");
    let was_there = connection
        .prepare_cached("DELETE FROM notice_work WHERE id = ?1")
        .and_then(|mut statement| statement.execute([done.work]))
        .map_err(&at)?
        > 0;
    for kind in &done.events {
        add_event(connection, done.application, done.line, (*kind, ""), done.time)?;
    }
    if let Some(revision) = done.told {
        connection
            .prepare_cached("UPDATE notice_receiver SET told = ?2 WHERE id = ?1")
            .and_then(|mut statement| statement.execute(params![done.line, revision]))
            .map_err(&at)?;
    }
    if !was_there {
        // It was taken back meanwhile: a client that has it must be told, a phone need not get it.
        return if done.told.is_some() {
            plan(connection, done.line, Task::Update, done.time)
        } else {
            Ok(())
        };
    }
    if let Some(relay) = &done.relay {
        text(connection, done, relay)?;
    }
    match done.next {
        Some((task, due)) => plan(connection, done.line, task, due),
        None => Ok(()),
    }
}

/// Hands a text to the relay, or puts it off until the application has texts again.
fn text(connection: &Connection, done: &Done, relay: &Relay) -> Result<(), StorageError> {
    let at = StorageError::at("text of a notice");
    let is_reserved = connection
        .prepare_cached("UPDATE notice_receiver SET reserved = 0 WHERE id = ?1 AND reserved = 1")
        .and_then(|mut statement| statement.execute([done.line]))
        .map_err(&at)?
        > 0;
    if !is_reserved {
        let row = applications::application(connection, done.application)?;
        let a_day = row.map(|row| row.scope.texts_a_day).unwrap_or_default();
        if applications::texts(connection, done.application, done.time)? >= a_day {
            let event = (EventKind::SmsLimited, "");
            add_event(connection, done.application, done.line, event, done.time)?;
            let tomorrow = done.time.seconds().div_euclid(DAY).saturating_add(1).saturating_mul(DAY);
            return plan(connection, done.line, Task::Phone, Timestamp(tomorrow.saturating_mul(1_000_000)));
        }
        applications::add_texts(connection, done.application, done.time, 1)?;
    }
    relays::insert(connection, &relay.sender, &relay.name, &relay.frame, relay.until)?;
    add_event(connection, done.application, done.line, (EventKind::SmsQueued, ""), done.time)
}

/// Puts something to be done into the queue.
pub(super) fn plan(
    connection: &Connection,
    line: i64,
    task: Task,
    due: Timestamp,
) -> Result<(), StorageError> {
    connection
        .prepare_cached("INSERT INTO notice_work (receiver, task, due) VALUES (?1, ?2, ?3)")
        .and_then(|mut statement| statement.execute(params![line, task.word(), due.0]))
        .map(|_| ())
        .map_err(StorageError::at("plan work for a notice"))
}
