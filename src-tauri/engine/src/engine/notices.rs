//! Notices of business systems.

use super::Engine;
use crate::error::EngineError;
use crate::model::{NoticeFilter, NoticePage, NoticeStep, NoticeValue};
use crate::notices::Wanted;

impl Engine {
    /// At most `limit` notices before the notice `before`, or the newest; the newest first. Of the system with the
    /// address `peer`, or of all when it is empty; from the archive when the store ends.
    ///
    /// # Errors
    /// `NotSignedIn`, `BadInput`, `NotFound`, `StoreFailed`.
    pub async fn notices(
        &self,
        peer: &str,
        filter: NoticeFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<NoticePage, EngineError> {
        let wanted = Wanted { peer: peer.to_owned(), filter, before, limit };
        self.session()?.notices(wanted).await
    }

    /// The person has seen these notices.
    ///
    /// # Errors
    /// `NotSignedIn`, `StoreFailed`.
    pub async fn notices_seen(&self, ids: Vec<i64>) -> Result<(), EngineError> {
        self.session()?.notices_seen(ids).await
    }

    /// Tells a business system what the person chooses on its notice; queued, so it survives the end of the program.
    ///
    /// # Errors
    /// `NotSignedIn`, `NotFound` when the notice has no such action (any more), `BadInput` when a line is missing,
    /// `StoreFailed`.
    pub async fn choose(
        &self,
        message: i64,
        action: &str,
        values: Vec<NoticeValue>,
    ) -> Result<(), EngineError> {
        self.session()?.choose(message, action, values).await
    }

    /// Marks a notice as done by hand, or takes that back, at all computers of the person; its business system hears
    /// nothing of it. Queued, so it survives the end of the program.
    ///
    /// # Errors
    /// `NotSignedIn`, `NotFound` when there is no such notice or it is settled otherwise, `StoreFailed`.
    pub async fn mark_done(&self, message: i64, done: bool) -> Result<(), EngineError> {
        self.session()?.mark_done(message, done).await
    }

    /// What became of a notice for the person, step by step; the server is asked.
    ///
    /// # Errors
    /// `NotSignedIn`, `NotFound` when the server knows no such notice, `ConnectionLost` when there is no line,
    /// `TimedOut`, `StoreFailed`.
    pub async fn notice_timeline(&self, message: i64) -> Result<Vec<NoticeStep>, EngineError> {
        self.session()?.notice_timeline(message).await
    }
}
