//! The version of the organisation, and which entries changed with which version.

use rusqlite::{Connection, params};

use super::State;
use crate::storage::StorageError;

/// Entries that the log keeps at most; the oldest go first.
const KEPT: i64 = 20_000;

/// An entry that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Logged {
    /// A department.
    Department(i64),
    /// A person.
    Person(i64),
}

impl Logged {
    fn columns(self) -> (i64, i64) {
        match self {
            Self::Department(id) => (1, id),
            Self::Person(id) => (2, id),
        }
    }
}

/// An entry and the version that changed it last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LogRow {
    pub(crate) version: i64,
    pub(crate) entry: Logged,
}

/// Where the organisation stands.
pub(crate) fn state(connection: &Connection) -> Result<State, StorageError> {
    connection
        .prepare_cached("SELECT epoch, version, floor FROM organization_state")
        .and_then(|mut statement| {
            statement.query_row([], |row| {
                Ok(State { epoch: row.get(0)?, version: row.get(1)?, floor: row.get(2)? })
            })
        })
        .map_err(StorageError::at("read organization state"))
}

/// Versions of the past mean nothing any more: whoever knows one reads everything anew.
pub(crate) fn renew_epoch(connection: &Connection) -> Result<(), StorageError> {
    connection
        .execute("UPDATE organization_state SET epoch = lower(hex(randomblob(8)))", [])
        .map(|_| ())
        .map_err(StorageError::at("renew organization epoch"))
}

/// Gives these entries the next version, which is answered. An entry stands in the log once, with its newest
/// version: that is all a reader needs who applies entries as they are now.
pub(crate) fn advance(connection: &Connection, entries: &[Logged]) -> Result<i64, StorageError> {
    connection
        .execute("UPDATE organization_state SET version = version + 1", [])
        .map_err(StorageError::at("advance organization version"))?;
    let version = state(connection)?.version;
    for entry in entries {
        let (kind, id) = entry.columns();
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO organization_log (kind, entry, version) VALUES (?1, ?2, ?3)",
            )
            .and_then(|mut statement| statement.execute(params![kind, id, version]))
            .map_err(StorageError::at("write organization log"))?;
    }
    trim(connection)?;
    Ok(version)
}

/// Cuts whole versions off the old end when the log is too long.
fn trim(connection: &Connection) -> Result<(), StorageError> {
    connection
        .execute(
            "UPDATE organization_state SET floor = max(floor, coalesce(
                 (SELECT version FROM organization_log ORDER BY version DESC LIMIT 1 OFFSET ?1), 0))",
            [KEPT],
        )
        .and_then(|_| {
            connection.execute(
                "DELETE FROM organization_log WHERE version <= (SELECT floor FROM organization_state)",
                [],
            )
        })
        .map(|_| ())
        .map_err(StorageError::at("trim organization log"))
}

/// Entries that changed after `since`, oldest first.
pub(crate) fn log_entries(connection: &Connection, since: i64) -> Result<Vec<LogRow>, StorageError> {
    connection
        .prepare_cached(
            "SELECT version, kind, entry FROM organization_log WHERE version > ?1 ORDER BY version, kind, entry",
        )
        .and_then(|mut statement| {
            statement
                .query_map([since], |row| {
                    let id = row.get(2)?;
                    let is_department = row.get::<_, i64>(1)? == 1;
                    let entry = if is_department { Logged::Department(id) } else { Logged::Person(id) };
                    Ok(LogRow { version: row.get(0)?, entry })
                })?
                .collect()
        })
        .map_err(StorageError::at("read organization log"))
}

/// A number that changes when another connection has written to the file; costs no query of a table.
pub(crate) fn data_version(connection: &Connection) -> Result<i64, StorageError> {
    connection
        .query_row("PRAGMA data_version", [], |row| row.get(0))
        .map_err(StorageError::at("read data version"))
}
