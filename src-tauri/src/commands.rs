//! The commands of the window, one thin function each; `posthouse_engine::commands` has the table.

use tauri::Wry;
use tauri::ipc::Invoke;

mod desktop;

/// The one list of commands. `permissions/window.toml` allows the same ones.
pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![desktop::window_ready, desktop::open_external]
}
