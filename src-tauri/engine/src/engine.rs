//! The engine: everything the window may ask, see [`crate::commands`]. It holds at most one session.

mod business_tabs;
mod conversations;
mod gateway;
mod notices;
mod people;
mod sign_in;

use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::RwLock;
use tokio::sync::{Mutex, mpsc};

use crate::attention::Attention;
use crate::clock::Clock;
use crate::connection::Environment;
use crate::error::{EngineError, EngineErrorCode};
use crate::events::{EngineEvent, Events};
use crate::model::{ConnectionState, Settings};
use crate::secrets::Secrets;
use crate::session::Session;
use crate::store::{COMPUTER, Store, settings};

/// The file of the computer's user.
const COMPUTER_FILE: &str = "posthouse.sqlite";

/// What an engine needs.
#[derive(Debug)]
pub struct EngineSetup {
    /// Folder of the engine's own files; made when it is not there.
    pub data_folder: PathBuf,
    /// Where passwords are kept.
    pub secrets: Arc<dyn Secrets>,
    /// Tells the time.
    pub clock: Clock,
}

/// The client without a window.
#[derive(Debug)]
pub struct Engine {
    data_folder: PathBuf,
    secrets: Arc<dyn Secrets>,
    environment: Arc<Environment>,
    /// What belongs to the computer's user, not to an account.
    store: Store,
    settings: Arc<RwLock<Settings>>,
    attention: Attention,
    events: Events,
    session: RwLock<Option<Arc<Session>>>,
    /// Signing in and out, one after the other.
    turn: Mutex<()>,
}

impl Engine {
    /// Opens the store; nothing connects yet. Answers the engine and what it tells, in order.
    ///
    /// Call it inside a Tokio runtime.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub fn open(setup: EngineSetup) -> Result<(Self, mpsc::Receiver<EngineEvent>), EngineError> {
        let store = Store::open(&setup.data_folder.join(COMPUTER_FILE), COMPUTER)?;
        let (events, told) = Events::channel();
        let engine = Self {
            data_folder: setup.data_folder,
            secrets: setup.secrets,
            environment: Arc::new(Environment::of_this_computer(setup.clock)),
            settings: Arc::new(RwLock::new(store.read_now(settings::read)?)),
            store,
            attention: Attention::default(),
            events,
            session: RwLock::default(),
            turn: Mutex::default(),
        };
        Ok((engine, told))
    }

    /// The state of the line.
    #[expect(clippy::unused_async, reason = "all commands are asked in the same way")]
    pub async fn connection(&self) -> ConnectionState {
        let session = self.session.read().clone();
        session.map_or(ConnectionState::SignedOut, |session| session.connection())
    }

    /// Tries to connect now instead of waiting.
    ///
    /// # Errors
    /// `NotSignedIn`.
    #[expect(clippy::unused_async, reason = "all commands are asked in the same way")]
    pub async fn reconnect_now(&self) -> Result<(), EngineError> {
        self.session()?.reconnect_now();
        Ok(())
    }

    /// The person's choices on this computer.
    ///
    /// # Errors
    /// None at the moment.
    #[expect(clippy::unused_async, reason = "all commands are asked in the same way")]
    pub async fn settings(&self) -> Result<Settings, EngineError> {
        Ok(self.settings.read().clone())
    }

    /// Keeps the person's choices.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub async fn save_settings(&self, settings: Settings) -> Result<Settings, EngineError> {
        let kept = settings.clone();
        self.store.write(move |transaction| settings::write(transaction, &kept)).await?;
        self.settings.write().clone_from(&settings);
        Ok(settings)
    }

    /// Whether the person looks at the window: no notification is asked for what it shows.
    pub fn looked_at(&self, looked_at: bool) {
        self.attention.window(looked_at);
    }

    /// Ends the connection in good order, for quitting; nobody is signed out.
    pub async fn close(&self) {
        let _turn = self.turn.lock().await;
        self.end_session().await;
    }

    fn session(&self) -> Result<Arc<Session>, EngineError> {
        self.session.read().clone().ok_or_else(|| EngineError::new(EngineErrorCode::NotSignedIn, ""))
    }

    async fn end_session(&self) {
        let session = self.session.write().take();
        if let Some(session) = session {
            session.close().await;
        }
        self.attention.clear();
    }
}
