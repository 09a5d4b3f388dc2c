//! How far something has been read.

use rusqlite::{Connection, OptionalExtension, params};

/// Id of the message through which the archive has been read without a gap; empty: the archive was empty.
/// Not there: it has never been read.
pub(crate) const ARCHIVE: &str = "archive";

/// The value of a cursor.
pub(crate) fn read(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT value FROM cursor WHERE name = ?1")?
        .query_row(params![name], |row| row.get(0))
        .optional()
}

/// Moves a cursor.
pub(crate) fn write(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO cursor (name, value) VALUES (?1, ?2)")?
        .execute(params![name, value])
        .map(|_| ())
}

/// Forgets a cursor.
pub(crate) fn remove(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM cursor WHERE name = ?1")?.execute(params![name]).map(|_| ())
}
