//! Messages as they lie in the store of one account. Everything that is asked of them stands here, one
//! statement a function; what a message means is decided elsewhere.

mod notice;
mod phone;
mod places;
mod reading;
mod waiting;

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

pub(crate) use self::notice::{
    Act, NOTICE_COLUMNS, NOTICE_LISTS, act_of, by_notice_id, chosen_behind, marked_behind, newest_in_words,
    newest_notice, notices, set_act, set_notice, systems, waiting_acts,
};
pub(crate) use self::phone::{
    PHONE_COLUMNS, PHONE_TIME, set_new_name, set_sms, state_of as sms_state_of, wish_of_word, word_of_wish,
};
pub(crate) use self::places::{Place, before, first_unread, from, place};
pub(crate) use self::reading::{
    newest_archived_of_peer, newest_before, newest_markable_of_peer, own_unread_by_peer, read_through,
    unread, unread_in_all,
};
pub(crate) use self::waiting::{first_queued, queued, unplaced_behind};
use crate::model::{DeliveryWish, MessageState, Notice, Sms};

/// Messages, conversations, what waits to be sent, and how far the archive has been read.
///
/// `moment` is the place of a message in its conversation: microseconds since 1970, the server's once the
/// archive has named it. `unread` is 1 for what the person has not seen, 2 for what the first reading of the
/// archive takes for seen on another computer. A deleted message stays as a mark, so that no later copy brings
/// it back.
pub(crate) const TABLES: &str = "
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    peer TEXT NOT NULL,
    own INTEGER NOT NULL DEFAULT 0,
    moment INTEGER NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    state INTEGER NOT NULL DEFAULT 5,
    failure TEXT NOT NULL DEFAULT '',
    archive_id TEXT NOT NULL DEFAULT '',
    origin_id TEXT NOT NULL DEFAULT '',
    message_id TEXT NOT NULL DEFAULT '',
    markable INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX message_place ON message (peer, moment, id);
