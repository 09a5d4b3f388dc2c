//! Tabs of business systems: each a web page of its own with a store of its own, which nothing outlives. They get no
//! command of the app. Pages live on the main thread; this is how the rest of the program reaches them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::Mutex;
use posthouse_engine::error::{EngineError, EngineErrorCode};
use posthouse_engine::model::{BusinessTab, BusinessTabEvent, BusinessTabFailure, TabPlace};
use tauri::{AppHandle, Emitter, Manager, Wry};
use tokio::sync::oneshot;
use tracing::{debug, warn};

use crate::session::Session;
use crate::window;

mod address;
#[cfg(not(target_os = "linux"))]
mod child;
mod file_place;
#[cfg(target_os = "linux")]
mod gtk_host;
mod host;
mod pages;
mod resting;
mod wishes;

use host::Visit;
use pages::Pages;
use resting::wake;
pub(crate) use resting::{lay_out, pin, rest_when_unused};
#[cfg(debug_assertions)]
pub(crate) use wishes::evaluate;
pub(crate) use wishes::{act, cancel_download, find, memory_use};

/// The name under which the window's page hears of tabs.
const TAB_EVENT: &str = "tab-event";

/// The open tabs, as the rest of the program knows them.
#[derive(Debug, Default)]
pub(crate) struct Tabs {
    last: AtomicU32,
    open: Mutex<BTreeMap<u32, BusinessTab>>,
    pinned: Mutex<Vec<String>>,
    /// Bytes that pages may take together before they sleep earlier.
    most_memory: Mutex<u64>,
}

impl Tabs {
    fn next(&self) -> u32 {
        self.last.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }

    fn of_system(&self, system: &str) -> Option<u32> {
        let open = self.open.lock();
        open.values().find(|tab| tab.system == system).map(|tab| tab.tab)
    }

    fn get(&self, tab: u32) -> Option<BusinessTab> {
        self.open.lock().get(&tab).cloned()
    }
}

/// Opens a system, or goes to a place in it; one tab for each system. Answers the tab's key.
///
/// # Errors
/// Those of the entrance; the tab is there all the same and says so.
pub(crate) async fn open(
    app: &AppHandle<Wry>,
    system: String,
    path: Option<String>,
) -> Result<u32, EngineError> {
    let tabs = app.state::<Tabs>();
    let (tab, is_new) = match tabs.of_system(&system) {
        Some(tab) => (tab, false),
        None => (tabs.next(), true),
    };
    if !is_new && path.is_none() && tabs.get(tab).is_some_and(|known| known.failure.is_none()) {
        return Ok(tab);
    }
    if is_new {
        change(app, pages::fresh(tab, &system), None);
    }
    enter(app, tab, &system, path.as_deref()).await?;
    Ok(tab)
}

/// Fetches an entrance and sends the tab's page there.
///
/// # Errors
/// Those of the entrance.
async fn enter(app: &AppHandle<Wry>, tab: u32, system: &str, path: Option<&str>) -> Result<(), EngineError> {
    let session = app.state::<Session>();
    let entrance = match session.engine().enter(system, path).await {
        Ok(entrance) => entrance,
        Err(error) => {
            fail(app, tab, failure_of(&error));
            return Err(error);
        }
    };
    let authority = session.engine().accepted_authority().await?;
    let visit = Visit {
        tab,
        is_way_back: path.is_none(),
        system: system.to_owned(),
        url: entrance.url,
        secret: entrance.secret,
        authority,
        downloads: downloads(app),
    };
    let handle = app.clone();
    let outcome = on_main(app, move || Some(pages::visit(&handle, &visit))).await?;
    outcome.map_err(|problem| {
        warn!(problem, "a tab cannot be opened");
        fail(app, tab, BusinessTabFailure::Unreachable);
        EngineError { code: EngineErrorCode::Internal, detail: String::new() }
    })
}

/// Where files go. A desktop without such a folder gets one.
fn downloads(app: &AppHandle<Wry>) -> PathBuf {
    let folder =
        app.path().download_dir().or_else(|_| app.path().home_dir().map(|home| home.join("Downloads")));
    let folder = folder.unwrap_or_else(|_| std::env::temp_dir());
    if let Err(error) = std::fs::create_dir_all(&folder) {
        warn!(%error, "there is no folder for downloads");
    }
    folder
}

