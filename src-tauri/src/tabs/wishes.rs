//! What a person wants of pages that are there.

use posthouse_engine::error::EngineError;
use posthouse_engine::model::{BusinessTabFailure, MemoryUse, TabAction};
use tauri::{AppHandle, Manager, Wry};
use tracing::warn;

use super::{Tabs, enter, on_pages, wake};

/// Does something with a tab's page.
///
/// # Errors
/// The window is gone, or a new entrance is needed and refused.
pub(crate) async fn act(app: &AppHandle<Wry>, tab: u32, action: TabAction) -> Result<(), EngineError> {
    let Some(known) = app.state::<Tabs>().get(tab) else { return Ok(()) };
    let was_stopped = known.failure == Some(BusinessTabFailure::OtherSystem);
    if action == TabAction::Reload && was_stopped && on_pages(app, move |pages| pages.go_on(tab)).await? {
        return Ok(());
    }
    if action == TabAction::Reload && known.is_asleep {
        return wake(app, tab).await;
    }
    if action == TabAction::Reload && known.failure.is_some() {
        return enter(app, tab, &known.system, None).await;
    }
    let outside = on_pages(app, move |pages| pages.act(tab, action)).await?;
    if let Some(url) = outside
        && let Err(error) = open::that_detached(&url)
    {
        warn!(%error, "the browser cannot be started");
    }
    Ok(())
}

/// Looks for a text in a tab's page; an empty one ends the search.
///
/// # Errors
/// The window is gone.
pub(crate) async fn find(
    app: &AppHandle<Wry>,
    tab: u32,
    text: String,
    forward: bool,
) -> Result<(), EngineError> {
    on_pages(app, move |pages| pages.find(tab, &text, forward)).await
}

/// Ends a download that the person does not want any more.
///
/// # Errors
/// The window is gone.
pub(crate) async fn cancel_download(app: &AppHandle<Wry>, download: u32) -> Result<(), EngineError> {
    on_pages(app, move |pages| pages.cancel_download(download)).await
}

/// What the program and its tabs take of the computer's memory.
///
/// # Errors
/// The window is gone.
pub(crate) async fn memory_use(app: &AppHandle<Wry>) -> Result<MemoryUse, EngineError> {
    let most_for_tabs = *app.state::<Tabs>().most_memory.lock();
    on_pages(app, move |pages| pages.memory_use(most_for_tabs)).await
}

/// Runs a script in a tab, for scenes: no driver can see into tabs.
///
/// # Errors
/// The window is gone.
#[cfg(debug_assertions)]
pub(crate) async fn evaluate(app: &AppHandle<Wry>, tab: u32, script: String) -> Result<String, EngineError> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    on_pages(app, move |pages| pages.evaluate(tab, &script, answer)).await?;
    answered.await.map_err(|_| super::gone())
}
