//! The tables of messages, and what is read from them when the store opens.

use std::collections::HashMap;

use bytes::Bytes;
use jid::{BareJid, Jid};
use posthouse_protocol::wire::Frame;
use rusqlite::{Connection, params};

use super::StoredId;
use super::origins::{self, Origins};
use crate::storage::{StorageError, Ticket};

/// The tables. One message row serves the archives of both sides and the offline store; archive entries are
/// small and lie together by owner.
pub(in crate::storage) const TABLES: &str = "
CREATE TABLE address (id INTEGER PRIMARY KEY, jid TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    sender INTEGER NOT NULL,
    origin TEXT NOT NULL DEFAULT '',
    receiver INTEGER NOT NULL,
    archived INTEGER NOT NULL DEFAULT 0,
    frame BLOB NOT NULL
) STRICT;
CREATE TABLE archive (
    owner INTEGER NOT NULL,
    id INTEGER NOT NULL,
    peer INTEGER NOT NULL,
    resource TEXT NOT NULL DEFAULT '',
    incoming INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX archive_peer ON archive (owner, peer);
CREATE TABLE offline (
    owner INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE delivered (owner INTEGER PRIMARY KEY, through INTEGER NOT NULL DEFAULT 0) STRICT;
";

/// The newest id given.
pub(super) fn newest(connection: &Connection) -> Result<i64, StorageError> {
    connection
        .query_row("SELECT coalesce(max(id), 0) FROM message", [], |row| row.get(0))
        .map_err(StorageError::at("newest message"))
}

/// How many messages wait for each account.
pub(super) fn count_waiting(connection: &Connection) -> Result<HashMap<BareJid, u64>, StorageError> {
    let at = StorageError::at("count offline messages");
    let mut statement = connection
        .prepare("SELECT a.jid, count(*) FROM offline o JOIN address a ON a.id = o.owner GROUP BY o.owner")
        .map_err(&at)?;
    let rows =
        statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))).map_err(&at)?;
    let mut waiting = HashMap::new();
    for row in rows {
        let (jid, count) = row.map_err(&at)?;
        if let (Ok(jid), Ok(count)) = (BareJid::new(&jid), u64::try_from(count)) {
            waiting.insert(jid, count);
        }
    }
    Ok(waiting)
}

/// Notes the messages since `oldest`, so that a resend is recognised after a restart.
pub(super) fn load_origins(
    connection: &Connection,
    mut origins: Origins,
    oldest: i64,
) -> Result<Origins, StorageError> {
    let at = StorageError::at("recent origin ids");
    let mut statement = connection
        .prepare(
            "SELECT m.id, s.jid, r.jid, m.origin, m.frame FROM message m
             JOIN address s ON s.id = m.sender JOIN address r ON r.id = m.receiver
             WHERE m.id IN (SELECT id FROM message WHERE id > ?1 ORDER BY id DESC LIMIT ?2) AND m.origin <> ''
             ORDER BY m.id",
        )
        .map_err(&at)?;
    let most = i64::try_from(origins::MOST).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![oldest, most]).map_err(&at)?;
    while let Some(row) = rows.next().map_err(&at)? {
        let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<(i64, String, String, String, Vec<u8>)> {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        };
        let (id, sender, receiver, origin, frame) = read(row).map_err(&at)?;
        let frame = Frame::parse(Bytes::from(frame)).ok();
        // What only the receiver's history has was for nobody to fetch, and its row names the sender twice.
        let meant = frame.as_ref().filter(|_| sender == receiver).and_then(|frame| frame.to());
        let meant = meant.and_then(|to| Jid::new(&to).ok()).map(|to| to.to_bare());
        if let (Ok(sender), Ok(receiver)) = (BareJid::new(&sender), BareJid::new(&receiver)) {
            let text = frame.as_ref().map(origins::text).unwrap_or_default();
            let key = origins.key(&sender, &meant.unwrap_or(receiver), &origin, &text);
            origins.note(key, Ticket(0), StoredId(id));
        }
    }
    Ok(origins)
}
