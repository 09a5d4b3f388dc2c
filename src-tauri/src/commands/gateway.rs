//! The gateway to phones, for its administrators.

use posthouse_engine::error::EngineError;
use posthouse_engine::model::GatewayStatus;
use tauri::State;

use crate::session::Session;

/// How the gateway is.
#[tauri::command]
pub(crate) async fn gateway_status(session: State<'_, Session>) -> Result<GatewayStatus, EngineError> {
    session.engine().gateway_status().await
}
