//! What a client gets first: the directory, or roster and presence; only then stored messages.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use parking_lot::Mutex;

use crate::routing::session::{Session, SessionId};
use crate::routing::stages::{Observer, Observers};

/// Tells when a client may get stored messages: a client that has asked for the directory once it is available
/// and has the whole answer, any other as soon as it is available (it has asked for its roster before, as
/// RFC 6121 section 2.2 recommends).
#[derive(Debug)]
pub struct LoginGreeting {
    observers: Arc<Observers>,
    waiting: Mutex<HashMap<SessionId, Half>>,
}

/// One of the two things has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    /// Available; the directory is still being read.
    Available,
    /// Has the directory; not available yet.
    HasDirectory,
}

impl LoginGreeting {
    /// Tells these.
    pub fn new(observers: Arc<Observers>) -> Self {
        Self { observers, waiting: Mutex::default() }
    }

    async fn announce(&self, session: &Session) {
        for observer in self.observers.all() {
            observer.session_ready(session).await;
        }
    }

    /// True when a client that has become available has what comes first.
    fn is_ready(&self, session: &Session) -> bool {
        if !session.switches().directory.load(Ordering::Acquire) {
            return true;
        }
        let mut waiting = self.waiting.lock();
        if waiting.get(&session.id()) == Some(&Half::HasDirectory) {
            return true;
        }
        waiting.insert(session.id(), Half::Available);
        false
    }

    /// True when a client that has got the directory was waiting for it.
    fn was_waiting(&self, session: &Session) -> bool {
        self.waiting.lock().insert(session.id(), Half::HasDirectory) == Some(Half::Available)
    }
}

#[async_trait]
impl Observer for LoginGreeting {
    async fn session_available(&self, session: &Session) {
        if self.is_ready(session) {
            self.announce(session).await;
        }
    }

    async fn directory_sent(&self, session: &Session) {
        if self.was_waiting(session) {
            self.announce(session).await;
        }
    }

    async fn session_closed(&self, session: &Session) {
        self.waiting.lock().remove(&session.id());
    }
}

#[cfg(test)]
mod tests;
