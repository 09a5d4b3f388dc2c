//! What clients say they can do (XEP-0115): filled by `modules/entity_caps`, asked by features that go only to
//! clients which want them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use parking_lot::RwLock;

use super::session::SessionId;

/// Features of one kind of client: disco#info `var` values.
pub type Features = Arc<BTreeSet<String>>;

/// Features of every session that has announced them.
#[derive(Debug, Default)]
pub struct Capabilities(RwLock<HashMap<SessionId, Features>>);

impl Capabilities {
    /// Notes what a session's client can do.
    pub fn set(&self, session: SessionId, features: Features) {
        self.0.write().insert(session, features);
    }

    /// Forgets a session.
    pub fn forget(&self, session: SessionId) {
        self.0.write().remove(&session);
    }

    /// The features of a session's client; `None` while they are not known.
    pub fn of(&self, session: SessionId) -> Option<Features> {
        self.0.read().get(&session).cloned()
    }

    /// The client wants personal events of this node (XEP-0163 section 4.3.2: `node+notify`).
    pub fn wants(&self, session: SessionId, node: &str) -> bool {
        self.of(session).is_some_and(|features| features.contains(&format!("{node}+notify")))
    }
}
