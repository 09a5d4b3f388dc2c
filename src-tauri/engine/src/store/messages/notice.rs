//! Notices of business systems, and what the person answers to them.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::{StoredMessage, one};
use crate::model::{Notice, NoticeValue};

/// Columns that came later.
pub(crate) const NOTICE_COLUMNS: &str = "
ALTER TABLE message ADD COLUMN notice TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN notice_id TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN act TEXT NOT NULL DEFAULT '';
CREATE INDEX message_notice ON message (peer, notice_id) WHERE notice_id <> '';
";

/// What the person has chosen: goes with the message that says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Act {
    /// `id` of the stanza that brought the notice.
    pub(crate) message: String,
    pub(crate) action: String,
    pub(crate) values: Vec<NoticeValue>,
}

/// The columns from `first` on: notice, act.
pub(super) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<(Option<Notice>, Option<Act>)> {
    let (notice, act): (String, String) = (row.get(first)?, row.get(first.saturating_add(1))?);
    Ok((serde_json::from_str(&notice).ok(), serde_json::from_str(&act).ok()))
}

/// Notes what a message says as a notice.
pub(crate) fn set_notice(
    connection: &Connection,
    id: i64,
    text: &str,
    notice: &Notice,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE message SET text = ?2, notice = ?3, notice_id = ?4 WHERE id = ?1")?
        .execute(params![id, text, json(notice), notice.id])
        .map(|_| ())
}

/// Notes what goes with a message of the person's.
pub(crate) fn set_act(connection: &Connection, id: i64, act: &Act) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE message SET act = ?2 WHERE id = ?1")?
        .execute(params![id, json(act)])
        .map(|_| ())
}

/// The message that has this notice, whatever its revision.
pub(crate) fn by_notice_id(
    connection: &Connection,
    peer: &str,
    notice_id: &str,
) -> rusqlite::Result<Option<StoredMessage>> {
    one(
        connection,
        "peer = ?1 AND notice_id = ?2 AND notice_id <> '' ORDER BY id LIMIT 1",
        params![peer, notice_id],
    )
}

/// The newest notice of this other side.
pub(crate) fn newest_notice(connection: &Connection, peer: &str) -> rusqlite::Result<Option<Notice>> {
    let found: Option<String> = connection
        .prepare_cached(
            "SELECT notice FROM message WHERE peer = ?1 AND notice_id <> '' ORDER BY moment DESC, id DESC LIMIT 1",
        )?
        .query_row(params![peer], |row| row.get(0))
        .optional()?;
    Ok(found.and_then(|text| serde_json::from_str(&text).ok()))
}

fn json(value: &impl Serialize) -> String {
    // These are plain texts and lists: they can always be written.
    serde_json::to_string(value).unwrap_or_default()
}
