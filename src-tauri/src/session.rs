//! The engine behind the window, and what the command line wants of it.

use std::path::Path;

use posthouse_engine::model::SignIn;
use tauri::{AppHandle, Runtime};

use crate::launch::Launch;

/// What the commands work on.
pub(crate) struct Session {}

impl Session {
    /// Opens the store and forwards the engine's events to the window.
    ///
    /// # Errors
    /// The store cannot be opened.
    pub(crate) fn start<R: Runtime>(
        _app: &AppHandle<R>,
        _data_folder: &Path,
        _launch: &Launch,
        _automatic: Option<SignIn>,
    ) -> anyhow::Result<Self> {
        Ok(Self {})
    }
}

/// Ends the connection in good order.
pub(crate) async fn end<R: Runtime>(_app: &AppHandle<R>) {
    std::future::ready(()).await;
}
