//! The icon in the notification area: unread messages at a glance, a way back to the window, and the exit.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tauri::image::Image;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Runtime};
use tracing::warn;

use crate::{session, window};

#[cfg(target_os = "linux")]
mod status_notifier;

const OPEN: &str = "open";
const QUIT: &str = "quit";

/// The tray icon, when the desktop has a place for one.
pub(crate) struct Tray<R: Runtime> {
    icon: Mutex<Option<TrayIcon<R>>>,
    unread: Mutex<u32>,
    /// Set as soon as the program is on its way out, so that closing the window no longer hides it.
    leaving: AtomicBool,
}

impl<R: Runtime> Default for Tray<R> {
    fn default() -> Self {
        Self { icon: Mutex::new(None), unread: Mutex::new(0), leaving: AtomicBool::new(false) }
    }
}

/// Puts the icon up now, or as soon as the desktop offers a place for it.
pub(crate) fn start<R: Runtime>(app: &AppHandle<R>) {
    #[cfg(target_os = "linux")]
    {
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            if let Err(error) = status_notifier::wait_until_there().await {
                tracing::info!(?error, "no session bus, hence no tray");
                return;
            }
            let handle = app.clone();
            // GTK objects live on the main thread.
            if let Err(error) = app.run_on_main_thread(move || put_up(&handle)) {
                warn!(?error, "the tray icon cannot be made");
            }
        });
    }
    #[cfg(not(target_os = "linux"))]
    put_up(app);
}

fn put_up<R: Runtime>(app: &AppHandle<R>) {
    // The library behind the icon is loaded at run time and panics when the system lacks it.
    let built = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| build(app)));
    match built {
        Ok(Ok(icon)) => {
            let tray = app.state::<Tray<R>>();
            *tray.icon.lock() = Some(icon);
            let unread = *tray.unread.lock();
            show_unread(app, unread);
        }
        Ok(Err(error)) => warn!(?error, "the tray icon cannot be made"),
        Err(_) => warn!("the system lacks the library for tray icons"),
    }
}

fn build<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<TrayIcon<R>> {
    let menu = Menu::with_items(
        app,
        &[
            &MenuItem::with_id(app, OPEN, "打开驿站 / Open Posthouse", true, None::<&str>)?,
            &PredefinedMenuItem::separator(app)?,
            &MenuItem::with_id(app, QUIT, "退出 / Quit", true, None::<&str>)?,
        ],
    )?;
    TrayIconBuilder::with_id("posthouse")
        .icon(icon(0))
        .tooltip(tooltip(0))
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(|app, event| match event.id().as_ref() {
            OPEN => window::show(app),
            QUIT => quit(app),
            _ => {}
        })
        .on_tray_icon_event(|tray, event| {
            let left_click = matches!(
                event,
                TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. }
            );
            if left_click {
                window::show(tray.app_handle());
            }
        })
        .build(app)
}

/// Shows the number of unread messages on the icon and in the task bar.
pub(crate) fn show_unread<R: Runtime>(app: &AppHandle<R>, total: u32) {
    let tray = app.state::<Tray<R>>();
    *tray.unread.lock() = total;
    if let Some(shown) = tray.icon.lock().as_ref() {
        let changed = shown
            .set_icon(Some(icon(total)))
            .and_then(|()| shown.set_tooltip(Some(tooltip(total))))
            .and_then(|()| shown.set_title((total > 0).then(|| total.to_string())));
        if let Err(error) = changed {
            warn!(?error, "the tray icon cannot be changed");
        }
    }
    if let Some(window) = app.get_webview_window(window::LABEL) {
        // Not every task bar can; those that cannot say so.
        let _ = window.set_badge_count((total > 0).then(|| i64::from(total)));
    }
}

/// What closing the window means: it hides while the tray offers a way back, otherwise the program ends.
pub(crate) fn window_closed<R: Runtime>(app: &AppHandle<R>) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if offers_a_way_back(&app).await {
            window::hide(&app);
        } else {
            quit(&app);
        }
    });
}

async fn offers_a_way_back<R: Runtime>(app: &AppHandle<R>) -> bool {
    if app.state::<Tray<R>>().icon.lock().is_none() {
        return false;
    }
    #[cfg(target_os = "linux")]
    {
        // The panel may have gone since the icon was made.
        status_notifier::is_there().await.unwrap_or(false)
    }
    // Elsewhere the place for icons is the system's own and stays.
    #[cfg(not(target_os = "linux"))]
    std::future::ready(true).await
}

/// Whether the program is on its way out.
pub(crate) fn is_leaving<R: Runtime>(app: &AppHandle<R>) -> bool {
    app.state::<Tray<R>>().leaving.load(Ordering::Acquire)
}

/// Ends the program after the connection has been closed in good order.
pub(crate) fn quit<R: Runtime>(app: &AppHandle<R>) {
    if app.state::<Tray<R>>().leaving.swap(true, Ordering::AcqRel) {
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        session::end(&app).await;
        app.exit(0);
    });
}

fn icon(unread: u32) -> Image<'static> {
    if unread == 0 {
        tauri::include_image!("../icons/tray.png")
    } else {
        tauri::include_image!("../icons/tray-unread.png")
    }
}

fn tooltip(unread: u32) -> String {
    match unread {
        0 => "驿站 Posthouse".to_owned(),
        1..=99 => format!("驿站 Posthouse ({unread})"),
        _ => "驿站 Posthouse (99+)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::tooltip;

    #[test]
    fn the_tooltip_tells_the_unread_messages() {
        assert_eq!(tooltip(0), "驿站 Posthouse");
        assert_eq!(tooltip(7), "驿站 Posthouse (7)");
        assert_eq!(tooltip(1200), "驿站 Posthouse (99+)");
    }
}
