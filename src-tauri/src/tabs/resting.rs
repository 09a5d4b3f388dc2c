//! Puts pages to sleep that nobody looks at, and wakes those that somebody does.

use std::time::{Duration, Instant};

use posthouse_engine::error::EngineError;
use posthouse_engine::model::BusinessTab;
use tauri::{AppHandle, Manager, Wry};

use super::pages::{RestLimits, fresh};
use super::{Tabs, change, enter, on_pages};

/// Pages that sleep after that many times this are looked after this often: every 20 seconds for half an hour.
const LOOKS_UNTIL_SLEEP: u32 = 90;
/// Not more often than that.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(200);

/// A page that sleeps is entered anew.
pub(super) async fn wake(app: &AppHandle<Wry>, tab: u32) -> Result<(), EngineError> {
    let Some(known) = app.state::<Tabs>().get(tab) else { return Ok(()) };
    if !on_pages(app, move |pages| pages.is_asleep(tab)).await? {
        return Ok(());
    }
    change(app, BusinessTab { is_asleep: false, is_loading: true, ..known.clone() }, None);
    enter(app, tab, &known.system, None).await
}

/// The systems whose pages sleep last.
pub(crate) fn pin(app: &AppHandle<Wry>, systems: Vec<String>) {
    *app.state::<Tabs>().pinned.lock() = systems;
}

/// A tab for a system that sleeps until somebody looks at it. Answers its key; a system that has a tab keeps that.
///
/// # Errors
/// The window is gone.
pub(crate) async fn lay_out(app: &AppHandle<Wry>, system: &str) -> Result<u32, EngineError> {
    let tabs = app.state::<Tabs>();
    if let Some(known) = tabs.of_system(system) {
        return Ok(known);
    }
    let tab = tabs.next();
    on_pages(app, move |pages| pages.lay_down(tab)).await?;
    let asleep = BusinessTab { is_asleep: true, is_loading: false, ..fresh(tab, system) };
    change(app, asleep, None);
    Ok(tab)
}

/// From now on pages that nobody looks at are put to sleep.
pub(crate) fn rest_when_unused(app: AppHandle<Wry>, unused: Duration, memory: u64) {
    let limits = RestLimits { unused, memory };
    *app.state::<Tabs>().most_memory.lock() = memory;
    tauri::async_runtime::spawn(async move {
        let mut ticks = tokio::time::interval((unused / LOOKS_UNTIL_SLEEP).max(LOOK_AT_MOST_EVERY));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if app.state::<Tabs>().open.lock().is_empty() {
                continue;
            }
            let pinned = app.state::<Tabs>().pinned.lock().clone();
            // While the pages are being worked on there is no rest; the next tick comes.
            let _ = on_pages(&app, move |pages| pages.rest(Instant::now(), limits, &pinned)).await;
        }
    });
}
