//! The person's choices on this computer.

use posthouse_engine::error::EngineError;
use posthouse_engine::model::Settings;
use tauri::State;

use crate::session::Session;

/// The choices.
#[tauri::command]
pub(crate) async fn settings(session: State<'_, Session>) -> Result<Settings, EngineError> {
    session.engine().settings().await
}

/// Keeps the choices.
#[tauri::command]
pub(crate) async fn save_settings(
    session: State<'_, Session>,
    settings: Settings,
) -> Result<Settings, EngineError> {
    session.engine().save_settings(settings).await
}
