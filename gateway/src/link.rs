//! The line to the server: a component (XEP-0114) of its own domain. It connects again whenever it broke; what
//! is to be told waits in the store meanwhile.

mod contact;
mod exchange;
mod hearings;
mod lookups;
mod presence;
mod questions;
mod receive;
mod stanzas;
mod stream;
mod tell;
mod voice;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::conversation::Conversations;
use crate::inbox::Inbox;
use crate::outbox::Outbox;
use crate::query_codes::QueryDesk;
use crate::status::Reporter;

pub use stream::LinkError;

/// Where the server is and who we are there.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkSettings {
    /// Host and port of the server's component door.
    pub address: String,
    /// The server's domain.
    pub server: String,
    /// Our domain, as `sms.example.org`.
    pub domain: String,
    /// The secret the server knows for it.
    pub secret: String,
    /// Whom to trust; `None`: without TLS.
    pub trust: Option<crate::tls::Trust>,
    /// People who may ask for the status.
    pub administrators: Vec<String>,
}

impl std::fmt::Debug for LinkSettings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("LinkSettings")
            .field("address", &self.address)
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}

/// The link and all it needs.
#[derive(Clone)]
pub struct Link {
    settings: LinkSettings,
    outbox: Outbox,
    inbox: Inbox,
    conversations: Conversations,
    codes: Option<QueryDesk>,
    status: Option<Reporter>,
    answers: Arc<questions::Answers>,
    is_connected: Arc<watch::Sender<bool>>,
}

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl Link {
    /// A link that is not connected yet.
    pub fn new(settings: LinkSettings, outbox: Outbox, inbox: Inbox, conversations: Conversations) -> Self {
        let is_connected = Arc::new(watch::Sender::new(false));
        let answers = Arc::default();
        Self { settings, outbox, inbox, conversations, codes: None, status: None, answers, is_connected }
    }

    /// With somebody who answers codes.
    #[must_use]
    pub fn with_codes(mut self, desk: QueryDesk) -> Self {
        self.codes = Some(desk);
        self
    }

    /// With somebody who knows how the gateway is.
    #[must_use]
    pub fn with_status(mut self, reporter: Reporter) -> Self {
        self.status = Some(reporter);
        self
    }

    /// Whether the server is there, now and whenever that changes.
    pub fn connected(&self) -> watch::Receiver<bool> {
        self.is_connected.subscribe()
    }

    /// Connects, works, and connects again, until told to stop.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut pause = FIRST_PAUSE;
        loop {
            tokio::select! {
                ended = self.work() => match ended {
                    Ok(()) => pause = FIRST_PAUSE,
                    Err(error) => tracing::warn!(%error, server = self.settings.address, "no line to the server"),
                },
                () = told_to_stop(&mut stop) => return,
            }
            if self.is_connected.send_replace(false) {
                pause = FIRST_PAUSE;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = told_to_stop(&mut stop) => return,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn work(&self) -> Result<(), LinkError> {
        let (reader, writer) = stream::connect(&self.settings).await?;
        self.is_connected.send_replace(true);
        tracing::info!(domain = self.settings.domain, "connected to the server");
        exchange::run(self, reader, writer).await
    }
}

/// Connects once and leaves again: does the server take us?
///
/// # Errors
/// Why not.
pub async fn try_out(settings: &LinkSettings) -> Result<(), LinkError> {
    stream::connect(settings).await.map(|_| ())
}

async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stops| *stops).await;
}
