//! Puts pages to sleep that nobody looks at, and wakes those that somebody does.

use std::time::{Duration, Instant};

use posthouse_engine::error::EngineError;
use posthouse_engine::model::BusinessTab;
use tauri::{AppHandle, Manager, Wry};

use super::pages::RestLimits;
use super::{Tabs, change, enter, on_pages};

/// How often it is looked whether a page may sleep; less when pages sleep sooner.
const REST_EVERY: Duration = Duration::from_secs(20);

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

/// From now on pages that nobody looks at are put to sleep.
pub(crate) fn rest_when_unused(app: AppHandle<Wry>, unused: Duration, memory: u64) {
    let limits = RestLimits { unused, memory };
    tauri::async_runtime::spawn(async move {
        let mut ticks = tokio::time::interval(REST_EVERY.min(unused.max(Duration::from_millis(200))));
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
