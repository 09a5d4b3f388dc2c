//! Puts the server together, opens its doors, and closes them again.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use posthouse_sign_on::issuer::Issuer;
use posthouse_sign_on::moment::Lifetimes;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

mod accounts;
mod certificate;
mod figures;
mod following;
mod ports;
mod process;
mod sign_on;
mod web;

pub use accounts::{AccountsAtTheDoor, PasswordsOfAccounts};
use accounts::{Counted, LoginCounts};
use figures::Asked;
use following::{Closing, follow};
use ports::Addresses;
use web::{Web, WebParts};

use crate::clock::Clock;
use crate::component::ComponentDoor;
use crate::config::Component;
use crate::http::{self, HttpLimits};
use crate::modules::notices::Pace;
use crate::modules::pipeline::{self, Members, Parts, PipelineError};
use crate::organization::changes::Follower;
use crate::organization::directory::Directory;
use crate::outbound::Outbound;
use crate::routing::accounts::Passwords;
use crate::routing::components::Components;
use crate::routing::durability::Durability;
use crate::routing::router::Router;
use crate::routing::sessions::Sessions;
use crate::sign_on::KeyFile;
use crate::storage::Database;
use crate::storage::archive::ArchiveFallback;
use crate::storage::messages::MessageStore;
use crate::stream::admission::Admission;
use crate::stream::credentials::Credentials;
use crate::stream::door::{Announced, Door, DoorStop, StreamLimits};
use crate::stream::tls::{Beginning, Tls};

/// How long connections may take to end.
const STOPPING: Duration = Duration::from_secs(10);

/// How often addresses without connections are forgotten.
const FORGET_IDLE: Duration = Duration::from_secs(60);

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

/// Where the server speaks HTTP; port 0 is any free port.
#[derive(Debug, Clone, Default)]
pub struct WebPorts {
    /// In the clear: for this computer, or a proxy.
    pub http: Vec<SocketAddr>,
    /// Inside TLS.
    pub https: Vec<SocketAddr>,
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
    /// SCRAM iterations of new passwords.
    pub iterations: u32,
    /// Passwords, for their owners.
    pub passwords: Arc<dyn Passwords>,
    /// The certificate.
    pub tls: Arc<Tls>,
    /// Where to listen.
    pub ports: ClientPorts,
    /// What clients may do.
    pub limits: StreamLimits,
    /// Who may connect as a component.
    pub components: Vec<Component>,
    /// Where components connect.
    pub component: Vec<SocketAddr>,
    /// Where HTTP is spoken in the clear, and inside TLS.
    pub web: WebPorts,
    /// What HTTP clients may do.
    pub http_limits: HttpLimits,
    /// Where figures for Prometheus are told.
    pub metrics: Vec<SocketAddr>,
    /// Names of the computer.
    pub host_names: Vec<String>,
    /// Most messages that wait for one absent person.
    pub offline_messages: u64,
    /// How long a message for a phone waits for an absent gateway.
    pub phone_wait: Duration,
    /// What is archived for people who have not said it themselves.
    pub archive: ArchiveFallback,
    /// Single sign-on, when it is switched on.
    pub single_sign_on: Option<SingleSignOn>,
}

/// What single sign-on is made of.
#[derive(Debug)]
pub struct SingleSignOn {
    /// Its address.
    pub issuer: Issuer,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// Other clients than the app get links for browsers.
    pub links: bool,
    /// What it signs with.
    pub keys: KeyFile,
    /// Tells systems that sessions have ended.
    pub outbound: Outbound,
    /// Where the server's own authority lies.
    pub authority: PathBuf,
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
    #[error(
        "cannot listen at {address} ({door} in the settings): {source}. Another program may have the port; \
         `posthouse-server doctor` tells"
    )]
    Listen {
        /// Name of the list in the settings.
        door: &'static str,
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
    addresses: Addresses,
    messages: Arc<MessageStore>,
    web: Web,
    background: JoinSet<()>,
}

