//! The task that owns the line: connects, hands over to the steady state, waits, and connects again.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::address::{Address, Destination};
use super::backoff::Backoff;
use super::connector::Connector;
use super::fault::Fault;
use super::login::{self, Credentials};
use super::online::{Ending, Online};
use super::resolve::resolve;
use super::session::{Established, Session, establish};
use super::wake::{LOOK, WakeWatch};
use super::{AskError, Command, Environment, LineEvent, Shared, Target};

/// Redirects in a row that are followed (RFC 6120 section 4.9.3.19).
const REDIRECTS: u32 = 3;

/// The line is to end.
struct Over;

/// Everything of one line.
pub(super) struct Worker {
    target: Target,
    environment: Arc<Environment>,
    shared: Arc<Shared>,
    commands: mpsc::Receiver<Command>,
    events: mpsc::Sender<LineEvent>,
}

/// What is known from the tries before.
struct Past {
    backoff: Backoff,
    /// A session that may be resumed.
    session: Option<Session>,
    /// Where the server has sent us.
    redirect: Option<Address>,
    redirects: u32,
}

impl Worker {
    pub(super) fn new(
        target: Target,
        environment: Arc<Environment>,
        shared: Arc<Shared>,
        commands: mpsc::Receiver<Command>,
        events: mpsc::Sender<LineEvent>,
    ) -> Self {
        Self { target, environment, shared, commands, events }
    }

    /// Runs until the line is closed or stopped.
    pub(super) async fn run(mut self) {
        let fault = match Destination::read(&self.target.server, &self.target.login) {
            Ok(destination) => match self.keep_up(destination).await {
                Ok(fault) => fault,
                Err(Over) => return,
            },
            Err(fault) => fault,
        };
        tracing::info!(%fault, "the line has stopped");
        let _ = self.tell(LineEvent::Stopped { error: fault.into() }).await;
    }

    /// Connects again and again; answers the fault that makes trying useless.
    async fn keep_up(&mut self, destination: Destination) -> Result<Fault, Over> {
        let trusted = self.target.trusted.clone();
        let connector = Connector::new(Arc::clone(&self.environment), destination, trusted);
        let mut past = Past { backoff: Backoff::default(), session: None, redirect: None, redirects: 0 };
        loop {
            self.tell(LineEvent::Connecting).await?;
            let fault = match self.connect(&connector, &mut past).await? {
                Ok(established) => self.stay_online(established, &mut past).await?,
                Err(fault) => fault,
            };
            if fault.is_final() {
                return Ok(fault);
            }
            self.wait_after(fault, &mut past).await?;
        }
    }

    async fn connect(
        &mut self,
        connector: &Connector,
        past: &mut Past,
    ) -> Result<Result<Established, Fault>, Over> {
        let address = past.redirect.take().unwrap_or_else(|| connector.destination().address.clone());
        let environment = Arc::clone(&self.environment);
        let password = self.shared.password.lock().clone();
        let shared = Arc::clone(&self.shared);
        let resource = format!("Posthouse-{}", self.shared.prefix);
        let connecting = async {
            let endpoints = resolve(&environment, &address).await?;
            let opened = connector.connect(&endpoints).await?;
            let signing_in = async {
                let login = &connector.destination().login;
                let must_bind = *shared.has_bound.borrow();
                let credentials = Credentials { login, password: &password, must_bind };
                let nonce = environment.random.text(24);
                let signed_in = login::sign_in(opened, credentials, nonce).await?;
                if signed_in.is_bound {
                    shared.has_bound.send_replace(true);
                }
                establish(signed_in, &mut past.session, &resource).await
            };
            let outcome = tokio::time::timeout(environment.patience.negotiate, signing_in).await;
            outcome.unwrap_or(Err(Fault::TimedOut("login")))
        };
        tokio::pin!(connecting);
        loop {
            tokio::select! {
                outcome = &mut connecting => return Ok(outcome),
                command = self.commands.recv() => refuse(command)?,
            }
        }
    }

    /// The steady state; answers why it ended.
    async fn stay_online(&mut self, established: Established, past: &mut Past) -> Result<Fault, Over> {
        let since = Instant::now();
        past.redirects = 0;
        let Established { resumed, ref session, .. } = established;
        let address = session.address.clone();
        tracing::info!(%address, resumed, "online");
        if !resumed {
            self.shared.stream.fetch_add(1, Ordering::AcqRel);
        }
        self.shared.is_online.store(true, Ordering::Release);
        let told = self.tell(LineEvent::Online { address, resumed }).await;
        let ending = match told {
            Ok(()) => {
                let channels = (&mut self.commands, &self.events);
                Online::new(established, &self.environment, &self.shared, channels).run().await
            }
            Err(Over) => Ending::Over,
        };
        self.shared.is_online.store(false, Ordering::Release);
        past.backoff.was_online(since.elapsed());
        match ending {
            Ending::Over => Err(Over),
            Ending::Fault(fault, mut session) => {
                tracing::info!(%fault, "the connection has ended");
                if session.ledger.resumption().is_some() && !fault.is_final() {
                    past.session = Some(*session);
                } else {
                    session.answers.lose();
                }
                Ok(fault)
            }
        }
    }

    async fn wait_after(&mut self, fault: Fault, past: &mut Past) -> Result<(), Over> {
        let random = &self.environment.random;
        let retry_in = match &fault {
            Fault::Redirected(host) if past.redirects < REDIRECTS => {
                past.redirects += 1;
                past.redirect = Address::read(host).ok();
                Duration::ZERO
            }
            Fault::LockedOut => past.backoff.next_after_lockout(random),
            Fault::ShuttingDown => {
                past.backoff.expect_shutdown();
                past.backoff.next(random)
            }
            _ => past.backoff.next(random),
        };
        let (reason, detail) = (fault.code(), fault.detail());
        tracing::info!(%fault, ?retry_in, "waiting before the next try");
        let until = Instant::now() + retry_in;
        self.tell(LineEvent::Waiting { retry_in, reason, detail }).await?;
        let mut watch = WakeWatch::new(&self.environment.clock);
        let mut look = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(until) => return Ok(()),
                () = self.shared.reconnect.notified() => return Ok(()),
                _ = look.tick() => if watch.has_jumped(&self.environment.clock) { return Ok(()) },
                command = self.commands.recv() => refuse(command)?,
            }
        }
    }

    /// Tells the session; commands that cannot be carried out now are answered meanwhile.
    async fn tell(&mut self, event: LineEvent) -> Result<(), Over> {
        loop {
            tokio::select! {
                permit = self.events.reserve() => {
                    permit.map_err(|_| Over)?.send(event);
                    return Ok(());
                }
                command = self.commands.recv() => refuse(command)?,
            }
        }
    }
}

/// There is no connection to carry out a command on.
fn refuse(command: Option<Command>) -> Result<(), Over> {
    match command {
        // The delivery is dropped, which says that the stanza is lost.
        Some(Command::Send { .. }) => Ok(()),
        Some(Command::Ask { answer, .. }) => {
            let _ = answer.send(Err(AskError::Lost));
            Ok(())
        }
        Some(Command::Close { done }) => {
            let _ = done.send(());
            Err(Over)
        }
        None => Err(Over),
    }
}
