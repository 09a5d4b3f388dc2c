//! Notices of business systems, and what the person answers to them.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::{Place, StoredMessage, many, one};
use crate::model::{Notice, NoticeFilter, NoticeValue};

/// Columns that came later.
pub(crate) const NOTICE_COLUMNS: &str = "
ALTER TABLE message ADD COLUMN notice TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN notice_id TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN act TEXT NOT NULL DEFAULT '';
CREATE INDEX message_notice ON message (peer, notice_id) WHERE notice_id <> '';
";

/// Columns and an index that came later, for lists over all systems. `notice_done` is 1 when nothing is left to do,
/// 2 when there never was more to do than to read it; `notice_until` the moment (microseconds) after which it is of
/// no interest, or 0.
pub(crate) const NOTICE_LISTS: &str = "
ALTER TABLE message ADD COLUMN notice_done INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN notice_until INTEGER NOT NULL DEFAULT 0;
UPDATE message SET notice_done = CASE
    WHEN json_extract(notice, '$.state') <> 'open' OR json_extract(notice, '$.chosen') IS NOT NULL THEN 1
    WHEN json_extract(notice, '$.link') IS NULL AND json_array_length(notice, '$.actions') = 0 THEN 2
    ELSE 0 END WHERE notice_id <> '';
CREATE INDEX message_notice_place ON message (moment, id) WHERE notice_id <> '';
";

/// What the person has chosen: goes with the message that says it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Act {
    /// `id` of the stanza that brought the notice.
    pub(crate) message: String,
    pub(crate) action: String,
    pub(crate) values: Vec<NoticeValue>,
    /// Nothing is chosen: the person marks the notice as done by hand, or takes that back.
    #[serde(default)]
    pub(crate) mark: Option<bool>,
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
        .prepare_cached(
            "UPDATE message SET text = ?2, notice = ?3, notice_id = ?4, notice_done = ?5, notice_until = ?6 \
             WHERE id = ?1",
        )?
        .execute(params![id, text, json(notice), notice.id, done(notice), notice.until().unwrap_or(0)])
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

/// The newest message of a conversation that has words: a mark has none.
pub(crate) fn newest_in_words(
    connection: &Connection,
    peer: &str,
) -> rusqlite::Result<Option<StoredMessage>> {
    one(
        connection,
        "peer = ?1 AND deleted = 0 AND text <> '' ORDER BY moment DESC, id DESC LIMIT 1",
        params![peer],
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

/// At most `limit` notices before a place, the newest first; of one system, or of all when `peer` is empty.
pub(crate) fn notices(
    connection: &Connection,
    (peer, filter): (&str, NoticeFilter),
    place: Place,
    (limit, now): (u32, i64),
) -> rusqlite::Result<Vec<StoredMessage>> {
    let condition = match filter {
        NoticeFilter::Open => {
            "(notice_done = 0 OR (notice_done = 2 AND unread = 1)) AND (notice_until = 0 OR notice_until > ?5)"
        }
        NoticeFilter::Unread => "unread = 1 AND ?5 = ?5",
        NoticeFilter::Done => {
            "(notice_done = 1 OR (notice_done = 2 AND unread <> 1) OR (notice_until <> 0 AND notice_until <= ?5))"
        }
        NoticeFilter::All => "?5 = ?5",
    };
    let condition = format!(
        "notice_id <> '' AND deleted = 0 AND {condition} AND (?1 = '' OR peer = ?1) AND (moment, id) < (?2, ?3) \
         ORDER BY moment DESC, id DESC LIMIT ?4"
    );
    many(connection, &condition, params![peer, place.0, place.1, limit, now])
}

/// Addresses that notices have come from.
pub(crate) fn systems(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare_cached("SELECT DISTINCT peer FROM message WHERE notice_id <> '' ORDER BY peer")?
        .query_map(params![], |row| row.get(0))?
        .collect()
}

/// What the person said with their choice on this notice, and nobody is known to have.
pub(crate) fn waiting_acts(
    connection: &Connection,
    notice: &StoredMessage,
) -> rusqlite::Result<Vec<StoredMessage>> {
    many(
        connection,
        "peer = ?1 AND own = 1 AND act <> '' AND state = 0 AND deleted = 0 \
         AND json_extract(act, '$.message') = ?2 ORDER BY moment, id",
        params![notice.peer, notice.message_id],
    )
}

/// The notice that an own message answers.
pub(crate) fn act_of(
    connection: &Connection,
    own: &StoredMessage,
) -> rusqlite::Result<Option<StoredMessage>> {
    let Some(act) = &own.act else { return Ok(None) };
    let found = super::by_message_id(connection, &own.peer, false, &act.message)?;
    Ok(found.filter(|message| message.notice.is_some()))
}

/// How the person has marked this notice by hand, here or elsewhere, in the newest message behind it that does so.
pub(crate) fn marked_behind(
    connection: &Connection,
    notice: &StoredMessage,
) -> rusqlite::Result<Option<bool>> {
    if notice.message_id.is_empty() {
        return Ok(None);
    }
    let marks = many(
        connection,
        "peer = ?1 AND own = 1 AND act <> '' AND state <> 4 AND deleted = 0 AND moment > ?2 \
         AND json_extract(act, '$.message') = ?3 AND json_extract(act, '$.mark') IS NOT NULL \
         ORDER BY moment DESC, id DESC LIMIT 1",
        params![notice.peer, notice.moment, notice.message_id],
    )?;
    Ok(marks.into_iter().next().and_then(|own| own.act).and_then(|act| act.mark))
}

/// The action that the person has chosen, here or elsewhere, in the newest message behind this notice that is about
/// it and was not refused.
pub(crate) fn chosen_behind(
    connection: &Connection,
    notice: &StoredMessage,
) -> rusqlite::Result<Option<String>> {
    if notice.message_id.is_empty() {
        return Ok(None);
    }
    let answers = many(
        connection,
        "peer = ?1 AND own = 1 AND act <> '' AND state <> 4 AND deleted = 0 AND moment > ?2 \
         AND json_extract(act, '$.message') = ?3 AND json_extract(act, '$.mark') IS NULL \
         ORDER BY moment DESC, id DESC LIMIT 1",
        params![notice.peer, notice.moment, notice.message_id],
    )?;
    Ok(answers.into_iter().next().and_then(|own| own.act).map(|act| act.action))
}

fn done(notice: &Notice) -> i64 {
    match (notice.is_done(), notice.link.is_none() && notice.actions.is_empty()) {
        (true, _) => 1,
        (false, true) => 2,
        (false, false) => 0,
    }
}

fn json(value: &impl Serialize) -> String {
    // These are plain texts and lists: they can always be written.
    serde_json::to_string(value).unwrap_or_default()
}
