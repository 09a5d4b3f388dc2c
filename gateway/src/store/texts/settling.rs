//! What the time decides about texts.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use super::reports::look_at_all;
use super::{attempts, fail, refresh};
use crate::clock::Moment;
use crate::outbox::Failure;
use crate::store::{Store, StoreError};

/// Until when reports are waited for.
#[derive(Debug, Clone)]
pub(crate) struct Deadline {
    /// Parts whose window began before this are late.
    pub(crate) window: Moment,
    /// Attempts from before this are late whatever their modem does.
    pub(crate) last: Moment,
    /// Modems that cannot hand over reports now.
    pub(crate) away: BTreeSet<String>,
    /// Late ones are sent once more.
    pub(crate) resends: bool,
    pub(crate) now: Moment,
}

/// A part whose report is late.
struct Late {
    text: i64,
    part: i64,
    may_resend: bool,
}

impl Store {
    /// After a crash nobody knows whether parts that were being sent are out.
    pub(crate) async fn texts_under_way_are_unconfirmed(&self, now: Moment) -> Result<(), StoreError> {
        self.run(move |connection| {
            let texts = ids(
                connection,
                "UPDATE part SET state = 'unconfirmed', sent = ?1 WHERE state = 'sending' RETURNING text",
                &[now.0],
            )?;
            texts.into_iter().try_for_each(|text| refresh(connection, text).map(|_| ()))?;
            attempts::all_are_doubtful(connection)?;
            look_at_all(connection, now)
        })
        .await
    }

    /// A modem can hand over reports again: what it left unconfirmed has its window from now on.
    pub(crate) async fn modem_is_back(&self, modem: String, now: Moment) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("UPDATE part SET sent = ?2 WHERE state = 'unconfirmed' AND modem = ?1")
                .and_then(|mut statement| statement.execute(params![modem, now.0]))
                .map(|_| ())
                .map_err(StoreError::at("begin a window anew"))
        })
        .await
    }

    /// Parts whose report is late count as lost: sent once more, or failed. Says how many.
    pub(crate) async fn settle_unconfirmed(&self, deadline: Deadline) -> Result<usize, StoreError> {
        self.run(move |connection| {
            let late = late(connection, &deadline)?;
            for part in &late {
                if part.may_resend && deadline.resends {
                    send_again(connection, part, deadline.now)?;
                } else {
                    give_up(connection, part)?;
                }
            }
            Ok(late.len())
        })
        .await
    }

    /// Texts that waited too long. Those a modem has are let be. Says how many.
    pub(crate) async fn expire_texts(&self, now: Moment) -> Result<usize, StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "UPDATE text SET state = 'failed', class = 'expired' \
                     WHERE state IN ('queued', 'sending') AND expires <= ?1 AND NOT EXISTS \
                     (SELECT 1 FROM part WHERE part.text = text.id AND part.state = 'sending')",
                )
                .and_then(|mut statement| statement.execute([now.0]))
                .map_err(StoreError::at("expire texts"))
        })
        .await
    }

    /// Texts whose modem did not come back: begun again with any other. Says how many.
    pub(crate) async fn unpin_texts(&self, before: Moment, now: Moment) -> Result<usize, StoreError> {
        self.run(move |connection| {
            let texts = ids(
                connection,
                "UPDATE text SET pinned = '', due = ?2 WHERE state = 'sending' AND pinned <> '' AND due < ?1 \
                 AND NOT EXISTS (SELECT 1 FROM part WHERE part.text = text.id AND part.state = 'sending') \
                 AND EXISTS (SELECT 1 FROM part WHERE part.text = text.id AND part.state = 'queued') \
                 RETURNING id",
                &[before.0, now.0],
            )?;
            for text in &texts {
                connection
                    .prepare_cached(
                        "UPDATE part SET state = 'queued', resends = resends + 1 \
                         WHERE text = ?1 AND state IN ('sent', 'unconfirmed')",
                    )
                    .and_then(|mut statement| statement.execute([text]))
                    .map_err(StoreError::at("begin a text again"))?;
                refresh(connection, *text)?;
            }
            Ok(texts.len())
        })
        .await
    }
}

fn late(connection: &Connection, deadline: &Deadline) -> Result<Vec<Late>, StoreError> {
    let waiting: Vec<(Late, String, bool)> = connection
        .prepare_cached(
            "SELECT text, number, resends = 0, modem, coalesce((SELECT max(given) FROM attempt \
             WHERE attempt.text = part.text AND attempt.part = part.number), 0) < ?2 \
             FROM part WHERE state = 'unconfirmed' AND sent < ?1",
        )
        .and_then(|mut statement| {
            let rows = statement.query_map(params![deadline.window.0, deadline.last.0], |row| {
                let late = Late { text: row.get(0)?, part: row.get(1)?, may_resend: row.get(2)? };
                Ok((late, row.get(3)?, row.get(4)?))
            })?;
            rows.collect()
        })
        .map_err(StoreError::at("find late parts"))?;
    let is_late = |modem: &str, is_last: bool| is_last || !deadline.away.contains(modem);
    Ok(waiting
        .into_iter()
        .filter_map(|(late, modem, is_last)| is_late(&modem, is_last).then_some(late))
        .collect())
}

/// A text of one part may go through any modem; the parts of a longer one go through the same.
fn send_again(connection: &Connection, late: &Late, now: Moment) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE part SET state = 'queued', resends = resends + 1 WHERE text = ?1 AND number = ?2",
        )
        .and_then(|mut statement| statement.execute(params![late.text, late.part]))
        .map_err(StoreError::at("send a part again"))?;
    connection
        .prepare_cached(
            "UPDATE text SET due = ?2, pinned = CASE (SELECT count(*) FROM part WHERE text = ?1) \
             WHEN 1 THEN '' ELSE pinned END WHERE id = ?1",
        )
        .and_then(|mut statement| statement.execute(params![late.text, now.0]))
        .map_err(StoreError::at("send a text again"))?;
    refresh(connection, late.text).map(|_| ())
}

fn give_up(connection: &Connection, late: &Late) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE part SET state = 'failed' WHERE text = ?1 AND number = ?2")
        .and_then(|mut statement| statement.execute(params![late.text, late.part]))
        .map_err(StoreError::at("give a part up"))?;
    fail(connection, late.text, Failure::Unconfirmed)
}

fn ids(connection: &Connection, statement: &'static str, values: &[i64]) -> Result<Vec<i64>, StoreError> {
    connection
        .prepare_cached(statement)
        .and_then(|mut prepared| {
            let rows = prepared.query_map(rusqlite::params_from_iter(values), |row| row.get(0))?;
            rows.collect()
        })
        .map_err(StoreError::at(statement))
}
