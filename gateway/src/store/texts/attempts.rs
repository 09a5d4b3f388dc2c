//! Every time a part is given to a modem.

use rusqlite::{Connection, params};

use super::StoreError;
use crate::clock::Moment;

/// A modem is about to get the part. All reports that are there already are about others.
pub(super) fn begin(
    connection: &Connection,
    text: i64,
    part: u8,
    modem: &str,
    now: Moment,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO attempt (text, part, modem, given, after_report) VALUES (?1, ?2, ?3, ?4, \
             coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'report'), 0))",
        )
        .and_then(|mut statement| statement.execute(params![text, part, modem, now.0]))
        .map(|_| ())
        .map_err(StoreError::at("begin an attempt"))
}

/// The network has it, under this number if the modem says so.
pub(super) fn is_sent(
    connection: &Connection,
    text: i64,
    part: u8,
    reference: Option<i64>,
) -> Result<(), StoreError> {
    let reference = reference.unwrap_or(-1);
    connection
        .prepare_cached(
            "UPDATE attempt SET state = 'sent', reference = ?3 \
             WHERE text = ?1 AND part = ?2 AND state = 'under way'",
        )
        .and_then(|mut statement| statement.execute(params![text, part, reference]))
        .map(|_| ())
        .map_err(StoreError::at("note an attempt's reference"))
}

/// No result came.
pub(super) fn is_doubtful(connection: &Connection, text: i64, part: u8) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE attempt SET state = 'doubtful' WHERE text = ?1 AND part = ?2 AND state = 'under way'",
        )
        .and_then(|mut statement| statement.execute(params![text, part]))
        .map(|_| ())
        .map_err(StoreError::at("note a doubtful attempt"))
}

/// After a crash no result will come.
pub(super) fn all_are_doubtful(connection: &Connection) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE attempt SET state = 'doubtful' WHERE state = 'under way'")
        .and_then(|mut statement| statement.execute([]))
        .map(|_| ())
        .map_err(StoreError::at("note doubtful attempts"))
}

/// The modem did not take it: no report will come.
pub(super) fn is_none(connection: &Connection, text: i64, part: u8) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM attempt WHERE text = ?1 AND part = ?2 AND state = 'under way'")
        .and_then(|mut statement| statement.execute(params![text, part]))
        .map(|_| ())
        .map_err(StoreError::at("take an attempt back"))
}
