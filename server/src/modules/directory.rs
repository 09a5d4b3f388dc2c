//! Answers `urn:posthouse:org:1` and pushes what changes: one small stanza for who is up to date, pages that
//! are built once and shared for who is not (docs/org-directory.md).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use posthouse_protocol::organization::{Entries, NAMESPACE, Query};
use posthouse_protocol::wire::escape;
use tokio::sync::Notify;

use crate::organization::directory::{Directory, Seen};
use crate::organization::visibility::View;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::session::{Session, SessionId};
use crate::routing::stages::{IqHandler, Observer, Observers};
use crate::routing::stanza_error::{Condition, StanzaError};
use pages::{Answer, Pages, Token};

mod pages;

/// A change with more entries is not sent unasked.
const PUSHED_ENTRIES: usize = 50;

/// Changes within this time go out together.
const COALESCE: Duration = Duration::from_millis(300);

/// The directory service.
#[derive(Debug)]
pub struct DirectoryService {
    domain: String,
    directory: Arc<Directory>,
    observers: Arc<Observers>,
    pages: Pages,
    readers: Mutex<HashMap<SessionId, Reader>>,
    behind: Notify,
}

/// A session that has asked for the directory.
#[derive(Debug)]
struct Reader {
    session: Session,
    view: Arc<View>,
    /// What the client has; `None` while it is reading pages.
    version: Option<u64>,
}

impl DirectoryService {
    /// The service of `domain`.
    pub fn new(domain: &str, directory: Arc<Directory>, observers: Arc<Observers>) -> Self {
        Self {
            domain: domain.to_owned(),
            pages: Pages::new(Arc::clone(&directory)),
            directory,
            observers,
            readers: Mutex::default(),
            behind: Notify::new(),
        }
    }

    /// Pushes changes until the returned future is dropped.
    pub async fn run(self: Arc<Self>) {
        let mut changes = self.directory.changes();
        loop {
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                () = self.behind.notified() => {}
            }
            tokio::time::sleep(COALESCE).await;
            changes.mark_unchanged();
            self.push();
        }
    }

    /// Sends every reader what it lacks.
    fn push(&self) {
        let now = self.directory.version();
        let mut made: HashMap<(Arc<str>, u64), Push> = HashMap::new();
        for reader in self.readers.lock().values_mut() {
            let Some(version) = reader.version else { continue };
            let view = self.directory.view_of(reader.session.bare());
            let is_same_view = view.id() == reader.view.id();
            if version == now && is_same_view {
                continue;
            }
            let push = if is_same_view {
                let key = (Arc::clone(view.id()), version);
                made.entry(key).or_insert_with(|| self.make_push(&view, version)).clone()
            } else {
                self.fetch_push(&view, version)
            };
            reader.view = view;
            reader.version = push.version;
            if reader.session.send(push.bytes).is_err() {
                reader.version = None;
            }
        }
    }

    fn make_push(&self, view: &View, since: u64) -> Push {
        let Some(seen) = self.directory.changes_since(view, since) else {
            return self.fetch_push(view, since);
        };
        let count = seen.departments.len().saturating_add(seen.people.len()).saturating_add(seen.gone.len());
        if count > PUSHED_ENTRIES {
            return self.fetch_push(view, since);
        }
        let version = seen.version;
        let entries = entries_of(seen, Some(since), view);
        Push { bytes: self.headline(&entries), version: Some(version) }
    }

    fn fetch_push(&self, view: &View, since: u64) -> Push {
        let entries = Entries {
            version: self.directory.version(),
            since: Some(since),
            view: view.id().to_string(),
            fetch: true,
            ..Entries::default()
        };
        Push { bytes: self.headline(&entries), version: None }
    }

    fn headline(&self, entries: &Entries) -> Bytes {
        let mut message = format!("<message type='headline' from='{}'>", escape(&self.domain)).into_bytes();
        match xso::to_vec(entries) {
            Ok(payload) => message.extend(payload),
            Err(error) => tracing::error!(%error, "a directory push cannot be written"),
        }
        message.extend(b"</message>");
        message.into()
    }

    /// The page that the query asks for: of the pages that are kept, or the first one of a new answer.
    async fn page(&self, query: &Query, view: &Arc<View>) -> Option<(Arc<Answer>, usize)> {
        let token = query.after.as_deref().and_then(Token::read);
        if let Some((token, page)) = token
            && let Some(answer) = self.pages.kept(view, token)
            && answer.pages.len() > page
        {
            return Some((answer, page));
        }
        let since = query.version.filter(|_| query.view.as_deref() == Some(view.id().as_ref()));
        let answer = self.pages.answer(view, since, query.max).await?;
        Some((answer, 0))
    }

    fn note_reader(&self, session: &Session, view: &Arc<View>, version: Option<u64>) {
        let reader = Reader { session: session.clone(), view: Arc::clone(view), version };
        self.readers.lock().insert(session.id(), reader);
        if version.is_some_and(|version| version != self.directory.version()) {
            self.behind.notify_one();
        }
    }
}

/// A push that is ready to go, and what the client has after it.
#[derive(Debug, Clone)]
struct Push {
    bytes: Bytes,
    version: Option<u64>,
}

fn entries_of(seen: Seen, since: Option<u64>, view: &View) -> Entries {
    Entries {
        version: seen.version,
        since,
        view: view.id().to_string(),
        departments: seen.departments,
        people: seen.people.into_iter().map(Arc::unwrap_or_clone).collect(),
        gone: seen.gone,
        ..Entries::default()
    }
}

#[async_trait]
impl IqHandler for DirectoryService {
    fn namespaces(&self) -> &'static [&'static str] {
        &[NAMESPACE]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        let Some(session) = request.session else {
            return Err(StanzaError::new(Condition::Forbidden));
        };
        if request.is_set {
            return Err(StanzaError::new(Condition::NotAllowed));
        }
        if *request.target != IqTarget::Server {
            return Err(StanzaError::new(Condition::ServiceUnavailable));
        }
        let query: Query = request.parse()?;
        session.switches().directory.store(true, std::sync::atomic::Ordering::Release);
        let view = self.directory.view_of(session.bare());
        self.note_reader(session, &view, None);
        let Some((answer, page)) = self.page(&query, &view).await else {
            return Err(StanzaError::new(Condition::InternalServerError));
        };
        let Some(payload) = answer.pages.get(page) else {
            return Err(StanzaError::new(Condition::ItemNotFound));
        };
        let id = request.frame.id().unwrap_or_default();
        let mut iq = Vec::with_capacity(payload.len().saturating_add(200));
        iq.extend(
            format!(
                "<iq type='result' id='{}' from='{}' to='{}'>",
                escape(&id),
                escape(&self.domain),
                escape(session.jid().as_str())
            )
            .into_bytes(),
        );
        iq.extend(payload);
        iq.extend(b"</iq>");
        // The answer goes into the outbox here, so that what is told afterwards comes behind it.
        if session.send(iq.into()).is_ok() && page.saturating_add(1) == answer.pages.len() {
            self.note_reader(session, &view, Some(answer.version));
            for observer in self.observers.all() {
                observer.directory_sent(session).await;
            }
        }
        Ok(IqAnswer::Answered)
    }
}

#[async_trait]
impl Observer for DirectoryService {
    async fn session_closed(&self, session: &Session) {
        self.readers.lock().remove(&session.id());
    }
}

#[cfg(test)]
mod tests;
