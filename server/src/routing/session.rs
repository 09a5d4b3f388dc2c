//! One bound client: its address, its switches, its bounded outbox.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI16, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use jid::{BareJid, FullJid};
use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::held::Held;
use super::intake::{Intake, Kept};
pub use super::session_end::EndReason;
use super::session_end::SessionEnd;
use crate::storage::StoredId;

/// Identifies a session for as long as the process lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// What goes to a client.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// A complete first-level element.
    pub bytes: Bytes,
    /// A stanza, which counts for XEP-0198; otherwise a nonza.
    pub is_stanza: bool,
    /// Goes to somebody else or to the store when this client never takes it (chat messages).
    pub reroute: bool,
    /// The stored message this is ([`super::passage::Passage::stored`]). The connection tells
    /// [`super::stages::Observer::taken`] once the client has it: acknowledged by XEP-0198, or written to the
    /// socket of a client without XEP-0198. Goes back into the passage when the message is rerouted.
    pub stored: Option<StoredId>,
}

/// The session's outbox is full or closed; the session is being detached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the session takes nothing more")]
pub struct SessionGone;

/// A bound client. Cheap to clone; kept by routing, modules and the connection alike.
#[derive(Debug, Clone)]
pub struct Session(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    id: SessionId,
    jid: FullJid,
    bare: BareJid,
    outbox: mpsc::Sender<Outgoing>,
    switches: Switches,
    intake: Intake,
    presence: Mutex<Option<Bytes>>,
    held: Mutex<Held>,
    end: SessionEnd,
}

/// What a client has switched on. Each is written by the module named.
#[derive(Debug)]
pub struct Switches {
    /// XEP-0280 (`modules/carbons`).
    pub carbons: AtomicBool,
    /// XEP-0352: the client says that nobody looks (`modules/client_state`).
    pub inactive: AtomicBool,
    /// Has asked for its roster and gets pushes (`modules/roster`).
    pub roster: AtomicBool,
    /// Has asked for `urn:posthouse:org:1` and gets pushes (`modules/directory`).
    pub directory: AtomicBool,
    /// Has asked for its business systems and hears of their numbers (`modules/sign_on`).
    pub systems: AtomicBool,
    /// Has sent available presence (`modules/presence`).
    pub available: AtomicBool,
    /// Priority of the available presence, -128 to 127 (`modules/presence`).
    pub priority: AtomicI16,
}

impl Session {
    /// A session whose connection reads the other end of `outbox`.
    pub fn new(id: SessionId, jid: FullJid, outbox: mpsc::Sender<Outgoing>) -> Self {
        let bare = jid.to_bare();
        let switches = Switches {
            carbons: AtomicBool::new(false),
            inactive: AtomicBool::new(false),
            roster: AtomicBool::new(false),
            directory: AtomicBool::new(false),
            systems: AtomicBool::new(false),
            available: AtomicBool::new(false),
            priority: AtomicI16::new(0),
        };
        Self(Arc::new(Inner {
            id,
            jid,
            bare,
            outbox,
            switches,
            intake: Intake::default(),
            presence: Mutex::new(None),
            held: Mutex::default(),
            end: SessionEnd::default(),
        }))
    }

    /// Its id.
    pub fn id(&self) -> SessionId {
        self.0.id
    }

    /// Its full address.
    pub fn jid(&self) -> &FullJid {
        &self.0.jid
    }

    /// The account's address.
    pub fn bare(&self) -> &BareJid {
        &self.0.bare
    }

    /// What the client has switched on.
    pub fn switches(&self) -> &Switches {
        &self.0.switches
    }

    /// Wants messages sent to the bare address (RFC 6121 section 8.5.2): now, or once it has what waited.
    pub fn wants_messages(&self) -> bool {
        self.is_available() && self.priority() >= 0
    }

    /// Wants messages sent to the bare address and has what waited before.
    pub fn takes_messages(&self) -> bool {
        self.wants_messages() && self.intake_is_open()
    }

    /// Has what waited for it (`modules/offline`).
    pub fn intake_is_open(&self) -> bool {
        self.0.intake.is_open()
    }

    /// For `modules/offline`: the client has what waited, and takes from now on. What comes back has to be put
    /// first, and then this asked again. `newest` is the newest stored message.
    pub fn open_intake(&self, newest: impl FnOnce() -> StoredId) -> VecDeque<Outgoing> {
        self.0.intake.open(newest)
    }

    /// For `modules/offline`: the client takes nothing until it was given again what waits.
    pub fn close_intake(&self) {
        self.0.intake.close();
    }

    /// For `modules/offline`: messages that others took before the message `id` was stored, which comes next.
    pub fn take_kept_before(&self, id: StoredId) -> Vec<Outgoing> {
        self.0.intake.take_older_than(id)
    }

