//! How far both sides have read.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Place, StoredMessage, many, one};

/// Everything of the other side through `moment` is seen. Answers how many were not before.
pub(crate) fn read_through(connection: &Connection, peer: &str, moment: i64) -> rusqlite::Result<usize> {
    connection
        .prepare_cached("UPDATE message SET unread = 0 WHERE peer = ?1 AND unread = 1 AND moment <= ?2")?
        .execute(params![peer, moment])
}

/// Own messages through `moment` that the other side is not known to have read.
pub(crate) fn own_unread_by_peer(
    connection: &Connection,
    peer: &str,
    moment: i64,
) -> rusqlite::Result<Vec<StoredMessage>> {
    many(
        connection,
        "peer = ?1 AND own = 1 AND state IN (0, 1, 2) AND deleted = 0 AND moment <= ?2 ORDER BY moment, id",
        params![peer, moment],
    )
}

/// The newest message of the other side at or before `moment` that the archive has named.
pub(crate) fn newest_archived_of_peer(
    connection: &Connection,
    peer: &str,
    moment: i64,
) -> rusqlite::Result<Option<StoredMessage>> {
    one(
        connection,
        "peer = ?1 AND own = 0 AND moment <= ?2 AND archive_id <> '' ORDER BY moment DESC, id DESC LIMIT 1",
        params![peer, moment],
    )
}

/// The newest message of the other side at or before `moment` whose author wants to know that it was seen.
pub(crate) fn newest_markable_of_peer(
    connection: &Connection,
    peer: &str,
    moment: i64,
) -> rusqlite::Result<Option<StoredMessage>> {
    one(
        connection,
        "peer = ?1 AND own = 0 AND moment <= ?2 AND markable = 1 AND message_id <> '' \
         ORDER BY moment DESC, id DESC LIMIT 1",
        params![peer, moment],
    )
}

/// The newest message of the other side before a place, or of all.
pub(crate) fn newest_before(
    connection: &Connection,
    peer: &str,
    before: Option<Place>,
) -> rusqlite::Result<Option<Place>> {
    let (moment, id) = before.unwrap_or((i64::MAX, i64::MAX));
    connection
        .prepare_cached(
            "SELECT moment, id FROM message WHERE peer = ?1 AND own = 0 AND (moment, id) < (?2, ?3) \
             ORDER BY moment DESC, id DESC LIMIT 1",
        )?
        .query_row(params![peer, moment, id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// How many messages of a conversation the person has not seen.
pub(crate) fn unread(connection: &Connection, peer: &str) -> rusqlite::Result<u32> {
    connection
        .prepare_cached("SELECT count(*) FROM message WHERE peer = ?1 AND unread = 1")?
        .query_row(params![peer], |row| row.get(0))
}

/// How many messages the person has not seen.
pub(crate) fn unread_in_all(connection: &Connection) -> rusqlite::Result<u32> {
    connection
        .prepare_cached("SELECT count(*) FROM message WHERE unread = 1")?
        .query_row(params![], |row| row.get(0))
}
