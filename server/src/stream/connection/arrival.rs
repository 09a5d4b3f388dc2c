//! The beginning of a session: after the one it replaces, and only while its login still counts.

use std::time::Duration;

use super::Connection;
use crate::routing::session::{EndReason, Session};
use crate::stream::credentials::{Hash, ScramCredentials};

/// How long a replaced session may take to say good-bye before its successor starts.
const REPLACING: Duration = Duration::from_secs(3);

/// What a session begins with.
pub(crate) struct Arrival {
    /// The session that had the same full address.
    pub(crate) replaced: Option<Session>,
    /// What the login was proved with.
    pub(crate) proof: Option<(Hash, ScramCredentials)>,
    /// The answer to the client's request for a resource.
    pub(crate) answer: Vec<u8>,
}

impl Connection {
    /// Answers the client that its session has begun, and tells everybody who wants to know.
    pub(super) async fn arrive(&mut self, arrival: Box<Arrival>) {
        if let Some(replaced) = arrival.replaced {
            // Its good-bye must not come behind the greeting of its successor.
            let _ = tokio::time::timeout(REPLACING, replaced.closed()).await;
        }
        if let Some((hash, keys)) = arrival.proof {
            self.end_if_outdated(hash, &keys).await;
        }
        self.writing.say(&arrival.answer);
        for observer in self.door.router.observers() {
            observer.session_opened(&self.session).await;
        }
    }

    /// Time has passed since the login: what has closed the account or changed its password meanwhile found no
    /// session to end.
    async fn end_if_outdated(&mut self, hash: Hash, keys: &ScramCredentials) {
        let login = self.session.bare().node().map(|node| node.as_str()).unwrap_or_default();
        if !self.door.credentials.are_current(login, hash, keys).await {
            self.session.end(EndReason::AccountClosed);
        }
    }
}
