//! Conversations and their messages.

use super::Engine;
use crate::error::EngineError;
use crate::model::{ConversationPage, ConversationSummary, DeliveryWish, Message, QueryContact};
use crate::outgoing::address;

impl Engine {
    /// The recent conversations, newest first.
    ///
    /// # Errors
    /// `NotSignedIn`, `StoreFailed`.
    pub async fn conversations(&self) -> Result<Vec<ConversationSummary>, EngineError> {
        self.session()?.mailbox().conversations().await
    }

    /// The contact that answers codes; nothing when the gateway offers none.
    ///
    /// # Errors
    /// `NotSignedIn`, `GatewayAway` when it cannot be asked now, or what became of the line.
    pub async fn query_contact(&self) -> Result<Option<QueryContact>, EngineError> {
        self.session()?.query_contact().await
    }

    /// The page of a conversation around the message `around`, or at the first unread message, or the newest.
    ///
    /// # Errors
    /// `NotSignedIn`, `BadInput`, `StoreFailed`.
    pub async fn open_conversation(
        &self,
        peer: &str,
        around: Option<i64>,
    ) -> Result<ConversationPage, EngineError> {
        self.session()?.open_conversation(peer, around).await
    }

    /// At most `limit` messages before the message `before`; from the archive when the store ends.
    ///
    /// # Errors
    /// `NotSignedIn`, `BadInput`, `NotFound`, `StoreFailed`.
    pub async fn older_messages(
        &self,
        peer: &str,
        before: i64,
        limit: u32,
    ) -> Result<ConversationPage, EngineError> {
        self.session()?.older_messages(peer, before, limit).await
    }

    /// At most `limit` messages behind the message `after`.
    ///
    /// # Errors
    /// `NotSignedIn`, `BadInput`, `NotFound`, `StoreFailed`.
    pub async fn newer_messages(
        &self,
        peer: &str,
        after: i64,
        limit: u32,
    ) -> Result<ConversationPage, EngineError> {
        let peer = address(peer)?;
        self.session()?.mailbox().newer(peer.as_str(), after, limit).await
    }

    /// Writes to somebody. The message is queued and durable when this returns.
    ///
    /// # Errors
    /// `NotSignedIn`, `BadInput` when the text is empty or longer than 10,000 characters, `StoreFailed`.
    pub async fn send_message(&self, peer: &str, text: &str) -> Result<Message, EngineError> {
        self.send_as(peer, text, DeliveryWish::Client).await
    }

    /// Like [`Engine::send_message`], to the client, the phone or both.
    ///
    /// # Errors
    /// The same.
    pub async fn send_as(&self, peer: &str, text: &str, wish: DeliveryWish) -> Result<Message, EngineError> {
        self.session()?.send(peer, text, wish).await
    }

    /// Sends a failed message again.
    ///
    /// # Errors
    /// `NotSignedIn`, `NotFound`, `StoreFailed`.
    pub async fn retry_message(&self, id: i64) -> Result<(), EngineError> {
        self.session()?.retry(id).await
    }

    /// Deletes a message on this computer.
    ///
    /// # Errors
    /// `NotSignedIn`, `NotFound`, `StoreFailed`.
    pub async fn delete_message(&self, id: i64) -> Result<(), EngineError> {
        self.session()?.mailbox().delete(id).await
    }

    /// The person has seen everything through the message `through`.
    ///
    /// # Errors
    /// `NotSignedIn`, `BadInput`, `NotFound`, `StoreFailed`.
    pub async fn mark_read(&self, peer: &str, through: i64) -> Result<(), EngineError> {
        let peer = address(peer)?;
        self.session()?.mark_read(peer.as_str(), through).await
    }

    /// The person is typing, or no longer.
    ///
    /// # Errors
    /// `NotSignedIn`, `BadInput`.
    pub async fn set_typing(&self, peer: &str, typing: bool) -> Result<(), EngineError> {
        self.session()?.set_typing(peer, typing).await
    }

    /// Keeps what is written and not sent; empty: nothing.
    ///
    /// # Errors
    /// `NotSignedIn`, `BadInput`, `StoreFailed`.
    pub async fn set_draft(&self, peer: &str, text: &str) -> Result<(), EngineError> {
        let peer = address(peer)?;
        self.session()?.mailbox().set_draft(peer.as_str(), text).await
    }

    /// Keeps a conversation at the top, or no longer.
    ///
    /// # Errors
    /// `NotSignedIn`, `BadInput`, `StoreFailed`.
    pub async fn pin_conversation(&self, peer: &str, pinned: bool) -> Result<(), EngineError> {
        let peer = address(peer)?;
        self.session()?.mailbox().pin(peer.as_str(), pinned).await
    }

    /// Takes a conversation from the recent ones until somebody writes again.
    ///
    /// # Errors
    /// `NotSignedIn`, `BadInput`, `StoreFailed`.
    pub async fn close_conversation(&self, peer: &str) -> Result<(), EngineError> {
        let peer = address(peer)?;
        self.session()?.mailbox().close(peer.as_str()).await
    }
}
