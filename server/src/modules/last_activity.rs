//! Last activity (XEP-0012): how long the server runs, how long ago a person was last there.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use jid::BareJid;
use parking_lot::Mutex;

use crate::clock::{Clock, Timestamp};
use crate::organization::directory::Directory;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::session::Session;
use crate::routing::sessions::Sessions;
use crate::routing::stages::{IqHandler, Observer};
use crate::routing::stanza_error::{Condition, StanzaError};

/// Answers `jabber:iq:last`. What was before the last start of the server is not known.
#[derive(Debug)]
pub struct LastActivity {
    clock: Arc<Clock>,
    started: Timestamp,
    directory: Arc<Directory>,
    sessions: Arc<Sessions>,
    left: Mutex<HashMap<BareJid, Timestamp>>,
}

impl LastActivity {
    /// Counts from now.
    pub fn new(clock: Arc<Clock>, directory: Arc<Directory>, sessions: Arc<Sessions>) -> Self {
        let started = clock.now();
        Self { clock, started, directory, sessions, left: Mutex::default() }
    }

    fn seconds_since(&self, moment: Timestamp) -> i64 {
        self.clock.now().seconds().saturating_sub(moment.seconds()).max(0)
    }

    fn seconds(&self, asker: &BareJid, account: &BareJid) -> Result<i64, StanzaError> {
        if !self.directory.may_see(asker, account) {
            // XEP-0012 section 4: the same for unknown accounts and for those one may not ask about.
            return Err(StanzaError::new(Condition::Forbidden));
        }
        let is_there =
            self.sessions.of(account).iter().any(|other| other.switches().available.load(Ordering::Acquire));
        if is_there {
            return Ok(0);
        }
        let left = self.left.lock().get(account).copied();
        let left = left.ok_or_else(|| StanzaError::new(Condition::ItemNotFound))?;
        Ok(self.seconds_since(left))
    }
}

#[async_trait]
impl IqHandler for LastActivity {
    fn namespaces(&self) -> &'static [&'static str] {
        &["jabber:iq:last"]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        if request.is_set {
            return Err(StanzaError::new(Condition::NotAllowed));
        }
        let asker = request.from.to_bare();
        let seconds = match request.target {
            IqTarget::Server => self.seconds_since(self.started),
            IqTarget::OwnAccount => self.seconds(&asker, &asker)?,
            IqTarget::Account(account) => self.seconds(&asker, account)?,
        };
        Ok(IqAnswer::Payload(format!("<query xmlns='jabber:iq:last' seconds='{seconds}'/>").into_bytes()))
    }
}

#[async_trait]
impl Observer for LastActivity {
    fn presence_changed(&self, session: &Session) {
        if !session.switches().available.load(Ordering::Acquire) && self.directory.is_member(session.bare()) {
            self.left.lock().insert(session.bare().clone(), self.clock.now());
        }
    }
}
