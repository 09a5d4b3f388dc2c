//! The lists of notices of business systems, and which of them the person has seen.

use crate::error::{EngineError, EngineErrorCode};
use crate::events::EngineEvent;
use crate::incoming::Applied;
use crate::mailbox::Mailbox;
use crate::model::{NoticeFilter, NoticePage};
use crate::store::conversations::{self, StoredConversation};
use crate::store::messages::{self, READ, UNREAD};

/// Most notices of a page.
const MOST: u32 = 500;
/// Most notices that are seen at once.
const MOST_SEEN: usize = 10_000;

/// Which notices the window asks for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Address of the system, or empty: all.
    pub(crate) peer: String,
    pub(crate) filter: NoticeFilter,
    /// Those before this one; else the newest.
    pub(crate) before: Option<i64>,
    pub(crate) limit: u32,
}

impl Mailbox {
    /// At most `limit` notices before the notice `before`, or the newest; the newest first. Of one system, or of
    /// all when `peer` is empty. None from before `from` (microseconds): there may be others in between that the
    /// store does not have.
    ///
    /// # Errors
    /// `NotFound`, `StoreFailed`.
    pub(crate) async fn notices(&self, wanted: &Wanted, from: i64) -> Result<NoticePage, EngineError> {
        let now = self.time().now();
        let Wanted { peer, filter, before, limit } = wanted.clone();
        let limit = limit.clamp(1, MOST);
        let reading = self.store().read(move |connection| {
            let place = match before {
                Some(id) => messages::place(connection, id)?,
                None => Some((i64::MAX, i64::MAX)),
            };
            let Some(place) = place else { return Ok(None) };
            let ahead = limit.saturating_add(1);
            messages::notices(connection, (&peer, filter), place, (ahead, now)).map(Some)
        });
        let mut found = reading.await?.ok_or_else(|| EngineError::new(EngineErrorCode::NotFound, ""))?;
        let count = found.len();
        found.retain(|message| message.moment >= from);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let has_more = found.len() < count;
        Ok(NoticePage { notices: found.iter().map(|message| self.model(message)).collect(), has_more })
    }

    /// The system whose notices the store has from the latest moment on, and that moment, among those whose archive
    /// may have older ones: that system, or all when `peer` is empty.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub(crate) async fn shortest_history(&self, peer: &str) -> Result<Option<(String, i64)>, EngineError> {
        let peer = peer.to_owned();
        let reading = self.store().read(move |connection| {
            let all = if peer.is_empty() { messages::systems(connection)? } else { vec![peer] };
            let mut shortest: Option<(String, i64)> = None;
            for system in all {
                if conversations::of(connection, &system)?.archive_complete {
                    continue;
                }
                let from = messages::oldest_archived(connection, &system)?.unwrap_or(i64::MAX);
                if shortest.as_ref().is_none_or(|(_, latest)| from > *latest) {
                    shortest = Some((system, from));
                }
            }
            Ok(shortest)
        });
        Ok(reading.await?)
    }

    /// The `id` of the stanza that brought this notice.
    ///
    /// # Errors
    /// `NotFound`, `StoreFailed`.
    pub(crate) async fn name_of_notice(&self, message: i64) -> Result<String, EngineError> {
        let reading = self.store().read(move |connection| messages::by_id(connection, message));
        let found = reading.await?.filter(|message| message.notice.is_some());
        let found = found.ok_or_else(|| EngineError::new(EngineErrorCode::NotFound, ""))?;
        Ok(found.message_id)
    }

    /// The person has seen these notices. An earlier one that was not seen stays unread; others hear how far all
    /// have been seen.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub(crate) async fn notices_seen(&self, ids: Vec<i64>) -> Result<(), EngineError> {
        let seeing = self.change(move |transaction| {
            let mut applied = Applied::default();
            for id in ids.into_iter().take(MOST_SEEN) {
                let Some(message) = messages::by_id(transaction, id)? else { continue };
                if message.notice.is_some() && message.unread == UNREAD {
                    messages::set_unread(transaction, id, READ)?;
                    applied.touched.insert(message.peer.clone());
                    applied.changed.extend(messages::by_id(transaction, id)?);
                }
            }
            for peer in &applied.touched {
                seen_through(transaction, peer)?;
            }
            Ok(Some(applied))
        });
        for peer in seeing.await?.touched {
            self.events().tell(EngineEvent::WithdrawNotifications { peer });
        }
        Ok(())
    }
}

/// Everything before the first notice that was not seen has been read.
fn seen_through(connection: &rusqlite::Connection, peer: &str) -> rusqlite::Result<()> {
    let unread = messages::first_unread(connection, peer)?;
    let Some((moment, _)) = messages::newest_before(connection, peer, unread)? else { return Ok(()) };
    let before = conversations::of(connection, peer)?;
    if moment > before.read_moment {
        conversations::save(connection, &StoredConversation { read_moment: moment, ..before })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
