//! What the window asks of the desktop itself.

use posthouse_engine::error::{EngineError, EngineErrorCode};
use tauri::{AppHandle, Url};

use crate::window;

/// The page has drawn its first view.
#[tauri::command]
pub(crate) async fn window_ready(app: AppHandle) {
    window::show(&app);
}

/// Opens a link of a message in the browser or mail program.
///
/// # Errors
/// `badInput`: no link that is safe to hand on.
#[tauri::command]
pub(crate) async fn open_external(url: String) -> Result<(), EngineError> {
    let address = openable(&url)
        .ok_or_else(|| EngineError { code: EngineErrorCode::BadInput, detail: String::new() })?;
    open::that_detached(address.as_str())
        .map_err(|error| EngineError { code: EngineErrorCode::Internal, detail: error.kind().to_string() })
}

/// Other schemes could start any program the desktop knows.
fn openable(url: &str) -> Option<Url> {
    let address = Url::parse(url).ok()?;
    matches!(address.scheme(), "http" | "https" | "mailto").then_some(address)
}

#[cfg(test)]
mod tests {
    use super::openable;

    #[test]
    fn only_web_and_mail_links_leave_the_window() {
        assert!(openable("https://example.org/请假").is_some());
        assert!(openable("mailto:a@example.org").is_some());
        for url in
            ["file:///etc/passwd", "javascript:alert(1)", "ms-msdt:/x", "--help", "/bin/sh", "smb://x/y"]
        {
            assert!(openable(url).is_none(), "{url}");
        }
    }
}
