//! Pieces of a conversation, by the places of its messages.

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoredMessage, many};

/// A place in a conversation: moment and key of a message.
pub(crate) type Place = (i64, i64);

/// At most `limit` messages before a place, the nearest first.
pub(crate) fn before(
    connection: &Connection,
    peer: &str,
    place: Place,
    limit: u32,
) -> rusqlite::Result<Vec<StoredMessage>> {
    many(
        connection,
        "peer = ?1 AND deleted = 0 AND (moment, id) < (?2, ?3) ORDER BY moment DESC, id DESC LIMIT ?4",
        params![peer, place.0, place.1, limit],
    )
}

/// At most `limit` messages at or behind a place, the nearest first.
pub(crate) fn from(
    connection: &Connection,
    peer: &str,
    place: Place,
    limit: u32,
) -> rusqlite::Result<Vec<StoredMessage>> {
    many(
        connection,
        "peer = ?1 AND deleted = 0 AND (moment, id) >= (?2, ?3) ORDER BY moment, id LIMIT ?4",
        params![peer, place.0, place.1, limit],
    )
}

/// The place of a message, also of a deleted one: a page may hang on it.
pub(crate) fn place(connection: &Connection, id: i64) -> rusqlite::Result<Option<Place>> {
    connection
        .prepare_cached("SELECT moment, id FROM message WHERE id = ?1")?
        .query_row(params![id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// The first message of a conversation that the person has not seen.
pub(crate) fn first_unread(connection: &Connection, peer: &str) -> rusqlite::Result<Option<Place>> {
    connection
        .prepare_cached(
            "SELECT moment, id FROM message WHERE peer = ?1 AND unread = 1 ORDER BY moment, id LIMIT 1",
        )?
        .query_row(params![peer], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}
