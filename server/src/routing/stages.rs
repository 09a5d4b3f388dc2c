//! The five kinds of step that features are made of. No other hooks exist.

use async_trait::async_trait;
use jid::BareJid;
use posthouse_protocol::wire::Frame;

use super::iq::{IqAnswer, IqRequest};
use super::passage::Passage;
use super::session::Session;
use super::stanza_error::StanzaError;
use crate::storage::StoredId;
use crate::storage::avatar::Avatar;

/// A step failed for a reason of ours; the sender gets `internal-server-error`, the log the cause.
#[derive(Debug, thiserror::Error)]
#[error("{step}: {cause}")]
pub struct StepError {
    /// Which step.
    pub step: &'static str,
    /// Why.
    #[source]
    pub cause: Box<dyn std::error::Error + Send + Sync>,
}

impl StepError {
    /// For `map_err`.
    pub fn of<E: Into<Box<dyn std::error::Error + Send + Sync>>>(step: &'static str) -> impl Fn(E) -> Self {
        move |cause| Self { step, cause: cause.into() }
    }
}

/// What an accepting step decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accept {
    /// Go on.
    Continue,
    /// Stop; the sender gets this error.
    Reject(StanzaError),
    /// Stop; the step has done all there is to do.
    Taken,
}

/// Before routing: may annotate, change, refuse or take a stanza of a client.
#[async_trait]
pub trait AcceptStep: Send + Sync {
    /// Whether the stanza is any of the step's business; if not, the step is passed over. Quick: asked for
    /// every stanza.
    fn concerns(&self, passage: &Passage) -> bool {
        let _ = passage;
        true
    }

    /// Looks at the stanza.
    ///
    /// # Errors
    /// A defect or failure of ours; nothing of the stanza may be half done.
    async fn accept(&self, passage: &mut Passage) -> Result<Accept, StepError>;
}

/// What a delivering step decides.
#[derive(Debug, Clone)]
pub enum Deliver {
    /// Send as it is.
    Send,
    /// Send this instead.
    Instead(Frame),
    /// The step keeps it and sends it later.
    Held,
    /// Not to this session.
    Drop,
}

/// Before a copy goes to one session.
pub trait DeliverStep: Send + Sync {
    /// Looks at the copy.
    fn deliver(&self, passage: &Passage, frame: &Frame, session: &Session) -> Deliver;
}

/// What an undelivered step decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undelivered {
    /// Not mine.
    Pass,
    /// Taken care of: `phone` or `stored`, for the log.
    Taken(&'static str),
    /// The sender gets this error.
    Refuse(StanzaError),
}

/// When no session took the stanza.
#[async_trait]
pub trait UndeliveredStep: Send + Sync {
    /// May take the stanza.
    ///
    /// # Errors
    /// A defect or failure of ours.
    async fn take(&self, passage: &mut Passage) -> Result<Undelivered, StepError>;
}

/// Owner of IQ namespaces; two owners of one namespace refuse to start.
#[async_trait]
pub trait IqHandler: Send + Sync {
    /// Namespaces of the payloads it answers.
    fn namespaces(&self) -> &'static [&'static str];

    /// Answers a get or set that is addressed to the server, to the sender's own account, or to the bare
    /// address of another account; [`IqRequest::target`] says which.
    ///
    /// # Errors
    /// The error to answer with.
    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError>;
}

/// Told after the fact; cannot change anything.
#[async_trait]
pub trait Observer: Send + Sync {
    /// A client has bound a resource.
    async fn session_opened(&self, session: &Session) {
        let _ = session;
    }

    /// A client has sent available presence and was not available before; others can see it from now on.
    /// Told by `modules/presence`.
    async fn session_available(&self, session: &Session) {
        let _ = session;
    }

    /// The client has what comes first, the directory or roster and presence: stored messages may follow.
    /// Told by `modules/login_greeting`, once each time the client becomes available.
    async fn session_ready(&self, session: &Session) {
        let _ = session;
    }

    /// The whole answer about the directory is in the client's outbox. Told by `modules/directory`.
    async fn directory_sent(&self, session: &Session) {
        let _ = session;
    }

    /// The client's presence has changed, or it is no longer available; must be quick. Told by
    /// `modules/presence`.
    fn presence_changed(&self, session: &Session) {
        let _ = session;
    }

    /// The account has blocked the other one, or does no longer; must be quick. Told by `modules/blocklist`.
    fn blocking_changed(&self, account: &BareJid, other: &BareJid) {
        let _ = (account, other);
    }

    /// Somebody has set or, with `None`, removed the own picture in the card. Told by `modules/vcard`.
    async fn picture_set(&self, account: &BareJid, picture: Option<&Avatar>) {
        let _ = (account, picture);
    }

    /// The client's features are known (XEP-0115), see [`super::capabilities::Capabilities`]. Told by
    /// `modules/entity_caps`.
    async fn capabilities_known(&self, session: &Session) {
        let _ = session;
    }

    /// Whether [`Observer::taken`] does anything; it is called only then, since it is told of every message.
    fn follows_deliveries(&self) -> bool {
        false
    }

    /// The client of `session` has these stored messages: acknowledged by XEP-0198, or written to the socket
    /// of a client without it. Called by the connection, many at once when possible; must be quick.
    fn taken(&self, session: &Session, stored: &[StoredId]) {
        let _ = (session, stored);
    }

    /// The client says that somebody looks (XEP-0352 `<active/>`); `Switches::inactive` is false already.
    fn session_active(&self, session: &Session) {
        let _ = session;
    }

    /// A client's session is over: closed, replaced, or not resumed in time; it is in no table any more and
    /// what it never took has been rerouted.
    async fn session_closed(&self, session: &Session) {
        let _ = session;
    }
}

/// The observers, for those steps that have something to tell; `modules/pipeline.rs` fills it once all exist.
#[derive(Default)]
pub struct Observers(std::sync::OnceLock<Vec<std::sync::Arc<dyn Observer>>>);

impl std::fmt::Debug for Observers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Observers").field(&self.all().len()).finish()
    }
}

impl Observers {
    /// Fills the list; only the first call counts.
    pub fn fill(&self, observers: Vec<std::sync::Arc<dyn Observer>>) {
        if self.0.set(observers).is_err() {
            tracing::error!("the observers are filled twice");
        }
    }

    /// All observers, in order.
    pub fn all(&self) -> &[std::sync::Arc<dyn Observer>] {
        self.0.get().map(Vec::as_slice).unwrap_or_default()
    }
}