CREATE UNIQUE INDEX message_archive ON message (archive_id) WHERE archive_id <> '';
CREATE INDEX message_origin ON message (peer, own, origin_id) WHERE origin_id <> '';
CREATE INDEX message_name ON message (peer, own, message_id) WHERE message_id <> '';
CREATE INDEX message_unread ON message (peer, moment) WHERE unread = 1;
CREATE TABLE conversation (
    peer TEXT PRIMARY KEY NOT NULL,
    read_moment INTEGER NOT NULL DEFAULT 0,
    read_archive_id TEXT NOT NULL DEFAULT '',
    told_moment INTEGER NOT NULL DEFAULT 0,
    peer_read_moment INTEGER NOT NULL DEFAULT 0,
    peer_read_id TEXT NOT NULL DEFAULT '',
    pinned INTEGER NOT NULL DEFAULT 0,
    closed_moment INTEGER NOT NULL DEFAULT 0,
    draft TEXT NOT NULL DEFAULT '',
    archive_complete INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (number INTEGER PRIMARY KEY AUTOINCREMENT, message INTEGER NOT NULL UNIQUE) STRICT;
CREATE TABLE cursor (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;
";

/// The largest number that the window's language counts exactly (2^53 - 1).
const LARGEST: i64 = 9_007_199_254_740_991;

/// Seen.
pub(crate) const READ: i64 = 0;
/// Not seen.
pub(crate) const UNREAD: i64 = 1;
/// Taken for seen on another computer.
pub(crate) const ASSUMED_READ: i64 = 2;

/// A message of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredMessage {
    /// Local key.
    pub(crate) id: i64,
    /// Bare address of the other side.
    pub(crate) peer: String,
    /// Written by this account.
    pub(crate) own: bool,
    /// Place in the conversation, microseconds.
    pub(crate) moment: i64,
    pub(crate) text: String,
    pub(crate) state: MessageState,
    /// Word of the failure, or empty.
    pub(crate) failure: String,
    /// Id in the account's archive (XEP-0359), or empty.
    pub(crate) archive_id: String,
    /// The author's origin-id (XEP-0359), or empty.
    pub(crate) origin_id: String,
    /// `id` of the stanza, or empty: receipts, markers and errors name it.
    pub(crate) message_id: String,
    /// The author wants to know when it is displayed (XEP-0333).
    pub(crate) markable: bool,
    /// [`READ`], [`UNREAD`] or [`ASSUMED_READ`].
    pub(crate) unread: i64,
    pub(crate) deleted: bool,
    /// Where its author wanted it.
    pub(crate) wish: DeliveryWish,
    /// The text message that it is, too.
    pub(crate) sms: Option<Sms>,
    /// What a business system says with it.
    pub(crate) notice: Option<Notice>,
    /// What the person has chosen with it.
    pub(crate) act: Option<Act>,
}

const COLUMNS: &str = "id, peer, own, moment, text, state, failure, archive_id, origin_id, message_id, \
                       markable, unread, deleted, wish, sms, sms_failure, sms_again, sms_until, notice, act";

fn read(row: &Row<'_>) -> rusqlite::Result<StoredMessage> {
    let (notice, act) = notice::read(row, 18)?;
    Ok(StoredMessage {
        id: row.get(0)?,
        peer: row.get(1)?,
        own: row.get(2)?,
        moment: row.get(3)?,
        text: row.get(4)?,
        state: state_of(row.get(5)?),
        failure: row.get(6)?,
        archive_id: row.get(7)?,
        origin_id: row.get(8)?,
        message_id: row.get(9)?,
        markable: row.get(10)?,
        unread: row.get(11)?,
        deleted: row.get(12)?,
        wish: wish_of_word(&row.get::<_, String>(13)?),
        sms: phone::read(row, 14)?,
        notice,
        act,
    })
}

fn state_of(number: i64) -> MessageState {
    match number {
        0 => MessageState::Queued,
        1 => MessageState::Sent,
        2 => MessageState::Delivered,
        3 => MessageState::Read,
        4 => MessageState::Failed,
        _ => MessageState::Received,
    }
}

fn number_of(state: MessageState) -> i64 {
    match state {
        MessageState::Queued => 0,
        MessageState::Sent => 1,
        MessageState::Delivered => 2,
        MessageState::Read => 3,
        MessageState::Failed => 4,
        MessageState::Received => 5,
    }
}

/// Adds a message; its `id` is chosen near its moment, so that messages of the same millisecond keep their
/// order in the window. Answers the id.
pub(crate) fn insert(connection: &Connection, message: &StoredMessage) -> rusqlite::Result<i64> {
    let id = free_id(connection, message.moment)?;
    connection
        .prepare_cached(
            "INSERT INTO message (id, peer, own, moment, text, state, failure, archive_id, origin_id, message_id, \
             markable, unread, deleted, wish) VALUES (:id, :peer, :own, :moment, :text, :state, :failure, \
             :archive_id, :origin_id, :message_id, :markable, :unread, :deleted, :wish)",
        )?
        .execute(named_params! {
            ":id": id,
            ":peer": message.peer,
            ":own": message.own,
            ":moment": message.moment,
            ":text": message.text,
            ":state": number_of(message.state),
            ":failure": message.failure,
            ":archive_id": message.archive_id,
            ":origin_id": message.origin_id,
            ":message_id": message.message_id,
            ":markable": message.markable,
            ":unread": message.unread,
            ":deleted": message.deleted,
            ":wish": word_of_wish(message.wish),
        })?;
    if let Some(sms) = &message.sms {
        set_sms(connection, id, sms)?;
    }
    if let Some(notice) = &message.notice {
        set_notice(connection, id, &message.text, notice)?;
    }
    if let Some(act) = &message.act {
        set_act(connection, id, act)?;
    }
    Ok(id)
}

fn free_id(connection: &Connection, moment: i64) -> rusqlite::Result<i64> {
    let mut taken = connection.prepare_cached("SELECT 1 FROM message WHERE id = ?1")?;
    let mut id = moment.clamp(1, LARGEST);
    while taken.exists(params![id])? {
        id = id.saturating_add(1);
    }
    Ok(id)
}

fn one(
    connection: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Option<StoredMessage>> {
    let statement = format!("SELECT {COLUMNS} FROM message WHERE {condition}");
    connection.prepare_cached(&statement)?.query_row(values, read).optional()
}

fn many(
    connection: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Vec<StoredMessage>> {
    let statement = format!("SELECT {COLUMNS} FROM message WHERE {condition}");
    connection.prepare_cached(&statement)?.query_map(values, read)?.collect()
}

/// The message of that key, unless it is deleted.
pub(crate) fn by_id(connection: &Connection, id: i64) -> rusqlite::Result<Option<StoredMessage>> {
    one(connection, "id = ?1 AND deleted = 0", params![id])
}

/// The message that the account's archive calls so.
pub(crate) fn by_archive_id(
    connection: &Connection,
    archive_id: &str,
) -> rusqlite::Result<Option<StoredMessage>> {
    one(connection, "archive_id = ?1 AND archive_id <> ''", params![archive_id])
}

/// The message with the author's origin-id and the same text: an author's clients may count from one again.
pub(crate) fn by_origin(
    connection: &Connection,
    peer: &str,
    own: bool,
    origin_id: &str,
    text: &str,
) -> rusqlite::Result<Option<StoredMessage>> {
    one(
        connection,
        "peer = ?1 AND own = ?2 AND origin_id = ?3 AND origin_id <> '' AND text = ?4 ORDER BY id LIMIT 1",
        params![peer, own, origin_id, text],
    )
}

/// The newest message of the author whose stanza had this `id`.
pub(crate) fn by_message_id(
    connection: &Connection,
    peer: &str,
    own: bool,
    message_id: &str,
) -> rusqlite::Result<Option<StoredMessage>> {
    one(
        connection,
        "peer = ?1 AND own = ?2 AND message_id = ?3 AND message_id <> '' AND deleted = 0 \
         ORDER BY moment DESC, id DESC LIMIT 1",
        params![peer, own, message_id],
    )
}

/// Moves a message within its conversation.
pub(crate) fn set_moment(connection: &Connection, id: i64, moment: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE message SET moment = ?2 WHERE id = ?1")?
        .execute(params![id, moment])
        .map(|_| ())
}

/// Notes how the archive calls a message.
pub(crate) fn set_archive_id(connection: &Connection, id: i64, archive_id: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE message SET archive_id = ?2 WHERE id = ?1")?
        .execute(params![id, archive_id])
        .map(|_| ())
}

/// Notes what became of a message.
pub(crate) fn set_state(
    connection: &Connection,
    id: i64,
    state: MessageState,
    failure: &str,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE message SET state = ?2, failure = ?3 WHERE id = ?1")?
        .execute(params![id, number_of(state), failure])
        .map(|_| ())
}

/// Notes whether the person has seen a message.
pub(crate) fn set_unread(connection: &Connection, id: i64, unread: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE message SET unread = ?2 WHERE id = ?1")?
        .execute(params![id, unread])
        .map(|_| ())
}

/// Leaves nothing of a message but the mark that it was deleted here.
pub(crate) fn hide(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE message SET deleted = 1, unread = 0 WHERE id = ?1")?
        .execute(params![id])
        .map(|_| ())
}

/// The newest message of a conversation.
pub(crate) fn newest(connection: &Connection, peer: &str) -> rusqlite::Result<Option<StoredMessage>> {
    one(connection, "peer = ?1 AND deleted = 0 ORDER BY moment DESC, id DESC LIMIT 1", params![peer])
}

/// The moment of the oldest known message of a conversation that the archive has named.
pub(crate) fn oldest_archived(connection: &Connection, peer: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT moment FROM message WHERE peer = ?1 AND archive_id <> '' ORDER BY moment, id LIMIT 1",
        )?
        .query_row(params![peer], |row| row.get(0))
        .optional()
}

/// How the archive calls the oldest known message of a conversation.
pub(crate) fn oldest_archive_id(connection: &Connection, peer: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached(
            "SELECT archive_id FROM message WHERE peer = ?1 AND archive_id <> '' ORDER BY moment, id LIMIT 1",
        )?
        .query_row(params![peer], |row| row.get(0))
        .optional()
}
