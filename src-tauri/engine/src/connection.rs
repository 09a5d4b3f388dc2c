//! The line between the engine and the server: it connects, signs in, keeps itself up and counts what the
//! server has acknowledged. One task owns the stream; everybody else holds a [`Line`].

mod address;
mod answers;
mod backoff;
mod connector;
mod dial;
mod environment;
mod fault;
mod ledger;
mod link;
mod login;
mod online;
mod probe;
mod resolve;
#[cfg(test)]
pub(crate) mod scenes;
mod scram;
mod session;
mod trust;
mod wake;
mod worker;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use jid::{FullJid, Jid};
use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use xmpp_parsers::iq::{Iq, IqGetPayload, IqHeader, IqSetPayload};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stanza::Stanza;
use xmpp_parsers::stanza_error::StanzaError;

pub(crate) use self::connector::Opened;
pub(crate) use self::environment::Environment;
pub(crate) use self::fault::Fault;
use self::fault::stream_fault;
pub(crate) use self::probe::Probe;
pub(crate) use self::resolve::{Beginning, Endpoint};
use self::worker::Worker;
use crate::error::{EngineError, EngineErrorCode};

/// SHA-256 of a certificate (DER), lower-case hexadecimal.
pub(crate) type Fingerprint = String;

/// Commands that may wait for the worker.
const COMMANDS: usize = 64;
/// Events that may wait for the session. When they are full, the line stops reading.
const EVENTS: usize = 1_024;
/// How long [`Line::close`] may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// Where to sign in, and as whom.
#[derive(Clone)]
pub(crate) struct Target {
    /// Address, host name or domain as typed, with or without a port.
    pub(crate) server: String,
    /// ID or bare address as typed.
    pub(crate) login: String,
    /// The password.
    pub(crate) password: String,
    /// Certificate authorities (or lone certificates) accepted for this server. When there are any, only they
    /// are accepted; when there are none, those of the operating system are.
    pub(crate) trusted: Vec<Fingerprint>,
    /// The server has bound a login to its connection before, and has to do so again.
    pub(crate) must_bind: bool,
}

impl fmt::Debug for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Target")
            .field("server", &self.server)
            .field("login", &self.login)
            .field("trusted", &self.trusted)
            .field("must_bind", &self.must_bind)
            .finish_non_exhaustive()
    }
}

/// What the line tells, in order.
#[derive(Debug)]
pub(crate) enum LineEvent {
    /// It tries to connect.
    Connecting,
    /// It is signed in.
    Online {
        /// The address the server has given this client.
        address: FullJid,
        /// The session before was resumed (XEP-0198): nothing was lost on the way.
        resumed: bool,
    },
    /// A message, presence or request from outside. Answers to [`Line::ask`] do not appear here.
    Stanza(Box<Stanza>),
    /// It could not connect, or the connection broke; it will try again.
    Waiting {
        /// When.
        retry_in: Duration,
        /// Why.
        reason: EngineErrorCode,
        /// A fact for the log.
        detail: String,
    },
    /// It is over: wrong password, untrusted certificate, replaced by another client. Nothing follows.
    Stopped {
        /// Why.
        error: EngineError,
    },
}

/// What is asked with [`Line::ask`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum IqPayload {
    /// `type='get'`
    Get(Element),
    /// `type='set'`
    Set(Element),
}

impl IqPayload {
    /// A question.
    pub(crate) fn get(payload: impl IqGetPayload) -> Self {
        Self::Get(payload.into())
    }

    /// A wish.
    pub(crate) fn set(payload: impl IqSetPayload) -> Self {
        Self::Set(payload.into())
    }
}

/// Why [`Line::ask`] has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum AskError {
    /// The other side refuses.
    #[error("refused: {:?}", .0.defined_condition)]
    Refused(Box<StanzaError>),
    /// The line broke before the answer came. Whether the request was carried out is not known.
    #[error("the line broke")]
    Lost,
    /// No answer in time.
    #[error("no answer in time")]
    TimedOut,
}

/// What becomes of a stanza that was sent.
#[derive(Debug)]
pub(crate) struct Delivery(oneshot::Receiver<bool>);

impl Delivery {
    /// True: the server has it, durably. False: it was lost with the line, or may have been: send it again.
    pub(crate) async fn acknowledged(self) -> bool {
        self.0.await.unwrap_or(false)
    }
}

/// What the worker is told.
#[derive(Debug)]
enum Command {
    /// On that stream only, if one is named.
    Send {
        stanza: Box<Stanza>,
        stream: Option<u64>,
        delivery: oneshot::Sender<bool>,
    },
    Ask {
        request: Box<Iq>,
        answer: Answer,
    },
    Close {
        done: oneshot::Sender<()>,
    },
}

type Answer = oneshot::Sender<Result<Option<Element>, AskError>>;

/// A handle of the line; clones are the same line. The line ends with the last of them.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    commands: mpsc::Sender<Command>,
    shared: Arc<Shared>,
    patience: Duration,
}

/// What the handles and the worker share.
#[derive(Debug)]
struct Shared {
    is_online: AtomicBool,
    /// Counts streams that began anew, without resumption.
    stream: AtomicU64,
    reconnect: Notify,
    /// Ids of requests: never the same twice on one line.
    requests: AtomicU64,
    prefix: String,
    /// Id of the line's own pings.
    ping: String,
    /// What the next login proves; the person may have changed it since the line was opened.
    password: Mutex<String>,
    /// The server has bound a login to its connection.
    has_bound: watch::Sender<bool>,
}

