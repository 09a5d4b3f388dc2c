//! Notices of business systems on their way to people: to the client, to the phone, and what comes back. They are
//! written from `oa@notices.example.org`, an address of each application's own below the server's domain: every
//! client keeps them in a chat of that application, and no person can have such an address. What is to be done lies
//! in `storage/notices` until it is done; `docs/notices.md` is the protocol.

mod answers;
mod card;
mod choice;
mod decisions;
mod desk;
mod fallback;
mod happening;
mod mailbox;
mod message;
mod pace;
mod requests;
mod sending;
mod telling;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use jid::BareJid;
use posthouse_protocol::notice::domain_below;

use crate::clock::Clock;
use crate::organization::catalogue::Catalogue;
use crate::organization::directory::Directory;
use crate::routing::commands::AdHocCommand;
use crate::routing::components::Components;
use crate::routing::router::Router;
use crate::routing::session::Session;
use crate::routing::sessions::Sessions;
use crate::routing::stages::{AcceptStep, IqHandler, UndeliveredStep};
use crate::storage::StorageError;
use crate::storage::applications::ApplicationStore;
use crate::storage::messages::MessageStore;
use crate::storage::notices::NoticeStore;
use crate::storage::relays::RelayStore;

pub use desk::{ChangeMessage, Desk, Invalid, NewMessage, Refusal, RefusalCode, Sent, read};
pub use pace::Pace;

/// Work that is read at once.
const BATCH: u32 = 256;
/// How long work rests when the database does not answer.
const AGAIN: Duration = Duration::from_secs(2);
/// The longest sleep: the clock may be set meanwhile.
const LONGEST: Duration = Duration::from_secs(60);

/// What the module works with.
#[derive(Debug, Clone)]
pub struct NoticeParts {
    /// The server's domain.
    pub domain: String,
    /// The notices.
    pub notices: NoticeStore,
    /// The business systems.
    pub applications: ApplicationStore,
    /// How fast each of them may ask.
    pub pace: Pace,
    /// Messages for the gateway.
    pub relays: RelayStore,
    /// Stored messages.
    pub messages: Arc<MessageStore>,
    /// The organisation.
    pub directory: Arc<Directory>,
    /// What of the organisation nobody is told: who has which tag.
    pub catalogue: Catalogue,
    /// Who is signed in.
    pub sessions: Arc<Sessions>,
    /// Components, of which the gateway is one.
    pub components: Components,
    /// Tells the time.
    pub clock: Arc<Clock>,
    /// How long a text waits for an absent gateway.
    pub phone_wait: Duration,
}

/// The steps and the task that share what they know. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Notices(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: NoticeParts,
    /// The domain that applications write from.
    home: String,
    /// The gateway's domain.
    gateway: String,
    /// What components are being told.
    under_way: telling::UnderWay,
}

impl Notices {
    /// The module.
    pub fn new(parts: NoticeParts) -> Self {
        let (home, gateway) = (domain_below(&parts.domain), format!("sms.{}", parts.domain));
        let under_way = telling::UnderWay::default();
        Self(Arc::new(Inner { parts, home, gateway, under_way }))
    }

    /// What business systems ask for.
    pub fn desk(&self) -> Desk {
        Desk(Arc::clone(&self.0))
    }

    /// Takes what comes for applications: receipts, markers, states of texts, answers.
    pub fn mailbox(&self) -> Arc<dyn AcceptStep> {
        Arc::new(mailbox::Mailbox(Arc::clone(&self.0)))
    }

    /// When no client took a notice that may go to the phone as well.
    pub fn fallback(&self) -> Arc<dyn UndeliveredStep> {
        Arc::new(fallback::Fallback(Arc::clone(&self.0)))
    }

    /// What people decide with clients that know nothing of notices.
    pub fn decisions(&self, router: Router) -> Arc<dyn AdHocCommand> {
        Arc::new(decisions::Decisions(Arc::clone(&self.0), router))
    }

    /// Answers what components ask: what phones have answered, and what business systems send.
    pub fn requests(&self) -> Arc<dyn IqHandler> {
        Arc::new(requests::Requests::new(&self.0))
    }

    /// Takes what components answer that were told something.
    pub fn acknowledged(&self) -> Arc<dyn AcceptStep> {
        Arc::new(telling::Acknowledged(Arc::clone(&self.0)))
    }

    /// Tells components what became of their notices, for as long as it is polled.
    pub async fn tell(self) {
        self.0.tell().await;
    }

    /// Does what is to be done, for as long as it is polled.
    pub async fn run(self, router: Router) {
        loop {
            match self.0.round(&router).await {
                Ok(true) => {}
                Ok(false) => self.0.rest().await,
                Err(error) => {
                    tracing::error!(%error, "notices cannot be sent");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }
}

impl Inner {
    /// Does what is due by now; false when there is nothing.
    async fn round(&self, router: &Router) -> Result<bool, StorageError> {
        let notices = &self.parts.notices;
        let mut jobs = notices.due(self.parts.clock.now(), BATCH).await?;
        if jobs.is_empty() {
            return Ok(false);
        }
        self.choose_ways(&mut jobs).await?;
        let mut last = None;
        for job in &jobs {
            let done = self.perform(router, job).await;
            last = Some(notices.done(done).await?);
        }
        if let Some(ticket) = last {
            notices.reach(ticket).await?;
        }
        self.parts.relays.ring();
        Ok(true)
    }

    /// Until something new comes or something old is due.
    async fn rest(&self) {
        let wait = match self.parts.notices.next_due().await {
            Ok(Some(due)) => {
                let left = due.0.saturating_sub(self.parts.clock.now().0);
                let left = Duration::from_micros(u64::try_from(left).unwrap_or_default());
                left.clamp(Duration::from_millis(10), LONGEST)
            }
            Ok(None) => LONGEST,
            Err(error) => {
                tracing::error!(%error, "work for notices cannot be read");
                AGAIN
            }
        };
        tokio::select! {
            () = self.parts.notices.work() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }

    /// There is a gateway, even if it is away for the moment: what is for it waits.
    fn has_gateway(&self) -> bool {
        self.parts.components.find(&self.gateway).is_some()
    }

    /// The number of somebody's phone, when texts can go there.
    fn phone_of(&self, address: &BareJid) -> Option<String> {
        let person = self.parts.directory.person(address)?;
        person.mobile.clone().filter(|_| self.has_gateway())
    }

    /// Somebody sits at a client, or may do so again in a moment.
    fn is_online(&self, address: &BareJid) -> bool {
        self.parts
            .sessions
            .any(address, |session: &Session| session.is_available() && session.priority() >= 0)
    }
}
