//! Cuts a page out of a conversation.

use rusqlite::Connection;

use crate::store::conversations;
use crate::store::messages::{self, Place, StoredMessage};

/// A page, oldest message first.
#[derive(Debug, Default)]
pub(super) struct StoredPage {
    pub(super) messages: Vec<StoredMessage>,
    pub(super) has_older: bool,
    pub(super) has_newer: bool,
    pub(super) first_unread: Option<i64>,
}

/// Behind everything.
const END: Place = (i64::MAX, i64::MAX);

/// The page around a message, or at the first unread one, or the newest; `size` messages when there are so many.
pub(super) fn around(
    connection: &Connection,
    peer: &str,
    around: Option<i64>,
    size: u32,
) -> rusqlite::Result<StoredPage> {
    let unread = messages::first_unread(connection, peer)?;
    let asked = around.map(|id| messages::place(connection, id)).transpose()?.flatten();
    let aim = asked.or(unread).unwrap_or(END);
    let mut newer = messages::from(connection, peer, aim, size.saturating_add(1))?;
    let half = size.div_euclid(2);
    let ahead = u32::try_from(newer.len()).unwrap_or(u32::MAX).min(size.saturating_sub(half));
    let mut older = messages::before(connection, peer, aim, size.saturating_sub(ahead).saturating_add(1))?;
    let has_older = trim(&mut older, size.saturating_sub(ahead));
    let before = u32::try_from(older.len()).unwrap_or(u32::MAX);
    let has_newer = trim(&mut newer, size.saturating_sub(before));
    older.reverse();
    older.append(&mut newer);
    Ok(StoredPage {
        messages: older,
        has_older: has_older || is_open(connection, peer)?,
        has_newer,
        first_unread: unread.map(|(_, id)| id),
    })
}

/// At most `limit` messages before a message; `None` when there is no such message.
pub(super) fn older(
    connection: &Connection,
    peer: &str,
    before: i64,
    limit: u32,
) -> rusqlite::Result<Option<StoredPage>> {
    let Some(place) = messages::place(connection, before)? else { return Ok(None) };
    let mut found = messages::before(connection, peer, place, limit.saturating_add(1))?;
    let has_older = trim(&mut found, limit) || is_open(connection, peer)?;
    found.reverse();
    Ok(Some(StoredPage { messages: found, has_older, has_newer: true, first_unread: None }))
}

/// At most `limit` messages behind a message; `None` when there is no such message.
pub(super) fn newer(
    connection: &Connection,
    peer: &str,
    after: i64,
    limit: u32,
) -> rusqlite::Result<Option<StoredPage>> {
    let Some((moment, id)) = messages::place(connection, after)? else { return Ok(None) };
    let behind = (moment, id.saturating_add(1));
    let mut found = messages::from(connection, peer, behind, limit.saturating_add(1))?;
    let has_newer = trim(&mut found, limit);
    Ok(Some(StoredPage { messages: found, has_older: true, has_newer, first_unread: None }))
}

/// The archive may have more than the store.
fn is_open(connection: &Connection, peer: &str) -> rusqlite::Result<bool> {
    Ok(!conversations::of(connection, peer)?.archive_complete)
}

/// Cuts to `limit`; true when something was cut off.
fn trim(messages: &mut Vec<StoredMessage>, limit: u32) -> bool {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_longer = messages.len() > limit;
    messages.truncate(limit);
    is_longer
}
