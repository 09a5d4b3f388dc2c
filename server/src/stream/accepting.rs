//! Brings one connection from its first byte to a session: feeds the negotiation and does what it says.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jid::{BareJid, FullJid};
use posthouse_protocol::wire::{Frame, Limits};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::server::TlsStream;

use super::admission::Place;
use super::connection::{Arrival, Connection, Start};
use super::credentials::{AccountState, Hash, Permission, ScramCredentials};
use super::door::Door;
use super::element_reader::{ElementReader, ReadEnd};
use super::listener::Port;
use super::negotiation::{Negotiation, Reply, Then};
use super::resumption::{Found, Handover, hand_over};
use super::stream_error::StreamError;
use super::tls::{self, Beginning};
use crate::routing::session::{EndReason, Outgoing, Session, SessionId};
use crate::routing::stanza_error::Condition;

/// First byte of a TLS handshake record (RFC 8446 section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// Who came.
pub(crate) struct Welcome {
    pub(crate) door: Arc<Door>,
    pub(crate) address: IpAddr,
    pub(crate) place: Place,
    pub(crate) id: SessionId,
}

/// A stream that is open, and what was read from it.
struct Open<S> {
    stream: S,
    reader: ElementReader,
    negotiation: Negotiation,
    /// Our header is out: a stream error may follow.
    has_header: bool,
    /// What the last login was proved with.
    keys: Option<(Hash, ScramCredentials)>,
}

/// The negotiation is over for this connection.
enum Settled {
    Bound { session: Session, outbox: mpsc::Receiver<Outgoing>, arrival: Box<Arrival> },
    Resuming { session: Session, seat: Arc<super::resumption::Seat>, handled: u32 },
}

impl Welcome {
    /// Negotiates, then starts the connection's own task or hands over to an old one.
    pub(crate) async fn run(self, stream: TcpStream, port: Port) {
        let task = self.door.task();
        let negotiating = tokio::time::timeout(self.door.limits.login_time, self.secure(stream, port));
        let settled = tokio::select! {
            () = task.stopped() => return,
            settled = negotiating => settled,
        };
        match settled {
            Ok(Ok((open, settled))) => self.settle(open, settled),
            Ok(Err(ReadEnd::Broken(error))) => {
                tracing::debug!(address = %self.address, %error, "connection broken")
            }
            Ok(Err(end)) => tracing::debug!(address = %self.address, ?end, "no session came of a connection"),
            Err(_) => tracing::debug!(address = %self.address, "a login took too long"),
        }
    }

    fn settle(self, mut open: Open<TlsStream<TcpStream>>, settled: Settled) {
        let lang = open.negotiation.take_lang();
        let leftover = open.reader.into_leftover();
        let stream = Box::new(open.stream);
        match settled {
            Settled::Bound { session, outbox, arrival } => {
                let start = Start { stream, place: self.place, leftover, session, outbox, lang };
                Connection::spawn(self.door, start, arrival);
            }
            Settled::Resuming { session, seat, handled } => {
                let handover = Box::new(Handover { stream, place: self.place, leftover, handled });
                if hand_over(&session, &seat, handover).is_err() {
                    tracing::debug!(session = session.id().0, "a session ended while it was resumed");
                }
            }
        }
    }

    async fn secure(
        &self,
        mut stream: TcpStream,
        port: Port,
    ) -> Result<(Open<TlsStream<TcpStream>>, Settled), ReadEnd> {
        let is_direct = match port {
            Port::StartTls => false,
            Port::DirectTls => true,
            Port::Any => {
                let mut first = [0_u8];
                stream.peek(&mut first).await? == 1 && first == [TLS_HANDSHAKE]
            }
        };
        if !is_direct {
            stream = self.start_tls(stream).await?;
        }
        let beginning = if is_direct { Beginning::Direct } else { Beginning::StartTls };
        let (acceptor, end_point) = self.door.tls.acceptor(beginning);
        let mut open = self.open(acceptor.accept(stream).await?);
        open.negotiation.certified(end_point);
        open.negotiation.secured(tls::exporter(&open.stream));
        let settled = self.finish_or_say_why(&mut open).await?;
        Ok((open, settled))
    }

