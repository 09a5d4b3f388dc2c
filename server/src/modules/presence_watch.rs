//! Answers `urn:posthouse:presence:1`: each session is told about the people and departments on its screen,
//! at most four times a second, whatever happens elsewhere (docs/org-directory.md).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jid::BareJid;
use parking_lot::Mutex;
use posthouse_protocol::error_code::{self, ErrorCode};
use posthouse_protocol::presence::{
    Availability, NAMESPACE, PersonState, State, WATCHED_DEPARTMENTS, WATCHED_PEOPLE, Watch,
};
use posthouse_protocol::wire::{Frame, escape};
use tokio::sync::Notify;

use crate::organization::directory::Directory;
use crate::routing::accounts::Blocking;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::session::{Session, SessionId};
use crate::routing::sessions::Sessions;
use crate::routing::stages::{IqHandler, Observer};
use crate::routing::stanza_error::{Condition, StanzaError};
use board::{Board, Watcher};

mod board;

/// Changes within this time go out together.
const COALESCE: Duration = Duration::from_millis(250);

/// The presence service.
#[derive(Debug)]
pub struct PresenceWatch {
    domain: String,
    directory: Arc<Directory>,
    sessions: Arc<Sessions>,
    board: Mutex<Board>,
    changed: Notify,
}

/// Availability and status text of a person.
type Standing = (Availability, Arc<str>);

impl PresenceWatch {
    /// The service of `domain`.
    pub fn new(
        domain: &str,
        directory: Arc<Directory>,
        sessions: Arc<Sessions>,
        blocking: Arc<dyn Blocking>,
    ) -> Self {
        Self {
            domain: domain.to_owned(),
            board: Mutex::new(Board::new(Arc::clone(&directory), blocking)),
            directory,
            sessions,
            changed: Notify::new(),
        }
    }

    /// Pushes changes until the returned future is dropped.
    pub async fn run(self: Arc<Self>) {
        let mut versions = self.directory.changes();
        loop {
            tokio::select! {
                () = self.changed.notified() => {}
                changed = versions.changed() => {
                    if changed.is_err() { return }
                    self.board.lock().recount();
                }
            }
            tokio::time::sleep(COALESCE).await;
            self.flush();
        }
    }

    /// Sends each watcher what has changed on its screen. Watchers with the same news share the bytes.
    fn flush(&self) {
        let news = self.board.lock().take_news();
        let mut written: HashMap<board::News, Bytes> = HashMap::new();
        for (session, news) in news {
            // Who does not look gets everything again when active: differences must not pile up.
            if session.switches().inactive.load(Ordering::Acquire) {
                continue;
            }
            let bytes = written.entry(news).or_insert_with_key(|news| self.headline(&news.state())).clone();
            if session.send(bytes).is_err() {
                tracing::debug!(session = session.id().0, "a watcher takes nothing more");
            }
        }
    }

    fn headline(&self, state: &State) -> Bytes {
        let mut message = format!("<message type='headline' from='{}'>", escape(&self.domain)).into_bytes();
        match xso::to_vec(state) {
            Ok(payload) => message.extend(payload),
            Err(error) => tracing::error!(%error, "a presence push cannot be written"),
        }
        message.extend(b"</message>");
        message.into()
    }

    /// The most available of the account's clients.
    fn standing(&self, account: &BareJid) -> Standing {
        let resources = self.sessions.of(account);
        let presences = resources.iter().filter_map(Session::presence);
        presences
            .filter_map(|bytes| Frame::parse(bytes).ok())
            .map(|frame| standing_of(&frame))
            .min_by_key(|(availability, _)| *availability)
            .unwrap_or_else(|| (Availability::Offline, "".into()))
    }

    fn watch(&self, session: &Session, watch: Watch) -> Result<State, StanzaError> {
        if watch.departments.len() > WATCHED_DEPARTMENTS || watch.people.len() > WATCHED_PEOPLE {
            return Err(StanzaError::new(Condition::PolicyViolation)
                .with_application(ErrorCode::TooMuchWatched.name(), error_code::NAMESPACE));
        }
        let view = self.directory.view_of(session.bare());
        let people: HashSet<BareJid> = watch
            .people
            .into_iter()
            .map(|person| person.jid)
            .filter(|jid| self.directory.may_see(session.bare(), jid))
            .collect();
        let departments: HashSet<Arc<str>> =
            watch.departments.into_iter().map(|department| department.id.into()).collect();
        let watcher = Watcher { session: session.clone(), view, people, departments };
        let mut board = self.board.lock();
        let state = board.state_for(&watcher);
        board.put(watcher);
        Ok(state)
    }
}

fn standing_of(frame: &Frame) -> Standing {
    let show = frame.child("show", "jabber:client").map(|show| show.text());
    let status = frame.child("status", "jabber:client").map(|status| status.text());
    let availability = show.map(|word| Availability::of_word(word.trim())).unwrap_or_default();
    (availability, status.unwrap_or_default().chars().take(200).collect::<String>().into())
}

fn person_state(jid: &BareJid, standing: &Standing) -> PersonState {
    PersonState { jid: jid.clone(), availability: standing.0, status: standing.1.to_string() }
}

#[async_trait]
impl IqHandler for PresenceWatch {
    fn namespaces(&self) -> &'static [&'static str] {
        &[NAMESPACE]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        let Some(session) = request.session else {
            return Err(StanzaError::new(Condition::Forbidden));
        };
        if *request.target != IqTarget::Server {
            return Err(StanzaError::new(Condition::ServiceUnavailable));
        }
        if !request.is_set {
            return Err(StanzaError::new(Condition::NotAllowed));
        }
        let state = self.watch(session, request.parse()?)?;
        IqAnswer::of(&state)
    }
}

#[async_trait]
impl Observer for PresenceWatch {
    fn presence_changed(&self, session: &Session) {
        let standing = self.standing(session.bare());
        if self.board.lock().set(session.bare(), standing) {
            self.changed.notify_one();
        }
    }

    fn blocking_changed(&self, account: &BareJid, other: &BareJid) {
        if self.board.lock().blocking_changed(account, other) {
            self.changed.notify_one();
        }
    }

    fn session_active(&self, session: &Session) {
        let state = self.board.lock().state_of(session.id());
        if let Some(state) = state
            && session.send(self.headline(&state)).is_err()
        {
            tracing::debug!(session = session.id().0, "a watcher takes nothing more");
        }
    }

    async fn session_closed(&self, session: &Session) {
        self.board.lock().remove(session.id());
    }
}

/// Names a watcher.
type WatcherId = SessionId;

#[cfg(test)]
mod tests;