/// Builds the server and opens its doors.
///
/// # Errors
/// What is missing for that.
pub async fn start(setup: Setup) -> Result<Running, StartError> {
    let sessions = Arc::new(Sessions::default());
    let directory = Arc::clone(&setup.directory);
    let components = Components::new(setup.components.iter().map(|one| one.domain.clone()));
    let router = router(&setup, &components, &sessions);
    let provider = setup
        .single_sign_on
        .map(|parts| sign_on::open(parts, setup.domain.clone(), &setup.database, (&directory, &setup.clock)));
    let edits = setup.follower.as_ref().map(Follower::nudge);
    let followed = setup.follower.map(|follower| {
        let closing = Closing { sessions: Arc::clone(&sessions), provider: provider.clone() };
        follow(follower, Arc::clone(&directory), closing, setup.domain.clone())
    });
    let pace = Pace::new(setup.http_limits.requests_per_second);
    let built = pipeline::build(Parts {
        domain: setup.domain.clone(),
        database: setup.database.clone(),
        clock: Arc::clone(&setup.clock),
        directory: Arc::clone(&directory),
        sessions,
        components,
        offline_messages: setup.offline_messages,
        phone_wait: setup.phone_wait,
        archive: setup.archive,
        passwords: setup.passwords,
        router: router.clone(),
        sign_on: provider.clone(),
        pace: pace.clone(),
    })
    .await?;
    router.install(built.pipeline);
    let mut background = spawn_all(followed, built.tasks);
    if let Some(provider) = &provider {
        sign_on::run(provider.clone(), &mut background).await;
    }
    let announced = Announced { host_names: setup.host_names, more: built.capabilities.unwrap_or_default() };
    let durability = Durability::new(setup.database.writer().commits());
    let web = WebParts {
        limits: setup.http_limits,
        tls: Arc::clone(&setup.tls),
        parts: http::Parts {
            domain: setup.domain,
            database: setup.database.clone(),
            clock: Arc::clone(&setup.clock),
            directory: Arc::clone(&directory),
            router: router.clone(),
            notices: built.notices.clone(),
            desk: built.desk,
            pace,
            badges: built.badges.clone(),
            iterations: setup.iterations,
            sign_on: provider,
        },
    };
    let (logins, tls) = (Arc::new(LoginCounts::default()), Arc::clone(&setup.tls));
    let component_door =
        ComponentDoor::new(router.clone(), &setup.components, setup.limits.stanza).with_tls(acceptors(&tls));
    let credentials = Counted { credentials: setup.credentials, counts: Arc::clone(&logins), edits };
    let (door, stop) =
        Door::new(router.clone(), Arc::new(credentials), tls, durability, setup.limits, &announced);
    let asked = Asked {
        router: router.clone(),
        admission: door.admission().clone(),
        logins,
        database: setup.database,
        messages: Arc::clone(&built.messages),
        directory,
        tls: Arc::clone(&setup.tls),
        started: setup.clock.now(),
    };
    let mut addresses = ports::open(&door, &setup.ports)?;
    tell_figures(&setup.metrics, asked, &mut addresses, &mut background)?;
    addresses.insert("component", ports::open_components(component_door, &setup.component, &mut background)?);
    background.spawn(http::Webhooks::new(&web.parts).run());
    let web = web::open(web, &setup.web, &mut addresses)?;
    ports::write_addresses(&setup.data, &addresses)?;
    keep_in_order(&setup.tls, setup.clock, &door, &mut background);
    Ok(Running { door, stop, router, addresses, messages: built.messages, web, background })
}

/// The way of all stanzas, without steps yet.
fn router(setup: &Setup, components: &Components, sessions: &Arc<Sessions>) -> Router {
    let members = Members { directory: Arc::clone(&setup.directory), sessions: Arc::clone(sessions) };
    Router::new(
        setup.domain.clone(),
        components.clone(),
        Arc::clone(sessions),
        Arc::new(members),
        Arc::clone(&setup.clock),
    )
}

/// Lets the modules' tasks run, and what follows edits by other processes.
fn spawn_all(
    followed: Option<impl Future<Output = ()> + Send + 'static>,
    tasks: Vec<pipeline::Task>,
) -> JoinSet<()> {
    let mut background: JoinSet<()> = followed.into_iter().collect();
    for (name, task) in tasks {
        tracing::debug!(name, "runs in the background");
        background.spawn(task);
    }
    background
}

/// Gives the TLS in force to components that begin with it.
fn acceptors(tls: &Arc<Tls>) -> impl Fn() -> TlsAcceptor + Send + Sync + use<> {
    let tls = Arc::clone(tls);
    move || tls.acceptor(Beginning::Direct).0
}

/// Answers Prometheus at these addresses.
fn tell_figures(
    wanted: &[SocketAddr],
    asked: Asked,
    noted: &mut Addresses,
    background: &mut JoinSet<()>,
) -> Result<(), StartError> {
    let sockets = ports::bind("metrics", wanted)?;
    noted.insert("metrics", ports::addresses("metrics", &sockets)?);
    let database = asked.database.clone();
    let health = move || {
        let is_alive = database.writer().is_alive();
        if is_alive { Ok(()) } else { Err("the database takes no more changes; see the log") }
    };
    let routes = http::metrics(figures::sources(asked), Box::new(health));
    for socket in sockets {
        background.spawn(http::serve(socket, routes.clone()));
    }
    Ok(())
}

/// Looks after the certificate and the table of addresses.
fn keep_in_order(tls: &Arc<Tls>, clock: Arc<Clock>, door: &Door, background: &mut JoinSet<()>) {
    background.spawn(certificate::watch(Arc::downgrade(tls), clock));
    background.spawn(forget_idle(door.admission().clone()));
}

/// Keeps the table of addresses as small as it can be.
async fn forget_idle(admission: Admission) {
    let mut times = tokio::time::interval(FORGET_IDLE);
    loop {
        times.tick().await;
        admission.forget_idle(Instant::now());
    }
}

impl Running {
    /// The addresses listened at, by the name of the port.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The router.
    pub fn router(&self) -> &Router {
        &self.router
    }

    /// Says good-bye to everybody and waits until all is delivered or stored.
    pub async fn stop(mut self) {
        self.web.stop().await;
        self.stop.stop(self.door, STOPPING).await;
        self.background.shutdown().await;
        if let Err(error) = self.messages.finish().await {
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
