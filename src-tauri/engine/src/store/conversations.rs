//! What is kept about each conversation beside its messages.

use rusqlite::{Connection, OptionalExtension, Row, params};

/// A conversation of the store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct StoredConversation {
    /// Bare address of the other side.
    pub(crate) peer: String,
    /// Everything through this moment has been seen by the person.
    pub(crate) read_moment: i64,
    /// The message through which another client has read, when it is not in the store yet.
    pub(crate) read_archive_id: String,
    /// Through this moment the others know what has been seen.
    pub(crate) told_moment: i64,
    /// Own messages through this moment have been seen by the other side.
    pub(crate) peer_read_moment: i64,
    /// The own message through which the other side has read, when it is not in the store yet.
    pub(crate) peer_read_id: String,
    pub(crate) pinned: bool,
    /// Closed with all messages through this moment.
    pub(crate) closed_moment: i64,
    /// Text not sent yet, or empty.
    pub(crate) draft: String,
    /// The archive has nothing older than the store.
    pub(crate) archive_complete: bool,
}

const COLUMNS: &str = "peer, read_moment, read_archive_id, told_moment, peer_read_moment, peer_read_id, pinned, \
                       closed_moment, draft, archive_complete";

fn read(row: &Row<'_>) -> rusqlite::Result<StoredConversation> {
    Ok(StoredConversation {
        peer: row.get(0)?,
        read_moment: row.get(1)?,
        read_archive_id: row.get(2)?,
        told_moment: row.get(3)?,
        peer_read_moment: row.get(4)?,
        peer_read_id: row.get(5)?,
        pinned: row.get(6)?,
        closed_moment: row.get(7)?,
        draft: row.get(8)?,
        archive_complete: row.get(9)?,
    })
}

/// The conversation with `peer`; a new one when there is none.
pub(crate) fn of(connection: &Connection, peer: &str) -> rusqlite::Result<StoredConversation> {
    let statement = format!("SELECT {COLUMNS} FROM conversation WHERE peer = ?1");
    let found = connection.prepare_cached(&statement)?.query_row(params![peer], read).optional()?;
    Ok(found.unwrap_or_else(|| StoredConversation { peer: peer.to_owned(), ..StoredConversation::default() }))
}

/// All conversations.
pub(crate) fn all(connection: &Connection) -> rusqlite::Result<Vec<StoredConversation>> {
    let statement = format!("SELECT {COLUMNS} FROM conversation ORDER BY peer");
    connection.prepare_cached(&statement)?.query_map(params![], read)?.collect()
}

/// Conversations of which the others do not know yet how far the person has read.
pub(crate) fn untold(connection: &Connection) -> rusqlite::Result<Vec<StoredConversation>> {
    let statement =
        format!("SELECT {COLUMNS} FROM conversation WHERE told_moment < read_moment ORDER BY peer");
    connection.prepare_cached(&statement)?.query_map(params![], read)?.collect()
}

/// Writes a conversation down.
pub(crate) fn save(connection: &Connection, conversation: &StoredConversation) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO conversation (peer, read_moment, read_archive_id, told_moment, \
             peer_read_moment, peer_read_id, pinned, closed_moment, draft, archive_complete) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            conversation.peer,
            conversation.read_moment,
            conversation.read_archive_id,
            conversation.told_moment,
            conversation.peer_read_moment,
            conversation.peer_read_id,
            conversation.pinned,
            conversation.closed_moment,
            conversation.draft,
            conversation.archive_complete,
        ])
        .map(|_| ())
}
