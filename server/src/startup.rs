//! Puts the server together, opens its doors, and closes them again.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jid::BareJid;
use tokio::task::JoinSet;

use crate::accounts::login::Verdict;
use crate::accounts::{AccountState, Accounts, Hash, ScramCredentials};
use crate::clock::Clock;
use crate::config::Listen;
use crate::modules::pipeline::{self, Members, Parts, PipelineError};
use crate::organization::changes::{Follower, News};
use crate::organization::directory::Directory;
use crate::routing::components::Components;
use crate::routing::durability::Durability;
use crate::routing::router::Router;
use crate::routing::session::EndReason;
use crate::routing::sessions::Sessions;
use crate::storage::Database;
use crate::storage::archive::ArchiveFallback;
use crate::storage::messages::MessageStore;
use crate::stream::credentials::{Credentials, Permission};
use crate::stream::door::{Announced, Door, DoorStop, StreamLimits};
use crate::stream::listener::{self, Port};
use crate::stream::tls::Tls;

/// How long connections may take to end.
const STOPPING: Duration = Duration::from_secs(10);

/// How often the certificate is looked at.
const CERTIFICATE: Duration = Duration::from_secs(3_600);

/// How long edits wait when the database does not answer.
const FOLLOW_AGAIN: Duration = Duration::from_secs(1);

/// Where the server listens for clients; port 0 is any free port.
#[derive(Debug, Clone, Default)]
pub struct ClientPorts {
    /// STARTTLS.
    pub starttls: Vec<SocketAddr>,
    /// Direct TLS.
    pub direct_tls: Vec<SocketAddr>,
    /// Either.
    pub any: Vec<SocketAddr>,
}

/// What a server is made of.
pub struct Setup {
    /// Its domain.
    pub domain: String,
    /// The data folder; gets `addresses.json`.
    pub data: PathBuf,
    /// Where everything is kept.
    pub database: Database,
    /// Tells the time.
    pub clock: Arc<Clock>,
    /// The organisation.
    pub directory: Arc<Directory>,
    /// Where edits by other processes come from; `None` when there are none.
    pub follower: Option<Follower>,
    /// Who may sign in.
    pub credentials: Arc<dyn Credentials>,
    /// The certificate.
    pub tls: Arc<Tls>,
    /// Where to listen.
    pub ports: ClientPorts,
    /// What clients may do.
    pub limits: StreamLimits,
    /// Domains of components.
    pub components: Vec<String>,
    /// Where figures for Prometheus are told.
    pub metrics: Vec<SocketAddr>,
    /// Names of the computer.
    pub host_names: Vec<String>,
    /// Most messages that wait for one absent person.
    pub offline_messages: u64,
    /// What is archived for people who have not said it themselves.
    pub archive: ArchiveFallback,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Setup").field("domain", &self.domain).finish_non_exhaustive()
    }
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The modules do not fit together, or the database does not answer.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// An address cannot be listened at.
    #[error("cannot listen at {address}: {source}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// `addresses.json` cannot be written.
    #[error("cannot write {path}: {source}")]
    Addresses {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A server whose doors are open.
#[derive(Debug)]
pub struct Running {
    door: Arc<Door>,
    stop: DoorStop,
    router: Router,
    addresses: BTreeMap<&'static str, Vec<SocketAddr>>,
    messages: Arc<MessageStore>,
    background: JoinSet<()>,
}

/// Builds the server and opens its doors.
///
/// # Errors
/// What is missing for that.
pub async fn start(setup: Setup) -> Result<Running, StartError> {
    let sessions = Arc::new(Sessions::default());
    let members = Members { directory: Arc::clone(&setup.directory), sessions: Arc::clone(&sessions) };
    let router = Router::new(
        setup.domain.clone(),
        Components::new(setup.components.iter().cloned()),
        Arc::clone(&sessions),
        Arc::new(members),
        Arc::clone(&setup.clock),
    );
    let followed = setup.follower.map(|follower| {
        follow(follower, Arc::clone(&setup.directory), Arc::clone(&sessions), setup.domain.clone())
    });
    let built = pipeline::build(Parts {
        domain: setup.domain.clone(),
        database: setup.database.clone(),
        clock: Arc::clone(&setup.clock),
        directory: setup.directory,
        sessions,
        components: setup.components,
        offline_messages: setup.offline_messages,
        archive: setup.archive,
    })
    .await?;
    router.install(built.pipeline);
    let mut background = JoinSet::new();
    if let Some(followed) = followed {
        background.spawn(followed);
    }
    for (name, task) in built.tasks {
        tracing::debug!(name, "runs in the background");
        background.spawn(task);
    }
    let announced = Announced { host_names: setup.host_names, more: built.capabilities.unwrap_or_default() };
    let durability = Durability::new(setup.database.writer().commits());
    let tls = Arc::clone(&setup.tls);
    let (door, stop) =
        Door::new(router.clone(), setup.credentials, tls, durability, setup.limits, &announced);
    let addresses = open(&door, &setup.ports)?;
    write_addresses(&setup.data, &addresses)?;
    tokio::spawn(watch_certificate(Arc::downgrade(&setup.tls)));
    Ok(Running { door, stop, router, addresses, messages: built.messages, background })
}

impl Running {
    /// The addresses listened at, by the name of the port.
    pub fn addresses(&self) -> &BTreeMap<&'static str, Vec<SocketAddr>> {
        &self.addresses
    }

    /// The router.
    pub fn router(&self) -> &Router {
        &self.router
    }

    /// Says good-bye to everybody and waits until all is delivered or stored.
    pub async fn stop(mut self) {
        self.stop.stop(self.door, STOPPING).await;
        self.background.shutdown().await;
        if let Err(error) = self.messages.settle().await {
            tracing::error!(%error, "what was delivered cannot be noted");
        }
    }
}

