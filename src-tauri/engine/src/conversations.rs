//! The recent conversations and the pages of one, out of the store.

mod page;

use crate::error::{EngineError, EngineErrorCode};
use crate::events::EngineEvent;
use crate::incoming::Applied;
use crate::mailbox::{ConversationRow, Mailbox, row};
use crate::model::{ConversationPage, ConversationSummary};
use crate::store::conversations::{self, StoredConversation};
use crate::store::messages;

/// Characters of a draft that are kept.
const LONGEST_DRAFT: usize = 100_000;
/// Messages of a page that is opened.
pub(crate) const PAGE: u32 = 40;
/// Most messages of a page.
const MOST: u32 = 500;

impl Mailbox {
    /// All rows, newest first.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub(crate) async fn conversations(&self) -> Result<Vec<ConversationSummary>, EngineError> {
        let rows = self.store().read(|connection| {
            let all = conversations::all(connection)?.into_iter();
            all.map(|conversation| row(connection, conversation)).collect::<rusqlite::Result<Vec<_>>>()
        });
        let mut rows: Vec<ConversationRow> = rows.await?.into_iter().flatten().collect();
        rows.sort_by_key(|row| {
            std::cmp::Reverse(row.newest.as_ref().map(|newest| (newest.moment, newest.id)))
        });
        Ok(rows.into_iter().map(|row| self.summary(row)).collect())
    }

    /// Sum of what is unread.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub(crate) async fn unread(&self) -> Result<u32, EngineError> {
        Ok(self.store().read(messages::unread_in_all).await?)
    }

    /// The page around a message, or at the first unread one, or the newest.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub(crate) async fn page(
        &self,
        peer: &str,
        around: Option<i64>,
    ) -> Result<ConversationPage, EngineError> {
        let asked = peer.to_owned();
        let page =
            self.store().read(move |connection| page::around(connection, &asked, around, PAGE)).await?;
        Ok(self.page_model(peer, page))
    }

    /// At most `limit` messages before the message `before`.
    ///
    /// # Errors
    /// `NotFound`, `StoreFailed`.
    pub(crate) async fn older(
        &self,
        peer: &str,
        before: i64,
        limit: u32,
    ) -> Result<ConversationPage, EngineError> {
        let (asked, limit) = (peer.to_owned(), limit.clamp(1, MOST));
        let page = self.store().read(move |connection| page::older(connection, &asked, before, limit));
        let page = page.await?.ok_or_else(not_found)?;
        Ok(self.page_model(peer, page))
    }

    /// At most `limit` messages behind the message `after`.
    ///
    /// # Errors
    /// `NotFound`, `StoreFailed`.
    pub(crate) async fn newer(
        &self,
        peer: &str,
        after: i64,
        limit: u32,
    ) -> Result<ConversationPage, EngineError> {
        let (asked, limit) = (peer.to_owned(), limit.clamp(1, MOST));
        let page = self.store().read(move |connection| page::newer(connection, &asked, after, limit));
        let page = page.await?.ok_or_else(not_found)?;
        Ok(self.page_model(peer, page))
    }

    /// Keeps a text that has not been sent; empty: there is none.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub(crate) async fn set_draft(&self, peer: &str, text: &str) -> Result<(), EngineError> {
        let text: String = text.chars().take(LONGEST_DRAFT).collect();
        self.set(peer, move |conversation| conversation.draft = text).await
    }

    /// Keeps a conversation at the top, or no longer.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub(crate) async fn pin(&self, peer: &str, pinned: bool) -> Result<(), EngineError> {
        self.set(peer, move |conversation| conversation.pinned = pinned).await
    }

    /// Takes a conversation from the recent ones until somebody writes again. What was unread in it counts as
    /// seen; nobody is told so.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub(crate) async fn close(&self, peer: &str) -> Result<(), EngineError> {
        let asked = peer.to_owned();
        let now = self.time().now();
        let closing = self.store().write(move |transaction| {
            let newest = messages::newest(transaction, &asked)?.map_or(now, |newest| newest.moment);
            let before = conversations::of(transaction, &asked)?;
            let conversation = StoredConversation {
                closed_moment: newest,
                read_moment: before.read_moment.max(newest),
                told_moment: before.told_moment.max(newest),
                pinned: false,
                ..before
            };
            conversations::save(transaction, &conversation)?;
            messages::read_through(transaction, &asked, newest)?;
            messages::unread_in_all(transaction)
        });
        let total = closing.await?;
        self.attention().leaves(peer);
        self.events().tell(EngineEvent::ConversationClosed { peer: peer.to_owned() });
        self.events().tell(EngineEvent::WithdrawNotifications { peer: peer.to_owned() });
        self.events().tell(EngineEvent::UnreadChanged { total });
        Ok(())
    }

    async fn set(
        &self,
        peer: &str,
        change: impl FnOnce(&mut StoredConversation) + Send + 'static,
    ) -> Result<(), EngineError> {
        let asked = peer.to_owned();
        let changing = self.change(move |transaction| {
            let before = conversations::of(transaction, &asked)?;
            let mut conversation = before.clone();
            change(&mut conversation);
            let mut applied = Applied::default();
            if conversation != before {
                conversations::save(transaction, &conversation)?;
                applied.touched.insert(asked);
            }
            Ok(Some(applied))
        });
        changing.await.map(|_| ())
    }

    fn page_model(&self, peer: &str, page: page::StoredPage) -> ConversationPage {
        ConversationPage {
            peer: peer.to_owned(),
            messages: page.messages.iter().map(|message| self.model(message)).collect(),
            has_older: page.has_older,
            has_newer: page.has_newer,
            first_unread: page.first_unread,
        }
    }
}

fn not_found() -> EngineError {
    EngineError::new(EngineErrorCode::NotFound, "")
}

#[cfg(test)]
mod tests;