/// The provider did not know the tab any more: once, it gets a new entrance.
fn enter_again(app: &AppHandle<Wry>, tab: u32, system: String) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if let Err(error) = enter(&app, tab, &system, None).await {
            debug!(?error, "a tab cannot be entered again");
        }
    });
}

fn failure_of(error: &EngineError) -> BusinessTabFailure {
    match error.code {
        EngineErrorCode::NotFound | EngineErrorCode::Forbidden => BusinessTabFailure::NotAllowed,
        _ => BusinessTabFailure::NoLine,
    }
}

/// Shows one tab's page, or none: what the window draws itself lies under pages.
///
/// # Errors
/// The window is gone.
pub(crate) async fn show(app: &AppHandle<Wry>, tab: Option<u32>) -> Result<(), EngineError> {
    on_pages(app, move |pages| pages.show(tab)).await?;
    match tab {
        Some(tab) => wake(app, tab).await,
        None => Ok(()),
    }
}

/// Puts the page where the window has left room for it.
///
/// # Errors
/// The window is gone.
pub(crate) async fn place(app: &AppHandle<Wry>, place: TabPlace) -> Result<(), EngineError> {
    on_pages(app, move |pages| pages.place(place)).await
}

/// Closes a tab; what it was signed in to ends with its store.
///
/// # Errors
/// The window is gone.
pub(crate) async fn close(app: &AppHandle<Wry>, tab: u32) -> Result<(), EngineError> {
    forget(app, tab);
    on_pages(app, move |pages| pages.close(tab)).await
}

/// Closes all tabs, as when the person signs out.
///
/// # Errors
/// The window is gone.
pub(crate) async fn close_all(app: &AppHandle<Wry>) -> Result<(), EngineError> {
    let open: Vec<u32> = app.state::<Tabs>().open.lock().keys().copied().collect();
    for tab in open {
        close(app, tab).await?;
    }
    Ok(())
}

/// Does something with the pages on the main thread.
async fn on_pages<T: Send + 'static>(
    app: &AppHandle<Wry>,
    work: impl FnOnce(&mut Pages) -> T + Send + 'static,
) -> Result<T, EngineError> {
    let handle = app.clone();
    on_main(app, move || pages::with(&handle, work)).await
}

async fn on_main<T: Send + 'static>(
    app: &AppHandle<Wry>,
    work: impl FnOnce() -> Option<T> + Send + 'static,
) -> Result<T, EngineError> {
    let (answer, answered) = oneshot::channel();
    let queued = app.run_on_main_thread(move || {
        // Whoever asked may have gone.
        let _ = work().map(|outcome| answer.send(outcome));
    });
    queued.map_err(|_| gone())?;
    answered.await.map_err(|_| gone())
}

fn gone() -> EngineError {
    EngineError { code: EngineErrorCode::Internal, detail: "no window".to_owned() }
}

/// A tab is new or different: the window is told.
fn change(app: &AppHandle<Wry>, tab: BusinessTab, opener: Option<u32>) {
    app.state::<Tabs>().open.lock().insert(tab.tab, tab.clone());
    tell(app, &BusinessTabEvent::TabChanged { tab, opener });
}

/// A tab has no page, for that reason.
fn fail(app: &AppHandle<Wry>, tab: u32, failure: BusinessTabFailure) {
    if let Some(known) = app.state::<Tabs>().get(tab) {
        change(app, BusinessTab { failure: Some(failure), is_loading: false, ..known }, None);
    }
}

fn forget(app: &AppHandle<Wry>, tab: u32) {
    if app.state::<Tabs>().open.lock().remove(&tab).is_some() {
        tell(app, &BusinessTabEvent::TabClosed { tab });
    }
}

fn tell(app: &AppHandle<Wry>, event: &BusinessTabEvent) {
    if let Err(error) = app.emit_to(window::LABEL, TAB_EVENT, event) {
        debug!(?error, "the page did not hear of a tab");
    }
}
