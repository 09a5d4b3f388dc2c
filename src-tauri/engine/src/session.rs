//! One signed-in account: its line, its mailbox, its directory, and the tasks that work for it until it ends.

mod login;
mod notices;
mod reader;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jid::BareJid;
use parking_lot::{Mutex, RwLock};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use self::login::Login;
use self::reader::Reader;
use crate::attention::Attention;
use crate::business_tabs::{self, Entrance, Wish};
use crate::connection::{Environment, Line, LineEvent};
use crate::conversations::PAGE;
use crate::error::{EngineError, EngineErrorCode};
use crate::events::{EngineEvent, Events};
use crate::gateway;
use crate::history_sync::HistorySync;
use crate::mailbox::{Mailbox, Parts};
use crate::model::{
    Account, BusinessSystem, ConnectionState, ConversationPage, DeliveryWish, GatewayStatus, Message,
    QueryContact, Settings,
};
use crate::organization::Organization;
use crate::outgoing::{self, Outbox};
use crate::own_password;
use crate::presence::PresenceWatch;
use crate::query_contact;
use crate::read_markers::ReadMarkers;
use crate::server_time::ServerTime;
use crate::store::{Store, binding};

/// Random bytes of an origin-id.
const ORIGIN_BYTES: usize = 15;
/// Answers to others that may wait for the line.
const ANSWERS: usize = 1_024;
/// How long opening a conversation may wait for the archive.
const OPENING: std::time::Duration = std::time::Duration::from_secs(3);

/// What a session is made of.
pub(crate) struct SessionParts {
    pub(crate) me: BareJid,
    /// Server as typed.
    pub(crate) server: String,
    pub(crate) store: Store,
    /// What belongs to the computer's user, not to the account.
    pub(crate) computer: Store,
    pub(crate) settings: Arc<RwLock<Settings>>,
    pub(crate) attention: Attention,
    pub(crate) environment: Arc<Environment>,
    pub(crate) events: Events,
    pub(crate) line: Line,
    pub(crate) line_events: mpsc::Receiver<LineEvent>,
    /// What the line has told already.
    pub(crate) first: Option<LineEvent>,
}

/// The session; everything ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Session {
    server: String,
    line: Line,
    mailbox: Mailbox,
    organization: Arc<Organization>,
    presence: Arc<PresenceWatch>,
    outbox: Outbox,
    markers: ReadMarkers,
    history: HistorySync,
    state: LineState,
    can_text: Arc<AtomicBool>,
    environment: Arc<Environment>,
    tasks: Mutex<JoinSet<()>>,
}

impl Session {
    /// Starts the tasks of the account.
    pub(crate) fn start(parts: SessionParts) -> Self {
        let SessionParts {
            me,
            server,
            store,
            computer,
            settings,
            attention,
            environment,
            events,
            line,
            line_events,
            first,
        } = parts;
        let domain = me.domain().to_owned();
        let organization = Organization::new(store.clone(), line.clone(), events.clone(), domain.clone());
        let organization = Arc::new(organization);
        let presence = Arc::new(PresenceWatch::new(line.clone(), events.clone(), domain));
        let time = ServerTime::new(environment.clock.clone());
        let mailbox = Mailbox::new(Parts {
            me,
            store,
            events: events.clone(),
            organization: Arc::clone(&organization),
            settings,
            attention,
            time,
        });
        let (answers, waiting) = mpsc::channel(ANSWERS);
        let session = Self {
            history: HistorySync::new(line.clone(), mailbox.clone()),
            outbox: Outbox::new(),
            markers: ReadMarkers::default(),
            state: LineState::new(events),
            can_text: Arc::default(),
            tasks: Mutex::default(),
            server,
            line,
            mailbox,
            organization,
            presence,
            environment,
        };
        let reader = Reader::new(session.login(), answers, line_events, first);
        let mut tasks = session.tasks.lock();
        tasks.spawn(reader.run());
        tasks.spawn(remember_binding(session.line.clone(), computer, session.server.clone()));
        tasks.spawn(Arc::clone(&session.organization).run());
        tasks.spawn(Arc::clone(&session.presence).run());
        tasks.spawn(send_answers(session.line.clone(), waiting));
        tasks.spawn(session.outbox.clone().run(session.line.clone(), session.mailbox.clone()));
        tasks.spawn(session.markers.clone().run(session.line.clone(), session.mailbox.clone()));
        drop(tasks);
        session
    }

