//! Own messages that wait to be sent, or for their place in the archive.

use rusqlite::{Connection, params};

use super::{StoredMessage, many, one};

/// The first message behind `number` in the outbox that nobody is known to have.
pub(crate) fn first_queued(connection: &Connection, number: i64) -> rusqlite::Result<Option<StoredMessage>> {
    one(
        connection,
        "id = (SELECT message FROM outbox JOIN message AS waiting ON waiting.id = outbox.message \
         WHERE outbox.number > ?1 AND waiting.state = 0 AND waiting.deleted = 0 ORDER BY outbox.number LIMIT 1)",
        params![number],
    )
}

/// Own messages of the conversation that still wait, in order.
pub(crate) fn queued(connection: &Connection, peer: &str) -> rusqlite::Result<Vec<StoredMessage>> {
    many(
        connection,
        "id IN (SELECT message FROM outbox) AND peer = ?1 AND state = 0 ORDER BY moment, id",
        params![peer],
    )
}

/// Own messages of the conversation that were written behind this one and have no place in the archive, in order.
pub(crate) fn unplaced_behind(
    connection: &Connection,
    peer: &str,
    message: i64,
) -> rusqlite::Result<Vec<StoredMessage>> {
    many(
        connection,
        "peer = ?1 AND own = 1 AND archive_id = '' AND id > ?2 ORDER BY moment, id",
        params![peer, message],
    )
}
