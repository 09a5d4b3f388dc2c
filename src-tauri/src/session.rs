//! The engine behind the window, and what the command line wants of it.

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use posthouse_engine::clock::Clock;
use posthouse_engine::engine::{Engine, EngineSetup};
use posthouse_engine::error::EngineError;
use posthouse_engine::model::{Account, SavedSignIn, SignIn};
use tauri::{AppHandle, Manager, Runtime};

use crate::keyring::Keyring;
use crate::launch::Launch;
use crate::notifications::Notifications;
use crate::{events, window};

/// What the commands work on.
pub(crate) struct Session {
    engine: Arc<Engine>,
    /// What the command line signs in with, once.
    automatic: Mutex<Option<SignIn>>,
    /// What the command line puts into the form.
    server: Option<String>,
    login: Option<String>,
}

impl Session {
    /// Opens the store and forwards the engine's events to the window.
    ///
    /// # Errors
    /// The store cannot be opened.
    pub(crate) fn start<R: Runtime>(
        app: &AppHandle<R>,
        data_folder: &Path,
        launch: &Launch,
        automatic: Option<SignIn>,
    ) -> anyhow::Result<Self> {
        let setup = EngineSetup {
            data_folder: data_folder.to_owned(),
            secrets: Arc::new(Keyring::new(&app.config().identifier)),
            clock: Clock::system(),
        };
        // The engine starts tasks of its own, which needs the runtime.
        let (engine, told) = tauri::async_runtime::block_on(async { Engine::open(setup) })?;
        tauri::async_runtime::spawn(events::forward(app.clone(), told));
        Ok(Self {
            engine: Arc::new(engine),
            automatic: Mutex::new(automatic),
            server: launch.server.clone(),
            login: launch.login.clone(),
        })
    }

    /// The client without a window.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Signs in as the command line says, the first time; otherwise goes on where the last start ended.
    ///
    /// # Errors
    /// Those of signing in, or `StoreFailed`.
    pub(crate) async fn resume(&self) -> Result<Option<Account>, EngineError> {
        let automatic = self.automatic.lock().take();
        match automatic {
            Some(sign_in) => self.engine.sign_in(sign_in).await.map(Some),
            None => self.engine.resume().await,
        }
    }

    /// What the form starts with: the command line's words before those of the last session.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub(crate) async fn saved_sign_in(&self) -> Result<Option<SavedSignIn>, EngineError> {
        let saved = self.engine.saved_sign_in().await?;
        if self.server.is_none() && self.login.is_none() {
            return match saved {
                Some(saved) => Ok(Some(saved)),
                None => Ok(Some(self.empty_form().await)),
            };
        }
        let asked = self.empty_form().await;
        // The kept password belongs to the kept server and ID, not to what the command line says.
        let is_same = |saved: &SavedSignIn| saved.server == asked.server && saved.login == asked.login;
        Ok(Some(saved.filter(is_same).unwrap_or(asked)))
    }

    async fn empty_form(&self) -> SavedSignIn {
        SavedSignIn {
            server: self.server.clone().unwrap_or_default(),
            login: self.login.clone().unwrap_or_default(),
            has_password: false,
            can_remember: self.engine.can_remember().await,
        }
    }
}

/// Tells the engine whether anybody looks at the window.
pub(crate) fn window_attention<R: Runtime>(app: &AppHandle<R>) {
    if let Some(session) = app.try_state::<Session>() {
        session.engine.looked_at(window::is_looked_at(app));
    }
}

/// Ends the connection in good order.
pub(crate) async fn end<R: Runtime>(app: &AppHandle<R>) {
    if let Some(notifications) = app.try_state::<Notifications>() {
        notifications.withdraw_all();
    }
    let engine = app.try_state::<Session>().map(|session| Arc::clone(&session.engine));
    if let Some(engine) = engine {
        engine.close().await;
    }
}
