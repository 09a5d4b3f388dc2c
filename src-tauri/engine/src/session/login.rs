//! What happens when the line has signed in anew: the tree first, then presence (with which stored messages
//! come), then what was missed, and only then what waits to be sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use posthouse_protocol::sms;
use xmpp_parsers::carbons;
use xmpp_parsers::disco::{DiscoInfoQuery, DiscoInfoResult};
use xmpp_parsers::time::{TimeQuery, TimeResult};

use super::LineState;
use crate::connection::{AskError, IqPayload, Line};
use crate::events::EngineEvent;
use crate::history_sync::{HistorySync, SyncError};
use crate::mailbox::Mailbox;
use crate::model::{Account, ConnectionState};
use crate::organization::Organization;
use crate::outgoing::Outbox;
use crate::own_password;
use crate::presence::PresenceWatch;
use crate::read_markers::{self, ReadMarkers};
use crate::store::messages::StoredMessage;

/// The parts of a session that take part. Clones are the same.
#[derive(Debug, Clone)]
pub(super) struct Login {
    pub(super) server: String,
    pub(super) line: Line,
    pub(super) mailbox: Mailbox,
    pub(super) organization: Arc<Organization>,
    pub(super) presence: Arc<PresenceWatch>,
    pub(super) outbox: Outbox,
    pub(super) markers: ReadMarkers,
    pub(super) history: HistorySync,
    pub(super) state: LineState,
    /// The server has a gateway to phones, as far as is known.
    pub(super) can_text: Arc<AtomicBool>,
}

/// The line broke on the way: the next login starts over.
struct Broken;

impl Login {
    pub(super) fn account(&self) -> Account {
        let person = self.mailbox.me().to_string();
        let can_text = self.can_text.load(Ordering::Relaxed);
        Account { name: self.mailbox.name_of(&person), person, server: self.server.clone(), can_text }
    }

    /// A new stream, without resumption: nothing of the old one is left.
    pub(super) async fn run(self) {
        if self.steps().await.is_err() {
            tracing::info!("the line broke during the login");
        }
    }

    async fn steps(&self) -> Result<(), Broken> {
        let stream = self.line.stream();
        let before = self.account();
        let (tree, copies, time, features) = tokio::join!(
            self.organization.online(),
            self.enable_copies(),
            self.compare_clocks(),
            self.ask_for_features()
        );
        copies.and(time).and(features)?;
        tracing::debug!("the directory is up to date");
        if let Err(error) = tree {
            // Without a tree one can still talk.
            tracing::warn!(%error, "the directory cannot be read");
        }
        let account = self.account();
        if account != before {
            self.mailbox.events().tell(EngineEvent::AccountChanged { account: Some(account) });
        }
        // Before the messages, so that those read elsewhere are not taken for news.
        self.read_positions().await?;
        tracing::debug!("read positions are known");
        if let Err(error) = self.presence.online().await {
            tracing::info!(%error, "presence cannot be sent");
            return Err(Broken);
        }
        tracing::debug!("presence is sent");
        let fresh = self.catch_up().await?;
        self.outbox.open(stream);
        self.markers.nudge();
        self.state.set(ConnectionState::Online);
        if own_password::must_change(&self.line, self.mailbox.me()).await {
            self.mailbox.events().tell(EngineEvent::PasswordMustChange);
        }
        self.mailbox.notify(fresh).await;
        Ok(())
    }

    async fn catch_up(&self) -> Result<Vec<StoredMessage>, Broken> {
        match self.history.catch_up().await {
            Ok(fresh) => Ok(fresh),
            Err(SyncError::Line(AskError::Lost)) => Err(Broken),
            Err(error) => {
                tracing::error!(%error, "the archive cannot be read");
                Ok(Vec::new())
            }
        }
    }

    /// The old stream goes on: nothing was lost.
    pub(super) fn resumed(&self) {
        self.presence.resumed();
        self.outbox.nudge();
        self.markers.nudge();
    }

    async fn enable_copies(&self) -> Result<(), Broken> {
        match self.line.ask(None, IqPayload::set(carbons::Enable)).await {
            Ok(_) => Ok(()),
            Err(AskError::Lost) => Err(Broken),
            Err(error) => {
                tracing::warn!(%error, "no copies of other clients' messages");
                Ok(())
            }
        }
    }

    /// What the server can do beside what every server can (XEP-0030).
    async fn ask_for_features(&self) -> Result<(), Broken> {
        let server = jid::Jid::from(jid::BareJid::from_parts(None, self.mailbox.me().domain()));
        match self.line.ask(Some(server), IqPayload::get(DiscoInfoQuery { node: None })).await {
            Ok(answer) => {
                let features = answer.map(DiscoInfoResult::try_from).and_then(Result::ok);
                let can_text = features.is_some_and(|said| said.features.contains(sms::PHONES));
                self.can_text.store(can_text, Ordering::Relaxed);
                Ok(())
            }
            Err(AskError::Lost) => Err(Broken),
            Err(error) => {
                tracing::info!(%error, "the server does not say what it can do");
                Ok(())
            }
        }
    }

    async fn compare_clocks(&self) -> Result<(), Broken> {
        let time = self.mailbox.time();
        let before = time.here();
        let server = self.mailbox.me().domain().to_owned();
        let server = jid::Jid::from(jid::BareJid::from_parts(None, &server));
        match self.line.ask(Some(server), IqPayload::get(TimeQuery)).await {
            Ok(answer) => {
                if let Some(Ok(shown)) = answer.map(TimeResult::try_from) {
                    time.compared(before, shown.utc.timestamp_micros(), time.here());
                }
                Ok(())
            }
            Err(AskError::Lost) => Err(Broken),
            Err(error) => {
                tracing::info!(%error, "the server does not tell the time");
                Ok(())
            }
        }
    }

    async fn read_positions(&self) -> Result<(), Broken> {
        let positions = match read_markers::positions(&self.line, self.mailbox.me()).await {
            Ok(positions) => positions,
            Err(AskError::Lost) => return Err(Broken),
            Err(error) => {
                tracing::warn!(%error, "read positions of other clients are not known");
                return Ok(());
            }
        };
        if let Err(error) = self.mailbox.read_elsewhere(positions).await {
            tracing::error!(%error, "read positions cannot be stored");
        }
        Ok(())
    }
}
