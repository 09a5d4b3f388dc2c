//! Notices of business systems.

use posthouse_engine::error::EngineError;
use posthouse_engine::model::{NoticeFilter, NoticePage, NoticeStep, NoticeValue};
use tauri::State;

use crate::session::Session;

/// A page of a list of notices, the newest first; of one system, or of all when `peer` is empty.
#[tauri::command]
pub(crate) async fn notices(
    session: State<'_, Session>,
    peer: String,
    filter: NoticeFilter,
    before: Option<i64>,
    limit: u32,
) -> Result<NoticePage, EngineError> {
    session.engine().notices(&peer, filter, before, limit).await
}

/// These notices have been seen.
#[tauri::command]
pub(crate) async fn notices_seen(session: State<'_, Session>, ids: Vec<i64>) -> Result<(), EngineError> {
    session.engine().notices_seen(ids).await
}

/// Tells a business system what the person chooses on its notice.
#[tauri::command]
pub(crate) async fn choose_action(
    session: State<'_, Session>,
    message: i64,
    action: String,
    values: Vec<NoticeValue>,
) -> Result<(), EngineError> {
    session.engine().choose(message, &action, values).await
}

/// Marks a notice as done by hand, or takes that back.
#[tauri::command]
pub(crate) async fn mark_done(
    session: State<'_, Session>,
    message: i64,
    done: bool,
) -> Result<(), EngineError> {
    session.engine().mark_done(message, done).await
}

/// What became of a notice for the person, step by step.
#[tauri::command]
pub(crate) async fn notice_timeline(
    session: State<'_, Session>,
    message: i64,
) -> Result<Vec<NoticeStep>, EngineError> {
    session.engine().notice_timeline(message).await
}
