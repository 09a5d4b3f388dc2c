//! What all connections of clients share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use posthouse_protocol::wire::Limits;

use super::admission::{AddressLimits, Admission};
use super::credentials::Credentials;
use super::features::Features;
use super::names::HostNames;
use super::negotiation::Offer;
use super::resumption::Resumption;
use super::shutdown::{self, Shutdown, Task};
use super::tls::Tls;
use crate::routing::durability::Durability;
use crate::routing::router::Router;
use crate::routing::session::{EndReason, SessionId};

/// What a client may do, and how long it is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamLimits {
    /// Most bytes before login.
    pub login_bytes: usize,
    /// Most time from the first byte to the bound resource.
    pub login_time: Duration,
    /// Failed logins on one stream.
    pub login_tries: u32,
    /// After login.
    pub stanza: Limits,
    /// Bytes a second that a session may send for long.
    pub bytes_per_second: u64,
    /// Sessions of one account at a time.
    pub sessions_per_account: usize,
    /// Stanzas that wait for a client; with one more its session ends.
    pub outbox: usize,
    /// How long a broken session can be resumed.
    pub resumption: Duration,
    /// How long a client may take to acknowledge (XEP-0198).
    pub acknowledgement: Duration,
    /// Connections in all.
    pub connections: usize,
    /// For each network address.
    pub address: AddressLimits,
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self {
            login_bytes: 10 * 1_024,
            login_time: Duration::from_secs(60),
            login_tries: 5,
            stanza: Limits { stanza_bytes: 512 * 1_024, depth: 100, attributes: 100 },
            bytes_per_second: 4 * 1_024 * 1_024,
            sessions_per_account: 32,
            outbox: 1_024,
            resumption: Duration::from_secs(600),
            acknowledgement: Duration::from_secs(60),
            connections: 20_000,
            address: AddressLimits::default(),
        }
    }
}

/// The door for clients.
pub struct Door {
    pub(crate) router: Router,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) tls: Arc<Tls>,
    pub(crate) durability: Durability,
    pub(crate) limits: StreamLimits,
    pub(crate) offer: Arc<Offer>,
    pub(crate) resumption: Resumption,
    pub(crate) admission: Admission,
    sessions: AtomicU64,
    task: Task,
}

/// Ends the door.
#[derive(Debug)]
pub struct DoorStop(Shutdown);

/// What the features announce beside what the door itself knows.
#[derive(Debug, Clone, Default)]
pub struct Announced {
    /// Names of the computer; those of the certificate are known.
    pub host_names: Vec<String>,
    /// More features beside resource binding, ready-made.
    pub more: String,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Door").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Door {
    /// A door nobody listens at yet; [`super::listener::listen`] opens it.
    pub fn new(
        router: Router,
        credentials: Arc<dyn Credentials>,
        tls: Arc<Tls>,
        durability: Durability,
        limits: StreamLimits,
        announced: &Announced,
    ) -> (Arc<Self>, DoorStop) {
        let host_names = tls.names().into_iter().chain(announced.host_names.iter().cloned());
        let names = HostNames::new(router.domain().to_owned(), host_names);
        let features = Features::new((limits.login_bytes, limits.stanza.stanza_bytes), &announced.more);
        let offer = Arc::new(Offer { names, features, tries: limits.login_tries });
        let (shutdown, task) = shutdown::pair();
        let door = Self {
            router,
            credentials,
            tls,
            durability,
            limits,
            offer,
            resumption: Resumption::default(),
            admission: Admission::new(limits.connections, limits.address),
            sessions: AtomicU64::new(1),
            task,
        };
        (Arc::new(door), DoorStop(shutdown))
    }

    pub(crate) fn next_session_id(&self) -> SessionId {
        SessionId(self.sessions.fetch_add(1, Ordering::Relaxed))
    }

    /// Who may connect.
    pub fn admission(&self) -> &Admission {
        &self.admission
    }

    /// For each task of the door.
    pub(crate) fn task(&self) -> Task {
        self.task.clone()
    }
}

impl DoorStop {
    /// Says `system-shutdown` to everybody, delivers what is under way, and waits for all connections to end,
    /// at most `longest`.
    pub async fn stop(mut self, door: Arc<Door>, longest: Duration) {
        self.0.begin();
        for session in door.router.sessions().all() {
            session.end(EndReason::Shutdown);
        }
        drop(door);
        if tokio::time::timeout(longest, self.0.finished()).await.is_err() {
            tracing::warn!("some connections did not end in time");
        }
    }
}