    fn login(&self) -> Login {
        Login {
            server: self.server.clone(),
            line: self.line.clone(),
            mailbox: self.mailbox.clone(),
            organization: Arc::clone(&self.organization),
            presence: Arc::clone(&self.presence),
            outbox: self.outbox.clone(),
            markers: self.markers.clone(),
            history: self.history.clone(),
            state: self.state.clone(),
            can_text: Arc::clone(&self.can_text),
        }
    }

    /// Who is signed in.
    pub(crate) fn account(&self) -> Account {
        self.login().account()
    }

    pub(crate) fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    pub(crate) fn organization(&self) -> &Organization {
        &self.organization
    }

    pub(crate) fn presence(&self) -> &PresenceWatch {
        &self.presence
    }

    /// The state of the line.
    pub(crate) fn connection(&self) -> ConnectionState {
        self.state.now()
    }

    /// Changes the person's password.
    ///
    /// # Errors
    /// `NotAuthorized` when `current` is not the password, `WeakPassword`, or what became of the line.
    pub(crate) async fn change_password(
        &self,
        current: Option<&str>,
        password: &str,
    ) -> Result<(), EngineError> {
        if current.is_some_and(|current| !self.line.has_password(current)) {
            return Err(EngineError::new(EngineErrorCode::NotAuthorized, ""));
        }
        own_password::change(&self.line, self.mailbox.me(), password).await
    }

    /// The business systems that the person may open.
    ///
    /// # Errors
    /// What became of the line.
    pub(crate) async fn business_systems(&self) -> Result<Vec<BusinessSystem>, EngineError> {
        business_tabs::systems(&self.line, self.mailbox.me()).await
    }

    /// The contact that answers codes, if there is one.
    ///
    /// # Errors
    /// `GatewayAway`, or what became of the line.
    pub(crate) async fn query_contact(&self) -> Result<Option<QueryContact>, EngineError> {
        query_contact::contact(&self.line, self.mailbox.me()).await
    }

    /// A one-time entrance into a business system.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or what became of the line.
    pub(crate) async fn enter(&self, system: &str, path: Option<&str>) -> Result<Entrance, EngineError> {
        let secret = self.environment.random.text(business_tabs::SECRET_BYTES);
        business_tabs::enter(&self.line, self.mailbox.me(), Wish { system, path }, secret).await
    }

    /// Answers the server's question who the person is.
    ///
    /// # Errors
    /// `NotAuthorized`, `NotFound`, or what became of the line.
    pub(crate) async fn answer_proof(&self, id: &str, password: Option<String>) -> Result<(), EngineError> {
        business_tabs::prove(&self.line, self.mailbox.me(), id, password).await
    }

    /// Ends what was entered into business systems through this app, when the server can be told.
    pub(crate) async fn sign_out_of_business_systems(&self) {
        if self.state.is_connected() {
            business_tabs::sign_out(&self.line, self.mailbox.me()).await;
        }
    }

    /// How the gateway to phones is, for its administrators.
    ///
    /// # Errors
    /// `Forbidden`, `GatewayAway`, or what became of the line.
    pub(crate) async fn gateway_status(&self) -> Result<GatewayStatus, EngineError> {
        gateway::status(&self.line, self.mailbox.me()).await
    }

    pub(crate) fn reconnect_now(&self) {
        self.line.reconnect_now();
    }

    /// Queues a message and sends it when the line allows.
    ///
    /// # Errors
    /// `BadInput`, `StoreFailed`.
    pub(crate) async fn send(
        &self,
        peer: &str,
        text: &str,
        wish: DeliveryWish,
    ) -> Result<Message, EngineError> {
        let origin_id = self.environment.random.text(ORIGIN_BYTES);
        let message = self.mailbox.queue(peer, text, wish, origin_id).await?;
        self.outbox.nudge();
        Ok(message)
    }

    /// Sends a failed message again.
    ///
    /// # Errors
    /// `NotFound`, `StoreFailed`.
    pub(crate) async fn retry(&self, id: i64) -> Result<(), EngineError> {
        self.mailbox.retry(id).await?;
        self.outbox.nudge();
        Ok(())
    }

