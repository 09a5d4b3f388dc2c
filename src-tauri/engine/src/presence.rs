//! Who is there: the person's own presence, and that of the departments and people on the screen
//! (`urn:posthouse:presence:1`, see `docs/org-directory.md`).

mod board;
mod own;

use std::sync::Arc;
use std::time::Duration;

use jid::{BareJid, DomainPart, Jid};
use parking_lot::Mutex;
use posthouse_protocol::presence::State;
use tokio::sync::Notify;
use tokio::time::Instant;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::stanza::Stanza;

use self::board::{Board, News};
use self::own::Own;
use crate::connection::Line;
use crate::error::EngineError;
use crate::events::{EngineEvent, Events};
use crate::model::{Availability, PersonPresence};

/// Time between two messages about what is on the screen: whoever scrolls sends few.
const PACE: Duration = Duration::from_millis(150);

/// Presence of one account.
#[derive(Debug)]
pub(crate) struct PresenceWatch {
    line: Line,
    events: Events,
    /// The server.
    domain: Jid,
    inner: Mutex<Inner>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    board: Board,
    own: Own,
    /// There is a session in which presence has been sent. Sent before the directory is there, it would bring
    /// stored messages from people who are not known yet.
    is_online: bool,
    /// The server does not know yet what the person has chosen.
    is_own_due: bool,
    /// The server does not know yet what the window looks at.
    is_due: bool,
    /// The question that the server's next answer belongs to.
    question: Option<String>,
}

impl PresenceWatch {
    pub(crate) fn new(line: Line, events: Events, domain: DomainPart) -> Self {
        let domain = BareJid::from_parts(None, &domain).into();
        Self { line, events, domain, inner: Mutex::default(), wake: Notify::new() }
    }

    /// After a login: the person is available, and the server is told again what the window looks at.
    ///
    /// # Errors
    /// `ConnectionLost`.
    pub(crate) async fn online(&self) -> Result<(), EngineError> {
        let own = self.inner.lock().own.clone();
        self.line.send(own.stanza()).await?;
        let mut inner = self.inner.lock();
        inner.is_online = true;
        inner.is_own_due = inner.own != own;
        // A new session watches nothing.
        inner.is_due = !inner.board.is_empty();
        drop(inner);
        self.wake.notify_one();
        Ok(())
    }

    /// The session goes on after a break: the server still knows everything, but the window has been told that
    /// nobody is there.
    pub(crate) fn resumed(&self) {
        self.inner.lock().is_due = true;
        self.wake.notify_one();
    }

    /// The line is broken: nobody is there as far as this client knows.
    pub(crate) fn broken(&self) {
        let mut inner = self.inner.lock();
        inner.question = None;
        self.tell(inner.board.broken());
    }

    /// The session is over; the next login starts with its own presence.
    pub(crate) fn ended(&self) {
        self.inner.lock().is_online = false;
    }

    /// The server has sent a change.
    pub(crate) fn pushed(&self, state: State) {
        let mut inner = self.inner.lock();
        self.tell(inner.board.pushed(state));
    }

    /// An answer has come. It is taken from the line's events and not waited for, because what it says is newer
    /// than all pushes before it and older than all behind it.
    pub(crate) fn answered(&self, iq: Iq) {
        let mut inner = self.inner.lock();
        let is_ours = inner.question.as_deref() == Some(iq.id());
        let is_from_server = iq.from().is_none_or(|from| *from == self.domain);
        if !is_ours || !is_from_server {
            return;
        }
        inner.question = None;
        match iq {
            Iq::Result { payload: Some(payload), .. } => match State::try_from(payload) {
                Ok(state) => self.tell(inner.board.answered(state)),
                Err(error) => tracing::warn!(%error, "presence cannot be read"),
            },
            Iq::Error { error, .. } => {
                tracing::warn!(condition = ?error.defined_condition, "presence cannot be watched");
            }
            Iq::Result { .. } | Iq::Get { .. } | Iq::Set { .. } => {}
        }
    }

    /// The departments and people on the screen; replaces those before.
    pub(crate) fn watch(&self, departments: Vec<String>, people: &[String]) {
        let people = people.iter().filter_map(|person| BareJid::new(person).ok()).collect();
        let mut inner = self.inner.lock();
        if inner.board.look(departments, people) {
            inner.is_due = true;
            // The answer under way is about something else.
            inner.question = None;
            drop(inner);
            self.wake.notify_one();
        }
    }

    /// The person's own presence. Without a line it is sent after the next login.
    ///
    /// # Errors
    /// `BadInput`.
    pub(crate) fn set_own(
        &self,
        availability: Availability,
        status: Option<String>,
    ) -> Result<(), EngineError> {
        let own = Own::read(availability, status)?;
        let mut inner = self.inner.lock();
        inner.is_own_due = true;
        inner.own = own;
        drop(inner);
        self.wake.notify_one();
        Ok(())
    }

    /// What a person does now, as far as it is watched.
    pub(crate) fn presence_of(&self, person: &BareJid) -> PersonPresence {
        self.inner.lock().board.presence_of(person)
    }

    /// Tells the server what the person has chosen and what the window looks at; runs as long as the session.
    pub(crate) async fn run(self: Arc<Self>) {
        loop {
            self.wake.notified().await;
            let sent = Instant::now();
            for stanza in self.due() {
                if let Err(error) = self.line.send(stanza).await {
                    // The next login tells it anyhow.
                    tracing::debug!(%error, "the server does not hear about presence");
                }
            }
            tokio::time::sleep_until(sent + PACE).await;
        }
    }

    /// What is to be sent now.
    fn due(&self) -> Vec<Stanza> {
        let mut inner = self.inner.lock();
        let mut due = Vec::new();
        if !inner.is_online {
            return due;
        }
        if std::mem::take(&mut inner.is_own_due) {
            due.push(inner.own.stanza().into());
        }
        if std::mem::take(&mut inner.is_due) {
            let id = self.line.new_id();
            inner.question = Some(id.clone());
            let mut question = Iq::from_set(id, inner.board.watch());
            *question.to_mut() = Some(self.domain.clone());
            due.push(question.into());
        }
        due
    }

    fn tell(&self, news: News) {
        if !news.is_empty() {
            let News { people, counts } = news;
            self.events.tell(EngineEvent::PresenceChanged { people, counts });
        }
    }
}
