//! Own messages that the server has not acknowledged, in the order in which they are to be sent.

use rusqlite::{Connection, OptionalExtension, params};

/// Puts a message at the end. One that is there already moves to the end.
pub(crate) fn put(connection: &Connection, message: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO outbox (message) VALUES (?1)")?
        .execute(params![message])
        .map(|_| ())
}

/// The first entry behind `number`: its number and its message.
pub(crate) fn after(connection: &Connection, number: i64) -> rusqlite::Result<Option<(i64, i64)>> {
    connection
        .prepare_cached("SELECT number, message FROM outbox WHERE number > ?1 ORDER BY number LIMIT 1")?
        .query_row(params![number], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// Takes a message out. Answers whether it was there.
pub(crate) fn remove(connection: &Connection, message: i64) -> rusqlite::Result<bool> {
    let removed =
        connection.prepare_cached("DELETE FROM outbox WHERE message = ?1")?.execute(params![message])?;
    Ok(removed > 0)
}