    /// Puts a message that is for all clients of the account: at once, or once this one has what waited. False
    /// when it takes nothing more.
    pub fn put_or_keep(&self, outgoing: Outgoing) -> bool {
        match self.0.intake.keep(outgoing) {
            Kept::Yes => true,
            Kept::IsFull => false,
            Kept::IsOpen(outgoing) => self.put(outgoing).is_ok(),
        }
    }

    /// Has sent available presence.
    pub fn is_available(&self) -> bool {
        self.switches().available.load(Ordering::Acquire)
    }

    /// Priority of its available presence.
    pub fn priority(&self) -> i16 {
        self.switches().priority.load(Ordering::Acquire)
    }

    /// Gets copies of what other resources send and receive (XEP-0280).
    pub fn has_carbons(&self) -> bool {
        self.switches().carbons.load(Ordering::Acquire)
    }

    /// Was receiving already when that message was sent to the account.
    pub fn was_receiving_at(&self, message: StoredId) -> bool {
        self.0.intake.was_open_at(message)
    }

    /// The last available presence broadcast by the client, with `from`.
    pub fn presence(&self) -> Option<Bytes> {
        self.0.presence.lock().clone()
    }

    /// Keeps the last available presence; `None` when unavailable.
    pub fn set_presence(&self, presence: Option<Bytes>) {
        *self.0.presence.lock() = presence;
    }

    /// Puts a stanza of the server itself into the outbox: IQ answers, pushes.
    ///
    /// # Errors
    /// The outbox is full or closed.
    pub fn send(&self, bytes: Bytes) -> Result<(), SessionGone> {
        self.put(Outgoing { bytes, is_stanza: true, reroute: false, stored: None })
    }

    /// Puts a stanza into the outbox that can wait while nobody looks at the client (XEP-0352): presence,
    /// typing, personal events. While the client is inactive the newest stanza of each `about` is held, to be
    /// sent by [`Session::release_held`].
    ///
    /// # Errors
    /// The outbox is full or closed.
    pub fn send_when_active(&self, about: &str, bytes: Bytes) -> Result<(), SessionGone> {
        if self.switches().inactive.load(Ordering::Acquire) {
            let overflow = self.0.held.lock().keep(about, bytes);
            return overflow.into_iter().try_for_each(|bytes| self.send(bytes));
        }
        self.send(bytes)
    }

    /// Sends what was held while the client was inactive: when it becomes active, and before a stanza that
    /// cannot wait.
    ///
    /// # Errors
    /// The outbox is full or closed.
    pub fn release_held(&self) -> Result<(), SessionGone> {
        let held = self.0.held.lock().take();
        held.into_iter().try_for_each(|bytes| self.send(bytes))
    }

    /// Puts anything into the outbox; never waits. A full outbox ends the session: what is in it goes
    /// elsewhere, and the client gets the rest when it has signed in again.
    ///
    /// # Errors
    /// The outbox is full or closed.
    pub fn put(&self, outgoing: Outgoing) -> Result<(), SessionGone> {
        self.0.outbox.try_send(outgoing).map_err(|refusal| {
            if matches!(refusal, mpsc::error::TrySendError::Full(_)) {
                self.end(EndReason::Overflow);
            }
            SessionGone
        })
    }

    /// Tells the connection to end the session; the first reason counts.
    pub fn end(&self, reason: EndReason) {
        self.0.end.decide(reason);
    }

    /// Why the server has ended the session, if it has.
    pub fn end_reason(&self) -> Option<EndReason> {
        self.0.end.reason()
    }

    /// Makes the connection look for news that do not come through the outbox.
    pub(crate) fn wake(&self) {
        self.0.end.wake();
    }

    /// Waits until the connection takes nothing more out of the outbox: the session is about to be over.
    pub async fn outbox_closed(&self) {
        self.0.outbox.closed().await;
    }

    /// Waits until the session is over and everybody has been told.
    pub(crate) async fn closed(&self) {
        self.0.end.finished().await;
    }

    /// For the connection: the session is over and everybody has been told.
    pub fn mark_closed(&self) {
        self.0.end.finish();
    }

    /// For the connection: ready once the session has to end.
    pub(crate) fn poll_end(&self, context: &Context<'_>) -> Poll<EndReason> {
        self.0.end.poll(context)
    }

    /// Stanzas in the outbox that the connection has not taken yet.
    pub fn waiting(&self) -> usize {
        self.0.outbox.max_capacity().saturating_sub(self.0.outbox.capacity())
    }

    /// Puts something into the outbox and waits for a free place: for long answers (stored messages,
    /// archive pages), never for messages of others.
    ///
    /// # Errors
    /// The outbox is closed.
    pub async fn put_when_free(&self, outgoing: Outgoing) -> Result<(), SessionGone> {
        self.0.outbox.send(outgoing).await.map_err(|_| SessionGone)
    }
}