    /// The person has seen everything through this message.
    ///
    /// # Errors
    /// `NotFound`, `StoreFailed`.
    pub(crate) async fn mark_read(&self, peer: &str, through: i64) -> Result<(), EngineError> {
        self.mailbox.mark_read(peer, through).await?;
        self.markers.nudge();
        Ok(())
    }

    /// Tells the other side that the person is typing, or no longer, when the person wants that.
    ///
    /// # Errors
    /// `BadInput`.
    pub(crate) async fn set_typing(&self, peer: &str, typing: bool) -> Result<(), EngineError> {
        let peer = outgoing::address(peer)?;
        if self.mailbox.settings().send_typing && self.state.is_connected() {
            // Nobody misses it when the line has just broken.
            let _ = self.line.send(outgoing::chat_state(&peer, typing)).await;
        }
        Ok(())
    }

    /// Opens a conversation. When the store has little of it, the archive is asked first.
    ///
    /// # Errors
    /// `BadInput`, `StoreFailed`.
    pub(crate) async fn open_conversation(
        &self,
        peer: &str,
        around: Option<i64>,
    ) -> Result<ConversationPage, EngineError> {
        let address = outgoing::address(peer)?;
        let peer = address.as_str();
        self.mailbox.attention().shows(peer);
        let page = self.mailbox.page(peer, around).await?;
        let is_short = page.has_older && u32::try_from(page.messages.len()).is_ok_and(|it| it < PAGE);
        if !is_short || !self.state.is_connected() {
            return Ok(page);
        }
        match tokio::time::timeout(OPENING, self.history.older(&address)).await {
            Ok(Ok(())) => self.mailbox.page(peer, around).await,
            Ok(Err(error)) => {
                tracing::info!(%error, "older messages cannot be read now");
                Ok(page)
            }
            Err(_) => Ok(page),
        }
    }

    /// Messages before `before`; from the archive when the store has no more.
    ///
    /// # Errors
    /// `BadInput`, `NotFound`, `StoreFailed`.
    pub(crate) async fn older_messages(
        &self,
        peer: &str,
        before: i64,
        limit: u32,
    ) -> Result<ConversationPage, EngineError> {
        let address = outgoing::address(peer)?;
        let page = self.mailbox.older(address.as_str(), before, limit).await?;
        let is_short = page.has_older && u32::try_from(page.messages.len()).is_ok_and(|it| it < limit);
        if !is_short || !self.state.is_connected() {
            return Ok(page);
        }
        match self.history.older(&address).await {
            Ok(()) => self.mailbox.older(address.as_str(), before, limit).await,
            Err(error) => {
                tracing::info!(%error, "older messages cannot be read now");
                Ok(page)
            }
        }
    }

    /// Ends the line in good order, then the tasks.
    pub(crate) async fn close(&self) {
        self.line.clone().close().await;
        let mut tasks = std::mem::take(&mut *self.tasks.lock());
        tasks.shutdown().await;
    }
}

/// Remembers when the server has bound a login: the next start insists on it.
async fn remember_binding(line: Line, computer: Store, server: String) {
    line.bound().await;
    if let Err(error) = computer.write(move |transaction| binding::note(transaction, &server)).await {
        tracing::error!(%error, "that the server binds logins cannot be remembered");
    }
}

/// Sends receipts and answers beside the loop that takes the line's events: that loop never waits for the line.
async fn send_answers(line: Line, mut waiting: mpsc::Receiver<tokio_xmpp::Stanza>) {
    while let Some(answer) = waiting.recv().await {
        if let Err(error) = line.send(answer).await {
            tracing::debug!(%error, "an answer finds no line");
        }
    }
}

/// The state of the line as the window knows it. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct LineState {
    now: Arc<Mutex<ConnectionState>>,
    events: Events,
}

impl LineState {
    fn new(events: Events) -> Self {
        Self { now: Arc::new(Mutex::new(ConnectionState::Connecting)), events }
    }

    fn now(&self) -> ConnectionState {
        self.now.lock().clone()
    }

    fn is_connected(&self) -> bool {
        matches!(*self.now.lock(), ConnectionState::Online | ConnectionState::CatchingUp)
    }

    fn set(&self, state: ConnectionState) {
        let mut now = self.now.lock();
        if *now != state {
            *now = state.clone();
            self.events.tell(EngineEvent::ConnectionChanged { connection: state });
        }
    }
}

#[cfg(test)]
mod scenes;