    fn open<S>(&self, stream: S) -> Open<S> {
        let limits = self.door.limits;
        let limits = Limits { stanza_bytes: limits.login_bytes, ..limits.stanza };
        Open {
            stream,
            reader: ElementReader::new(limits),
            negotiation: Negotiation::new(Arc::clone(&self.door.offer)),
            has_header: false,
            keys: None,
        }
    }

    async fn start_tls(&self, stream: TcpStream) -> Result<TcpStream, ReadEnd> {
        let mut open = self.open(stream);
        let outcome = open.until_tls().await;
        open.say_why(outcome).await?;
        // What came before TLS must not be taken for something that came inside it.
        if open.reader.has_leftover() {
            return Err(ReadEnd::Error(StreamError::PolicyViolation));
        }
        Ok(open.stream)
    }

    async fn finish_or_say_why(&self, open: &mut Open<TlsStream<TcpStream>>) -> Result<Settled, ReadEnd> {
        let outcome = self.negotiate(open).await;
        open.say_why(outcome).await
    }

    async fn negotiate(&self, open: &mut Open<TlsStream<TcpStream>>) -> Result<Settled, ReadEnd> {
        let mut reply = open.header().await?;
        loop {
            open.stream.write_all(&reply.bytes).await?;
            open.stream.flush().await?;
            reply = match reply.then {
                Then::Read => {
                    let element = open.reader.element(&mut open.stream).await?;
                    open.negotiation.element(&element)
                }
                Then::Restart => {
                    open.reader.restart();
                    open.header().await?
                }
                Then::Keys(login, hash) => self.look_up(open, login, hash).await,
                Then::Tried { login, is_right } => self.judge(&mut open.negotiation, &login, is_right).await,
                // A bound session must be ended by its connection: nothing may be awaited before that has it.
                Then::Bind { resource, request } => match self.bind(open, resource) {
                    Ok((session, outbox, replaced)) => {
                        let answer = Negotiation::bound(&request.0, session.jid().as_str());
                        let arrival = Box::new(Arrival { replaced, proof: open.keys.take(), answer });
                        return Ok(Settled::Bound { session, outbox, arrival });
                    }
                    Err(condition) => open.negotiation.not_bound(&request.0, condition),
                },
                Then::Resume { previous, handled } => match self.find_session(open, &previous) {
                    Found::Alive(session, seat) => return Ok(Settled::Resuming { session, seat, handled }),
                    Found::Lost(count) => Negotiation::not_resumed(Some(count)),
                    Found::Nothing => Negotiation::not_resumed(None),
                },
                Then::Close | Then::StartTls => return Err(ReadEnd::Said),
            };
        }
    }

    async fn look_up<S>(&self, open: &mut Open<S>, login: String, hash: Hash) -> Reply {
        match self.door.credentials.check(&login, self.address) {
            Permission::Allowed => {
                let keys = self.door.credentials.scram_keys(&login, hash).await;
                open.keys = Some((hash, keys.clone()));
                open.negotiation.keys(login, keys, &random_text())
            }
            Permission::Wait(time) => self.refuse(&mut open.negotiation, &login, time),
        }
    }

    async fn judge(&self, negotiation: &mut Negotiation, login: &str, is_right: bool) -> Reply {
        match self.door.credentials.tried(login, self.address, is_right) {
            Permission::Allowed if is_right => {
                let state = self.door.credentials.state(login).await;
                tracing::Span::current().record("login", login);
                log_login(self.address, state);
                negotiation.approve(login, state)
            }
            Permission::Allowed => {
                tracing::info!(login, address = %self.address, "wrong login or password");
                negotiation.wrong_password()
            }
            Permission::Wait(time) => self.refuse(negotiation, login, time),
        }
    }

