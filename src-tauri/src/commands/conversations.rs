//! Conversations and their messages.

use posthouse_engine::error::EngineError;
use posthouse_engine::model::{ConversationPage, ConversationSummary, DeliveryWish, Message, QueryContact};
use tauri::State;

use crate::session::Session;

/// The recent conversations.
#[tauri::command]
pub(crate) async fn conversations(
    session: State<'_, Session>,
) -> Result<Vec<ConversationSummary>, EngineError> {
    session.engine().conversations().await
}

/// The contact that answers codes, if there is one.
#[tauri::command]
pub(crate) async fn query_contact(session: State<'_, Session>) -> Result<Option<QueryContact>, EngineError> {
    session.engine().query_contact().await
}

/// A page around a message, or at the first unread one.
#[tauri::command]
pub(crate) async fn open_conversation(
    session: State<'_, Session>,
    peer: String,
    around: Option<i64>,
) -> Result<ConversationPage, EngineError> {
    session.engine().open_conversation(&peer, around).await
}

/// Messages before one that is shown.
#[tauri::command]
pub(crate) async fn older_messages(
    session: State<'_, Session>,
    peer: String,
    before: i64,
    limit: u32,
) -> Result<ConversationPage, EngineError> {
    session.engine().older_messages(&peer, before, limit).await
}

/// Messages behind one that is shown.
#[tauri::command]
pub(crate) async fn newer_messages(
    session: State<'_, Session>,
    peer: String,
    after: i64,
    limit: u32,
) -> Result<ConversationPage, EngineError> {
    session.engine().newer_messages(&peer, after, limit).await
}

/// Writes to somebody.
#[tauri::command]
pub(crate) async fn send_message(
    session: State<'_, Session>,
    peer: String,
    text: String,
    wish: DeliveryWish,
) -> Result<Message, EngineError> {
    session.engine().send_as(&peer, &text, wish).await
}

/// Sends a failed message again.
#[tauri::command]
pub(crate) async fn retry_message(session: State<'_, Session>, id: i64) -> Result<(), EngineError> {
    session.engine().retry_message(id).await
}

/// Deletes a message on this computer.
#[tauri::command]
pub(crate) async fn delete_message(session: State<'_, Session>, id: i64) -> Result<(), EngineError> {
    session.engine().delete_message(id).await
}

/// Everything through a message was seen.
#[tauri::command]
pub(crate) async fn mark_read(
    session: State<'_, Session>,
    peer: String,
    through: i64,
) -> Result<(), EngineError> {
    session.engine().mark_read(&peer, through).await
}

/// The person is typing, or no longer.
#[tauri::command]
pub(crate) async fn set_typing(
    session: State<'_, Session>,
    peer: String,
    typing: bool,
) -> Result<(), EngineError> {
    session.engine().set_typing(&peer, typing).await
}

/// What is written and not sent.
#[tauri::command]
pub(crate) async fn set_draft(
    session: State<'_, Session>,
    peer: String,
    text: String,
) -> Result<(), EngineError> {
    session.engine().set_draft(&peer, &text).await
}

/// At the top, or no longer.
#[tauri::command]
pub(crate) async fn pin_conversation(
    session: State<'_, Session>,
    peer: String,
    pinned: bool,
) -> Result<(), EngineError> {
    session.engine().pin_conversation(&peer, pinned).await
}

/// Out of the recent conversations until somebody writes again.
#[tauri::command]
pub(crate) async fn close_conversation(session: State<'_, Session>, peer: String) -> Result<(), EngineError> {
    session.engine().close_conversation(&peer).await
}
