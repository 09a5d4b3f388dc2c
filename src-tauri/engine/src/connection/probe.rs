//! The way to a server in single steps, for the connection test. Nothing of it touches a line that is up.

use std::sync::Arc;

use jid::BareJid;
use tokio::net::TcpStream;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::ping::Ping;
use xmpp_parsers::stanza::Stanza;

use super::address::Destination;
use super::connector::{Connector, Opened, Secured};
use super::fault::Fault;
use super::link::{Incoming, Outgoing};
use super::login::{self, Credentials};
use super::resolve::{Endpoint, resolve};
use super::session::{Established, establish};
use super::{Environment, Target};

const PING: &str = "ping";

/// One test.
pub(crate) struct Probe {
    environment: Arc<Environment>,
    connector: Connector,
    password: String,
    must_bind: bool,
}

/// A session that exists for nothing but the test.
pub(crate) struct ProbeSession(Established);

impl Probe {
    /// Understands what was typed.
    pub(crate) fn read(target: Target, environment: &Arc<Environment>) -> Result<Self, Fault> {
        let destination = Destination::read(&target.server, &target.login)?;
        let connector = Connector::new(Arc::clone(environment), destination, target.trusted);
        let (password, must_bind) = (target.password, target.must_bind);
        Ok(Self { environment: Arc::clone(environment), connector, password, must_bind })
    }

    /// Whether there is a password to sign in with.
    pub(crate) fn has_password(&self) -> bool {
        !self.password.is_empty()
    }

    /// The endpoints, in the order in which they are to be tried.
    pub(crate) async fn resolve(&self) -> Result<Vec<Endpoint>, Fault> {
        resolve(&self.environment, &self.connector.destination().address).await
    }

    /// A TCP connection.
    pub(crate) async fn dial(&self, endpoint: &Endpoint) -> Result<TcpStream, Fault> {
        self.connector.dial(endpoint).await
    }

    /// TLS on it.
    pub(crate) async fn secure(&self, tcp: TcpStream, endpoint: &Endpoint) -> Result<Secured, Fault> {
        self.connector.secure(tcp, endpoint.beginning).await
    }

    /// A stream on that.
    pub(crate) async fn open(&self, secured: Secured) -> Result<Opened, Fault> {
        self.connector.open(secured).await
    }

    /// The mechanism that will be used to sign in.
    pub(crate) fn mechanism(&self, opened: &Opened) -> Result<&'static str, Fault> {
        let chosen = login::choose(&opened.features, opened.exporter.as_deref(), self.must_bind);
        chosen.map(|(mechanism, _)| mechanism.name())
    }

    /// Signs in, with a session of its own.
    pub(crate) async fn sign_in(&self, opened: Opened) -> Result<ProbeSession, Fault> {
        let random = &self.environment.random;
        let login = &self.connector.destination().login;
        let credentials = Credentials { login, password: &self.password, must_bind: self.must_bind };
        let signing_in = async {
            let signed_in = login::sign_in(opened, credentials, random.text(24)).await?;
            establish(signed_in, &mut None, &format!("Posthouse-test-{}", random.text(6))).await
        };
        let outcome = tokio::time::timeout(self.environment.patience.negotiate, signing_in).await;
        outcome.unwrap_or(Err(Fault::TimedOut("login"))).map(ProbeSession)
    }

    /// One question to the server and back.
    pub(crate) async fn round_trip(&self, session: &mut ProbeSession) -> Result<(), Fault> {
        let ProbeSession(Established { link, session, .. }) = session;
        let mut ping = Iq::from_get(PING, Ping);
        *ping.to_mut() = Some(BareJid::from_parts(None, session.address.domain()).into());
        link.push(Outgoing::Stanza(Arc::new(ping.into())));
        let answering = async {
            loop {
                // An error is an answer as well.
                if let Incoming::Stanza(stanza) = link.next(true).await?
                    && matches!(&*stanza, Stanza::Iq(iq) if iq.id() == PING)
                {
                    return Ok(());
                }
            }
        };
        let outcome = tokio::time::timeout(self.environment.patience.sign_of_life, answering).await;
        outcome.unwrap_or(Err(Fault::TimedOut("ping")))
    }

    /// Ends the session.
    pub(crate) async fn close(&self, session: ProbeSession) {
        let closing = session.0.link.close();
        let _ = tokio::time::timeout(super::GOODBYE, closing).await;
    }
}