    fn refuse(&self, negotiation: &mut Negotiation, login: &str, time: Duration) -> Reply {
        tracing::info!(login, address = %self.address, seconds = time.as_secs(), "must wait");
        negotiation.refuse_login()
    }

    fn find_session<S>(&self, open: &Open<S>, token: &str) -> Found {
        let account = open.negotiation.account();
        account.map_or(Found::Nothing, |account| self.door.resumption.find(token, account))
    }

    /// The new session, what it is to be sent, and the session whose place it takes.
    fn bind<S>(
        &self,
        open: &Open<S>,
        resource: Option<String>,
    ) -> Result<(Session, mpsc::Receiver<Outgoing>, Option<Session>), Condition> {
        let account = open.negotiation.account().ok_or(Condition::NotAuthorized)?;
        let jid = full_jid(account, resource)?;
        let sessions = self.door.router.sessions();
        let others = sessions.of(account);
        let is_replacing = others.iter().any(|other| other.jid() == &jid);
        if !is_replacing && others.len() >= self.door.limits.sessions_per_account {
            return Err(Condition::ResourceConstraint);
        }
        let (sender, outbox) = mpsc::channel(self.door.limits.outbox);
        let session = Session::new(self.id, jid, sender);
        let replaced = sessions.bind(session.clone());
        if let Some(replaced) = &replaced {
            replaced.end(EndReason::Conflict);
        }
        Ok((session, outbox, replaced))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Open<S> {
    async fn header(&mut self) -> Result<Reply, ReadEnd> {
        self.has_header = false;
        let header = self.reader.header(&mut self.stream).await?;
        self.has_header = true;
        Ok(self.negotiation.header(&header, &random_text()))
    }

    async fn until_tls(&mut self) -> Result<(), ReadEnd> {
        let mut reply = self.header().await?;
        loop {
            self.stream.write_all(&reply.bytes).await?;
            match reply.then {
                Then::StartTls => return Ok(()),
                Then::Read => {
                    let element: Frame = self.reader.element(&mut self.stream).await?;
                    reply = self.negotiation.element(&element);
                }
                _ => return Err(ReadEnd::Said),
            }
        }
    }

    /// Tells the client about its mistake before the connection closes.
    async fn say_why<T>(&mut self, outcome: Result<T, ReadEnd>) -> Result<T, ReadEnd> {
        let mut bytes = Vec::new();
        match &outcome {
            Err(ReadEnd::Error(error)) => {
                if !self.has_header {
                    bytes = self.negotiation.own_header(None, &random_text());
                }
                bytes.extend_from_slice(&error.write());
            }
            Err(ReadEnd::Closed) if self.has_header => bytes.extend_from_slice(b"</stream:stream>"),
            Err(ReadEnd::Said) => {}
            _ => return outcome,
        }
        // The client may be gone already.
        let _ = self.stream.write_all(&bytes).await;
        let _ = self.stream.shutdown().await;
        outcome
    }
}

fn log_login(address: IpAddr, state: AccountState) {
    match state {
        AccountState::Live => tracing::info!(%address, "signed in"),
        AccountState::Unknown => tracing::info!(%address, "an account that is gone tried to sign in"),
        AccountState::Disabled => tracing::info!(%address, "a disabled account tried to sign in"),
    }
}

fn full_jid(account: &BareJid, resource: Option<String>) -> Result<FullJid, Condition> {
    let resource = resource.unwrap_or_else(random_text);
    account.with_resource_str(&resource).map_err(|_| Condition::BadRequest)
}

/// 144 bits that nobody can guess, as text without a comma.
pub(crate) fn random_text() -> String {
    let mut bytes = [0_u8; 18];
    if aws_lc_rs::rand::fill(&mut bytes).is_err() {
        // aws-lc never fails here: without randomness there is no TLS either.
        tracing::error!("the system gives no randomness");
    }
    URL_SAFE_NO_PAD.encode(bytes)
}
