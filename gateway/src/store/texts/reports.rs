//! What the network reports about parts, and which part it means.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::{fail, refresh};
use crate::clock::Moment;
use crate::outbox::{Failure, PartState};
use crate::store::{Store, StoreError};

/// A report of the network.
#[derive(Debug, Clone)]
pub(crate) struct EarlyReport {
    pub(crate) modem: String,
    pub(crate) reference: u8,
    pub(crate) number: String,
    /// What it says.
    pub(crate) state: PartState,
    pub(crate) received: Moment,
}

/// A report is not earlier than this before its text's result: references come again after 256 texts.
const EARLY: Duration = Duration::from_secs(300);

impl Store {
    /// Finds the part a report is about: by its reference, else the only one of this modem and phone whose
    /// reference nobody knows. Where there are several, no guess is made: a text that is lost must not count as
    /// delivered because of another one's report. False when there is none yet.
    pub(crate) async fn report(&self, report: EarlyReport, since: Moment) -> Result<bool, StoreError> {
        self.run(move |connection| {
            let tail = tail(&report.number);
            let found = by_reference(connection, &report.modem, report.reference, &tail, since)?;
            let found = match found {
                Some(found) => Some(found),
                None => without_reference(connection, &report.modem, &tail, since)?,
            };
            match found {
                Some((text, part)) => settle(connection, text, part, report.state)?,
                None => keep_early(connection, &report, &tail)?,
            }
            Ok(found.is_some())
        })
        .await
    }
}

/// Networks write a number their own way; the last nine digits are the subscriber's.
fn tail(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let tail = digits.get(digits.len().saturating_sub(9)..).unwrap_or(&digits);
    format!("%{}", tail.iter().collect::<String>())
}

type Found = Option<(i64, i64)>;

fn by_reference(
    connection: &Connection,
    modem: &str,
    reference: u8,
    tail: &str,
    since: Moment,
) -> Result<Found, StoreError> {
    connection
        .prepare_cached(
            "SELECT part.text, part.number FROM part JOIN text ON text.id = part.text \
             WHERE part.modem = ?1 AND part.reference = ?2 AND part.state IN ('sending', 'sent', 'unconfirmed') \
             AND part.sent > ?4 AND text.number LIKE ?3 ORDER BY part.sent DESC LIMIT 1",
        )
        .and_then(|mut statement| {
            let values = params![modem, reference, tail, since.0];
            statement.query_row(values, |row| Ok((row.get(0)?, row.get(1)?))).optional()
        })
        .map_err(StoreError::at("find a reported part"))
}

fn without_reference(
    connection: &Connection,
    modem: &str,
    tail: &str,
    since: Moment,
) -> Result<Found, StoreError> {
    let found: Vec<(i64, i64)> = connection
        .prepare_cached(
            "SELECT part.text, part.number FROM part JOIN text ON text.id = part.text \
             WHERE part.modem = ?1 AND part.reference = -1 AND part.state IN ('sending', 'sent', 'unconfirmed') \
             AND part.sent > ?3 AND text.number LIKE ?2 LIMIT 2",
        )
        .and_then(|mut statement| {
            let rows =
                statement.query_map(params![modem, tail, since.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
        .map_err(StoreError::at("find a part without reference"))?;
    Ok(match found.as_slice() {
        [one] => Some(*one),
        _ => None,
    })
}

pub(super) fn settle(
    connection: &Connection,
    text: i64,
    part: i64,
    state: PartState,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE part SET state = ?3 WHERE text = ?1 AND number = ?2")
        .and_then(|mut statement| statement.execute(params![text, part, state.word()]))
        .map_err(StoreError::at("note a report"))?;
    if state == PartState::Failed {
        fail(connection, text, Failure::Reported)
    } else {
        refresh(connection, text).map(|_| ())
    }
}

/// A report may come before the modem's own word about the text.
fn keep_early(connection: &Connection, report: &EarlyReport, tail: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO early_report (modem, reference, number, state, received) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .and_then(|mut statement| {
            let values =
                params![report.modem, report.reference, tail, report.state.word(), report.received.0];
            statement.execute(values)
        })
        .map(|_| ())
        .map_err(StoreError::at("keep an early report"))
}

/// The report that came before this part's reference was known.
pub(super) fn early(
    connection: &Connection,
    text: i64,
    part: u8,
    now: Moment,
) -> Result<Option<PartState>, StoreError> {
    let (modem, reference, number): (String, i64, String) = connection
        .prepare_cached(
            "SELECT part.modem, part.reference, text.number FROM part JOIN text ON text.id = part.text \
             WHERE part.text = ?1 AND part.number = ?2",
        )
        .and_then(|mut statement| {
            statement.query_row(params![text, part], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        })
        .map_err(StoreError::at("read a sent part"))?;
    connection
        .prepare_cached(
            "DELETE FROM early_report WHERE modem = ?1 AND reference = ?2 AND number = ?3 AND received > ?4 \
             RETURNING state",
        )
        .and_then(|mut statement| {
            let since = now.before(EARLY).0;
            let values = params![modem, reference, tail(&number), since];
            statement.query_row(values, |row| row.get::<_, String>(0)).optional()
        })
        .map(|state| state.map(|word| PartState::of_word(&word)))
        .map_err(StoreError::at("find an early report"))
}