/// Runs the server until `shutdown`, then stops it in good order.
///
/// # Errors
/// The server does not start.
pub async fn run(setup: Setup, shutdown: impl Future<Output = ()>) -> Result<(), StartError> {
    let running = start(setup).await?;
    shutdown.await;
    running.stop().await;
    Ok(())
}

fn open(
    door: &Arc<Door>,
    ports: &ClientPorts,
) -> Result<BTreeMap<&'static str, Vec<SocketAddr>>, StartError> {
    let lists = [
        ("starttls", &ports.starttls, Port::StartTls),
        ("direct_tls", &ports.direct_tls, Port::DirectTls),
        ("any", &ports.any, Port::Any),
    ];
    let mut bound = BTreeMap::new();
    for (name, addresses, port) in lists {
        let mut list = Vec::new();
        for address in addresses {
            let at = |source| StartError::Listen { address: *address, source };
            let socket = match listener::bind(*address) {
                Ok(socket) => socket,
                // A host without IPv6 is served at the IPv4 twin.
                Err(error) if Listen::has_ipv4_twin(addresses, *address) => {
                    tracing::warn!(%address, %error, "cannot listen; IPv4 is served");
                    continue;
                }
                Err(source) => return Err(at(source)),
            };
            list.push(socket.local_addr().map_err(at)?);
            tokio::spawn(listener::listen(Arc::clone(door), socket, port));
        }
        bound.insert(name, list);
    }
    for name in ["component", "http", "metrics"] {
        bound.insert(name, Vec::new());
    }
    Ok(bound)
}

/// Complete or not there: who waits for the file must not read half of it.
fn write_addresses(
    data: &Path,
    addresses: &BTreeMap<&'static str, Vec<SocketAddr>>,
) -> Result<(), StartError> {
    let path = data.join("addresses.json");
    let draft = data.join("addresses.json.new");
    let at = |source| StartError::Addresses { path: path.clone(), source };
    let text = serde_json::to_string_pretty(addresses).map_err(|error| at(io::Error::other(error)))?;
    std::fs::write(&draft, text).map_err(at)?;
    std::fs::rename(&draft, &path).map_err(at)
}

/// Loads a renewed certificate on SIGHUP and by the hour.
async fn watch_certificate(tls: std::sync::Weak<Tls>) {
    let Ok(mut hangups) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()) else {
        return;
    };
    loop {
        tokio::select! {
            _ = hangups.recv() => {}
            () = tokio::time::sleep(CERTIFICATE) => {}
        }
        let Some(tls) = tls.upgrade() else { return };
        if let Err(error) = tls.reload() {
            tracing::error!(%error, "the certificate cannot be reloaded; the old one stays");
        }
    }
}

/// Carries edits of the organisation into the directory, and ends sessions of accounts that are closed.
async fn follow(mut follower: Follower, directory: Arc<Directory>, sessions: Arc<Sessions>, domain: String) {
    loop {
        match follower.next().await {
            Ok(update) => {
                match update.organization {
                    Some(News::Changes(version, changes)) => directory.apply(version, changes),
                    Some(News::Everything(stock)) => directory.replace(*stock),
                    None => {}
                }
                for login in update.ended {
                    let Ok(account) = BareJid::new(&format!("{login}@{domain}")) else { continue };
                    for session in sessions.of(&account) {
                        session.end(EndReason::AccountClosed);
                    }
                }
            }
            Err(error) => {
                tracing::error!(%error, "edits of the organisation cannot be read");
                tokio::time::sleep(FOLLOW_AGAIN).await;
            }
        }
    }
}

/// The accounts as the door for clients asks for them.
#[derive(Debug)]
pub struct AccountsAtTheDoor {
    accounts: Accounts,
    clock: Arc<Clock>,
}

impl AccountsAtTheDoor {
    /// All accounts, with the time for their limits.
    pub fn new(accounts: Accounts, clock: Arc<Clock>) -> Self {
        Self { accounts, clock }
    }
}

#[async_trait]
impl Credentials for AccountsAtTheDoor {
    async fn scram_keys(&self, login: &str, hash: Hash) -> ScramCredentials {
        self.accounts.scram_keys(login, hash).await
    }

    fn check(&self, login: &str, address: IpAddr) -> Permission {
        match self.accounts.check(login, address, self.clock.now()) {
            Verdict::Allowed => Permission::Allowed,
            Verdict::Wait(time) => Permission::Wait(time),
        }
    }

    fn failed(&self, login: &str, address: IpAddr) {
        self.accounts.failed(login, address, self.clock.now());
    }

    async fn succeeded(&self, login: &str, address: IpAddr) -> AccountState {
        self.accounts.succeeded(login, address);
        self.accounts.state(login).await.unwrap_or_else(|error| {
            tracing::error!(%error, login, "the account cannot be read; the login fails");
            AccountState::Unknown
        })
    }
}
