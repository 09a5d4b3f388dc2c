//! The one window: how it is made, shown, hidden and asked for attention.

use std::path::Path;
use std::time::Duration;

use tauri::window::Color;
use tauri::{
    AppHandle, Manager, Runtime, UserAttentionType, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
};
use tracing::warn;

/// The only webview that may call the shell's commands; `capabilities/window.json` names it too.
pub(crate) const LABEL: &str = "ui";

/// A page that fails to start must not leave an invisible program behind.
const SHOW_AT_THE_LATEST: Duration = Duration::from_secs(4);

/// Makes the window; it stays hidden until the page has drawn its first view.
///
/// # Errors
/// The system refuses a window, for example because there is no display.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>, data_folder: &Path) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("驿站 Posthouse")
        .inner_size(1120.0, 720.0)
        .min_inner_size(900.0, 600.0)
        .background_color(Color(247, 248, 250, 255))
        .data_directory(data_folder.join("webview"))
        .on_navigation(is_own_page)
        .on_new_window(|_, _| tauri::webview::NewWindowResponse::Deny)
        .visible(false)
        .build()?;
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SHOW_AT_THE_LATEST).await;
        if !window.is_visible().unwrap_or(true) {
            warn!("the page did not report its first view in time");
            raise(&window);
        }
    });
    Ok(())
}

/// Only the embedded page is ever shown in this window: `tauri://localhost`, or on Windows
/// `http://tauri.localhost`.
fn is_own_page(url: &tauri::Url) -> bool {
    match url.scheme() {
        "tauri" => true,
        "http" | "https" => url.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

/// Brings the window to the front, from the tray, minimised or behind others.
pub(crate) fn show<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(LABEL) {
        raise(&window);
    }
}

fn raise<R: Runtime>(window: &WebviewWindow<R>) {
    let raised = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
    if let Err(error) = raised {
        warn!(?error, "the window cannot be raised");
    }
}

/// Takes the window off the screen; the program keeps running.
pub(crate) fn hide<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(LABEL)
        && let Err(error) = window.hide()
    {
        warn!(?error, "the window cannot be hidden");
    }
}

/// Whether the user is looking at the window right now.
pub(crate) fn is_looked_at<R: Runtime>(app: &AppHandle<R>) -> bool {
    app.get_webview_window(LABEL).is_some_and(|window| {
        window.is_visible().unwrap_or(false)
            && window.is_focused().unwrap_or(false)
            && !window.is_minimized().unwrap_or(false)
    })
}

/// Lets the entry in the task bar blink until the window is looked at.
pub(crate) fn ask_for_attention<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(LABEL)
        && let Err(error) = window.request_user_attention(Some(UserAttentionType::Informational))
    {
        warn!(?error, "the window cannot ask for attention");
    }
}

#[cfg(test)]
mod tests {
    use super::is_own_page;

    #[test]
    fn the_window_never_leaves_the_embedded_page() {
        let allowed = |url: &str| is_own_page(&url.parse().unwrap());
        assert!(allowed("tauri://localhost/index.html"));
        assert!(allowed("http://tauri.localhost/"));
        for url in ["https://example.org/", "file:///etc/passwd", "data:text/html,x", "javascript:alert(1)"] {
            assert!(!allowed(url), "{url}");
        }
    }
}
