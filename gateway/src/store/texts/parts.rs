//! Parts on their way through modems.

use rusqlite::{Connection, params};

use super::reports::look_again;
use super::{PartRow, attempts, fail, refresh, usage};
use crate::clock::Moment;
use crate::outbox::{Failure, PartState};
use crate::store::{Store, StoreError};

/// A part that no modem took.
#[derive(Debug, Clone)]
pub(crate) struct Wait {
    /// Not before.
    pub(crate) due: Moment,
    /// The modem that is not tried next, if there is another; empty for none.
    pub(crate) avoided: String,
    /// It counts as a try.
    pub(crate) counts: bool,
    pub(crate) now: Moment,
}

impl Store {
    /// The parts of a text.
    pub async fn parts_of(&self, text: i64) -> Result<Vec<PartRow>, StoreError> {
        self.look_up(move |connection| {
            let mut statement = connection
                .prepare_cached(
                    "SELECT number, state, modem, resends > 0 FROM part WHERE text = ?1 ORDER BY number",
                )
                .map_err(StoreError::at("read parts"))?;
            let rows = statement
                .query_map([text], |row| {
                    let state: String = row.get(1)?;
                    Ok(PartRow {
                        number: row.get(0)?,
                        state: PartState::of_word(&state),
                        modem: row.get(2)?,
                        is_resent: row.get(3)?,
                    })
                })
                .map_err(StoreError::at("read parts"))?;
            rows.collect::<Result<_, _>>().map_err(StoreError::at("read parts"))
        })
        .await
    }

    /// False when the part does not wait any more: a report came about an earlier attempt, its text is not due or
    /// too old, or another one of its writer goes before it.
    pub(crate) async fn begin_part(
        &self,
        text: i64,
        part: u8,
        modem: String,
        now: Moment,
    ) -> Result<bool, StoreError> {
        self.run(move |connection| {
            let begun = connection
                .prepare_cached(
                    "UPDATE part SET state = 'sending', modem = ?3, sent = ?4 \
                     WHERE text = ?1 AND number = ?2 AND state = 'queued' AND EXISTS (SELECT 1 FROM text \
                     WHERE id = ?1 AND is_first = 1 AND state IN ('queued', 'sending') AND due <= ?4 AND expires > ?4)",
                )
                .and_then(|mut statement| statement.execute(params![text, part, modem, now.0]))
                .map_err(StoreError::at("begin a part"))?;
            if begun == 0 {
                return Ok(false);
            }
            attempts::begin(connection, text, part, &modem, now)?;
            refresh(connection, text).map(|_| true)
        })
        .await
    }

    /// A report may have come before: what is delivered stays so.
    pub(crate) async fn part_is_sent(
        &self,
        text: i64,
        part: u8,
        reference: Option<i64>,
        now: Moment,
    ) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "UPDATE part SET sent = ?3, state = CASE state WHEN 'sending' THEN 'sent' ELSE state END \
                     WHERE text = ?1 AND number = ?2",
                )
                .and_then(|mut statement| statement.execute(params![text, part, now.0]))
                .map_err(StoreError::at("note that a part is sent"))?;
            attempts::is_sent(connection, text, part, reference)?;
            usage::is_sent(connection, text)?;
            pin(connection, text, part, now)?;
            look_again(connection, text, part, now)
        })
        .await
    }

    pub(crate) async fn part_is_unconfirmed(
        &self,
        text: i64,
        part: u8,
        now: Moment,
    ) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "UPDATE part SET state = 'unconfirmed', sent = ?3 \
                     WHERE text = ?1 AND number = ?2 AND state = 'sending'",
                )
                .and_then(|mut statement| statement.execute(params![text, part, now.0]))
                .map_err(StoreError::at("note that a part is unconfirmed"))?;
            attempts::is_doubtful(connection, text, part)?;
            usage::is_sent(connection, text)?;
            pin(connection, text, part, now)?;
            look_again(connection, text, part, now)
        })
        .await
    }

    /// The modem did not take the part.
    pub(crate) async fn part_waits(&self, text: i64, part: u8, wait: Wait) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "UPDATE part SET state = 'queued', sent = 0 \
                     WHERE text = ?1 AND number = ?2 AND state = 'sending'",
                )
                .and_then(|mut statement| statement.execute(params![text, part]))
                .map_err(StoreError::at("put a part back"))?;
            connection
                .prepare_cached(
                    "UPDATE text SET due = ?2, avoided = ?3, attempts = attempts + ?4 WHERE id = ?1",
                )
                .and_then(|mut statement| {
                    statement.execute(params![text, wait.due.0, wait.avoided, wait.counts])
                })
                .map_err(StoreError::at("put a text back"))?;
            attempts::is_none(connection, text, part)?;
            refresh(connection, text)?;
            look_again(connection, text, part, wait.now)
        })
        .await
    }

    /// Nobody will take the part, unless a report says that it is there already.
    pub(crate) async fn text_failed(
        &self,
        text: i64,
        part: u8,
        failure: Failure,
        now: Moment,
    ) -> Result<(), StoreError> {
        self.run(move |connection| {
            let failed = connection
                .prepare_cached(
                    "UPDATE part SET state = 'failed' \
                     WHERE text = ?1 AND number = ?2 AND state <> 'delivered'",
                )
                .and_then(|mut statement| statement.execute(params![text, part]))
                .map_err(StoreError::at("fail a part"))?;
            if failed > 0 {
                fail(connection, text, failure)?;
            }
            attempts::is_none(connection, text, part)?;
            look_again(connection, text, part, now)
        })
        .await
    }

    /// How often each modem was given a part since then.
    pub(crate) async fn sent_since(&self, since: Moment) -> Result<Vec<(String, i64)>, StoreError> {
        self.run(move |connection| {
            let mut statement = connection
                .prepare_cached("SELECT modem, given FROM attempt WHERE given > ?1 ORDER BY given")
                .map_err(StoreError::at("read what was sent"))?;
            let rows = statement
                .query_map([since.0], |row| Ok((row.get(0)?, row.get(1)?)))
                .map_err(StoreError::at("read what was sent"))?;
            rows.collect::<Result<_, _>>().map_err(StoreError::at("read what was sent"))
        })
        .await
    }
}

/// The parts that follow go through the same modem, so that the phone sees one sender.
fn pin(connection: &Connection, text: i64, part: u8, now: Moment) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE text SET attempts = 0, due = ?3, \
             pinned = (SELECT modem FROM part WHERE text = ?1 AND number = ?2) WHERE id = ?1",
        )
        .and_then(|mut statement| statement.execute(params![text, part, now.0]))
        .map_err(StoreError::at("pin a text"))?;
    refresh(connection, text).map(|_| ())
}
