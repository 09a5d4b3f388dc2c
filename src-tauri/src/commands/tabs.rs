//! Tabs of business systems.

use posthouse_engine::error::EngineError;
use posthouse_engine::model::{BusinessSystem, MemoryUse, TabAction, TabPlace};
use tauri::{AppHandle, State};

use crate::session::Session;
use crate::tabs;

/// The systems that the person may open.
#[tauri::command]
pub(crate) async fn business_systems(
    session: State<'_, Session>,
) -> Result<Vec<BusinessSystem>, EngineError> {
    session.engine().business_systems().await
}

/// Answers a business system that wants to know anew who the person is.
#[tauri::command]
pub(crate) async fn answer_proof(
    session: State<'_, Session>,
    id: String,
    password: Option<String>,
) -> Result<(), EngineError> {
    session.engine().answer_proof(&id, password).await
}

/// Opens a system, or goes to a place in it; answers the tab's key.
#[tauri::command]
pub(crate) async fn open_tab(
    app: AppHandle,
    system: String,
    path: Option<String>,
) -> Result<u32, EngineError> {
    tabs::open(&app, system, path).await
}

/// Shows a tab's page, or none.
#[tauri::command]
pub(crate) async fn show_tab(app: AppHandle, tab: Option<u32>) -> Result<(), EngineError> {
    tabs::show(&app, tab).await
}

/// Where the page lies.
#[tauri::command]
pub(crate) async fn place_tab(app: AppHandle, place: TabPlace) -> Result<(), EngineError> {
    tabs::place(&app, place).await
}

/// Closes a tab.
#[tauri::command]
pub(crate) async fn close_tab(app: AppHandle, tab: u32) -> Result<(), EngineError> {
    tabs::close(&app, tab).await
}

/// Closes all of them.
#[tauri::command]
pub(crate) async fn close_tabs(app: AppHandle) -> Result<(), EngineError> {
    tabs::close_all(&app).await
}

/// The systems that the person has pinned: their pages sleep last.
#[tauri::command]
pub(crate) async fn pin_systems(app: AppHandle, systems: Vec<String>) {
    tabs::pin(&app, systems);
}

/// A tab for a system that sleeps until somebody looks at it; answers its key.
#[tauri::command]
pub(crate) async fn lay_out_tab(app: AppHandle, system: String) -> Result<u32, EngineError> {
    tabs::lay_out(&app, &system).await
}

/// Ends a download.
#[tauri::command]
pub(crate) async fn cancel_download(app: AppHandle, download: u32) -> Result<(), EngineError> {
    tabs::cancel_download(&app, download).await
}

/// What the app and its tabs take of the computer's memory.
#[tauri::command]
pub(crate) async fn memory_use(app: AppHandle) -> Result<MemoryUse, EngineError> {
    tabs::memory_use(&app).await
}

/// Back, forward, reload, zoom, open outside.
#[tauri::command]
pub(crate) async fn act_on_tab(app: AppHandle, tab: u32, action: TabAction) -> Result<(), EngineError> {
    tabs::act(&app, tab, action).await
}

/// Looks for a text in the page.
#[tauri::command]
pub(crate) async fn find_in_tab(
    app: AppHandle,
    tab: u32,
    text: String,
    forward: bool,
) -> Result<(), EngineError> {
    tabs::find(&app, tab, text, forward).await
}

/// Runs a script in a page: for scenes, which no driver lets look into tabs. Release builds refuse it.
#[tauri::command]
pub(crate) async fn evaluate_in_tab(app: AppHandle, tab: u32, script: String) -> Result<String, EngineError> {
    #[cfg(debug_assertions)]
    return tabs::evaluate(&app, tab, script).await;
    #[cfg(not(debug_assertions))]
    {
        let _ = (app, tab, script);
        Err(EngineError { code: posthouse_engine::error::EngineErrorCode::Forbidden, detail: String::new() })
    }
}