impl Line {
    /// Starts the line. It connects at once, and again whenever it must.
    pub(crate) fn open(target: Target, environment: Arc<Environment>) -> (Self, mpsc::Receiver<LineEvent>) {
        let (commands, orders) = mpsc::channel(COMMANDS);
        let (events, told) = mpsc::channel(EVENTS);
        let prefix = environment.random.text(6);
        let shared = Arc::new(Shared {
            is_online: AtomicBool::new(false),
            stream: AtomicU64::new(0),
            reconnect: Notify::new(),
            requests: AtomicU64::new(0),
            ping: format!("{prefix}-ping"),
            prefix,
            password: Mutex::new(target.password.clone()),
            has_bound: watch::Sender::new(target.must_bind),
        });
        let patience = environment.patience.answer;
        tokio::spawn(Worker::new(target, environment, Arc::clone(&shared), orders, events).run());
        (Self { commands, shared, patience }, told)
    }

    /// Whether the server has bound a login to its connection, now or before.
    pub(crate) fn has_bound(&self) -> bool {
        *self.shared.has_bound.borrow()
    }

    /// Waits for [`Line::has_bound`].
    pub(crate) async fn bound(&self) {
        let mut has_bound = self.shared.has_bound.subscribe();
        // The other end is in this line.
        let _ = has_bound.wait_for(|has_bound| *has_bound).await;
    }

    /// Whether this is the password of the line.
    pub(crate) fn has_password(&self, password: &str) -> bool {
        *self.shared.password.lock() == password
    }

    /// The password has been changed: the next login proves this one.
    pub(crate) fn password_changed(&self, password: &str) {
        password.clone_into(&mut self.shared.password.lock());
    }

    /// The stream that began last; it goes on when it is resumed.
    pub(crate) fn stream(&self) -> u64 {
        self.shared.stream.load(Ordering::Acquire)
    }

    /// Sends a message, presence or answer. The order of calls is kept.
    ///
    /// # Errors
    /// `ConnectionLost` at once when the line is not online; `BadInput` when the text has characters that XML
    /// cannot carry.
    pub(crate) async fn send(&self, stanza: impl Into<Stanza>) -> Result<Delivery, EngineError> {
        self.send_somewhere(stanza.into(), None).await
    }

    /// Like [`Line::send`], but on that stream or not at all: what has to follow a login may not overtake it.
    ///
    /// # Errors
    /// Those of [`Line::send`]; `ConnectionLost` as well when another stream has begun.
    pub(crate) async fn send_on(
        &self,
        stream: u64,
        stanza: impl Into<Stanza>,
    ) -> Result<Delivery, EngineError> {
        if self.stream() != stream {
            return Err(EngineError::new(EngineErrorCode::ConnectionLost, String::new()));
        }
        self.send_somewhere(stanza.into(), Some(stream)).await
    }

    async fn send_somewhere(&self, stanza: Stanza, stream: Option<u64>) -> Result<Delivery, EngineError> {
        // Half a stanza on the stream would end it, and with it everything else under way.
        xso::to_vec(&stanza)
            .map_err(|error| EngineError::new(EngineErrorCode::BadInput, error.to_string()))?;
        let (delivery, outcome) = oneshot::channel();
        self.command(Command::Send { stanza: Box::new(stanza), stream, delivery }).await?;
        Ok(Delivery(outcome))
    }

    /// Asks `to` (`None`: the own account on the server) and waits for the answer. Do not call it in the loop
    /// that takes the line's events: the answer may stand behind them.
    ///
    /// # Errors
    /// See [`AskError`].
    pub(crate) async fn ask(
        &self,
        to: Option<Jid>,
        payload: impl Into<IqPayload>,
    ) -> Result<Option<Element>, AskError> {
        let header = IqHeader { from: None, to, id: self.new_id() };
        let request = Box::new(match payload.into() {
            IqPayload::Get(payload) => header.assemble(xmpp_parsers::iq::IqPayload::Get(payload)),
            IqPayload::Set(payload) => header.assemble(xmpp_parsers::iq::IqPayload::Set(payload)),
        });
        let (answer, outcome) = oneshot::channel();
        let asking = async {
            self.command(Command::Ask { request, answer }).await.map_err(|_| AskError::Lost)?;
            outcome.await.unwrap_or(Err(AskError::Lost))
        };
        tokio::time::timeout(self.patience, asking).await.unwrap_or(Err(AskError::TimedOut))
    }

    /// An id for a request that is sent with [`Line::send`]: its answer comes as an event, in its order among the
    /// others.
    pub(crate) fn new_id(&self) -> String {
        let number = self.shared.requests.fetch_add(1, Ordering::Relaxed);
        format!("{}-{number}", self.shared.prefix)
    }

    /// Tries at once instead of waiting; a line that is online makes sure that it is.
    pub(crate) fn reconnect_now(&self) {
        self.shared.reconnect.notify_one();
    }

    /// Ends the stream politely; takes two seconds at most.
    pub(crate) async fn close(self) {
        let (done, closed) = oneshot::channel();
        let closing = async {
            if self.commands.send(Command::Close { done }).await.is_ok() {
                let _ = closed.await;
            }
        };
        let _ = tokio::time::timeout(GOODBYE, closing).await;
    }

    async fn command(&self, command: Command) -> Result<(), EngineError> {
        let lost = || EngineError::new(EngineErrorCode::ConnectionLost, String::new());
        if !self.shared.is_online.load(Ordering::Acquire) {
            return Err(lost());
        }
        self.commands.send(command).await.map_err(|_| lost())
    }
}
