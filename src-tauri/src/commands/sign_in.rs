//! Signing in and out, and the line to the server.

use posthouse_engine::error::EngineError;
use posthouse_engine::model::{Account, ConnectionState, ConnectionTestStep, SavedSignIn, SignIn};
use tauri::State;
use tauri::ipc::Channel;

use crate::session::Session;

/// What the form starts with.
#[tauri::command]
pub(crate) async fn saved_sign_in(session: State<'_, Session>) -> Result<Option<SavedSignIn>, EngineError> {
    session.saved_sign_in().await
}

/// Signs in from the form.
#[tauri::command]
pub(crate) async fn sign_in(session: State<'_, Session>, sign_in: SignIn) -> Result<Account, EngineError> {
    session.engine().sign_in(sign_in).await
}

/// Goes on where the last start ended.
#[tauri::command]
pub(crate) async fn resume(session: State<'_, Session>) -> Result<Option<Account>, EngineError> {
    session.resume().await
}

/// Signs out and forgets the password.
#[tauri::command]
pub(crate) async fn sign_out(session: State<'_, Session>) -> Result<(), EngineError> {
    session.engine().sign_out().await
}

/// Changes the person's password.
#[tauri::command]
pub(crate) async fn change_password(
    session: State<'_, Session>,
    current: Option<String>,
    password: String,
) -> Result<(), EngineError> {
    session.engine().change_password(current, password).await
}

/// Tries to connect now.
#[tauri::command]
pub(crate) async fn reconnect_now(session: State<'_, Session>) -> Result<(), EngineError> {
    session.engine().reconnect_now().await
}

/// The state of the line.
#[tauri::command]
pub(crate) async fn connection(session: State<'_, Session>) -> Result<ConnectionState, EngineError> {
    Ok(session.engine().connection().await)
}

/// Tests the way to a server, step by step over the channel.
#[tauri::command]
pub(crate) async fn test_connection(
    session: State<'_, Session>,
    server: String,
    domain_login: String,
    channel: Channel<ConnectionTestStep>,
) -> Result<(), EngineError> {
    let tell = |step| {
        // A page that has gone does not want to know.
        let _ = channel.send(step);
    };
    session.engine().test_connection(&server, &domain_login, tell).await
}
