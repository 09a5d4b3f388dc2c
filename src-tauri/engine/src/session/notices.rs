//! Notices of business systems: their lists, what was seen, and what the person chooses.

use super::{OPENING, ORIGIN_BYTES, Session};
use crate::error::{EngineError, EngineErrorCode};
use crate::history_sync::SyncError;
use crate::model::{NoticePage, NoticeStep, NoticeValue};
use crate::notice_timeline;
use crate::notices::Wanted;
use crate::outgoing;

/// Most questions to the archive for one page.
const ASKED: usize = 40;

impl Session {
    /// A page of a list of notices. When the store has no more, the archive is asked.
    ///
    /// # Errors
    /// `BadInput`, `NotFound`, `StoreFailed`.
    pub(crate) async fn notices(&self, wanted: Wanted) -> Result<NoticePage, EngineError> {
        if !wanted.peer.is_empty() {
            outgoing::address(&wanted.peer)?;
        }
        if self.state.is_connected() {
            match tokio::time::timeout(OPENING, self.whole_page(&wanted)).await {
                Ok(Ok(page)) => return Ok(page),
                Ok(Err(error)) => tracing::info!(%error, "older notices cannot be read now"),
                Err(_) => tracing::info!("older notices take too long"),
            }
        }
        self.mailbox.notices(&wanted, i64::MIN).await
    }

    /// A page without gaps: notices of one system may lie between those of another, and only in the archive.
    async fn whole_page(&self, wanted: &Wanted) -> Result<NoticePage, SyncError> {
        for _ in 0..ASKED {
            let shortest = self.mailbox.shortest_history(&wanted.peer).await?;
            let from = shortest.as_ref().map_or(i64::MIN, |(_, from)| *from);
            let page = self.mailbox.notices(wanted, from).await?;
            let is_full = u32::try_from(page.notices.len()).is_ok_and(|count| count >= wanted.limit);
            let Some((system, _)) = shortest else { return Ok(page) };
            if is_full {
                return Ok(NoticePage { has_more: true, ..page });
            }
            self.history.older(&outgoing::address(&system)?).await?;
        }
        Ok(self.mailbox.notices(wanted, i64::MIN).await?)
    }

    /// The person has seen these notices.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub(crate) async fn notices_seen(&self, ids: Vec<i64>) -> Result<(), EngineError> {
        self.mailbox.notices_seen(ids).await?;
        self.markers.nudge();
        Ok(())
    }

    /// Queues what the person chooses on a notice, and sends it when the line allows.
    ///
    /// # Errors
    /// `NotFound`, `BadInput`, `StoreFailed`.
    pub(crate) async fn choose(
        &self,
        message: i64,
        action: &str,
        values: Vec<NoticeValue>,
    ) -> Result<(), EngineError> {
        let origin_id = self.environment.random.text(ORIGIN_BYTES);
        self.mailbox.choose(message, action, values, origin_id).await?;
        self.outbox.nudge();
        Ok(())
    }

    /// Marks a notice as done by hand, or takes that back, at all computers of the person.
    ///
    /// # Errors
    /// `NotFound`, `StoreFailed`.
    pub(crate) async fn mark_done(&self, message: i64, done: bool) -> Result<(), EngineError> {
        let origin_id = self.environment.random.text(ORIGIN_BYTES);
        self.mailbox.mark_done(message, done, origin_id).await?;
        self.outbox.nudge();
        Ok(())
    }

    /// What became of a notice, as the server knows it.
    ///
    /// # Errors
    /// `NotFound`, `ConnectionLost`, `TimedOut`, `StoreFailed`.
    pub(crate) async fn notice_timeline(&self, message: i64) -> Result<Vec<NoticeStep>, EngineError> {
        let name = self.mailbox.name_of_notice(message).await?;
        if !self.state.is_connected() {
            return Err(EngineError::new(EngineErrorCode::ConnectionLost, ""));
        }
        notice_timeline::ask(&self.line, self.mailbox.me(), &name).await
    }
}
