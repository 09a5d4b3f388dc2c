//! Runs a query beside the connection that asked, and sends its results when the client has room for them.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use jid::BareJid;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::answer;
use super::request::Query;
use super::{Archive, QUERIES_OF_SESSION, failed};
use crate::routing::iq::{IqAnswer, IqRequest};
use crate::routing::session::{Outgoing, Session, SessionGone, SessionId};
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::StorageError;
use crate::storage::archive::{ArchiveAnswer, ArchivePage};
use crate::storage::messages::MessageStore;

impl Archive {
    /// Reads the query and leaves the rest to a task; the task ends with the session's outbox at the latest.
    pub(super) fn start_query(
        &self,
        session: &Session,
        request: &IqRequest<'_>,
    ) -> Result<IqAnswer, StanzaError> {
        let query = Query::read(&request.payload, session.bare())?;
        let place = QueryPlace::take(Arc::clone(&self.open_queries), session.id())?;
        let running = Running {
            store: Arc::clone(&self.store),
            readers: Arc::clone(&self.readers),
            session: session.clone(),
            iq_id: request.frame.id().map(|id| id.into_owned()).unwrap_or_default(),
            query,
            _place: place,
        };
        tokio::spawn(async move {
            if running.run().await.is_err() {
                tracing::debug!("a client left before its archive page was sent");
            }
        });
        Ok(IqAnswer::Answered)
    }

    /// The ends of an archive (XEP-0313 section 5.2).
    pub(super) async fn metadata(&self, owner: &BareJid) -> Result<IqAnswer, StanzaError> {
        let bounds = self.store.bounds(owner.clone()).await.map_err(|error| failed(&error))?;
        Ok(IqAnswer::Payload(answer::metadata(bounds)))
    }
}

/// One of the queries a session may have open.
struct QueryPlace {
    open: Arc<Mutex<HashMap<SessionId, u32>>>,
    session: SessionId,
}

impl QueryPlace {
    fn take(open: Arc<Mutex<HashMap<SessionId, u32>>>, session: SessionId) -> Result<Self, StanzaError> {
        {
            let mut counts = open.lock();
            let count = counts.entry(session).or_default();
            if *count >= QUERIES_OF_SESSION {
                return Err(
                    StanzaError::new(Condition::ResourceConstraint).with_text("too many archive queries")
                );
            }
            *count = count.saturating_add(1);
        }
        Ok(Self { open, session })
    }
}

impl Drop for QueryPlace {
    fn drop(&mut self) {
        let mut counts = self.open.lock();
        if let Some(count) = counts.get_mut(&self.session) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.session);
            }
        }
    }
}

struct Running {
    store: Arc<MessageStore>,
    readers: Arc<Semaphore>,
    session: Session,
    iq_id: String,
    query: Query,
    _place: QueryPlace,
}

impl Running {
    async fn run(self) -> Result<(), SessionGone> {
        let answer = self.read().await;
        let last = match answer {
            Ok(ArchiveAnswer::Page(page)) => {
                self.send_results(&page).await?;
                answer::finished(&self.session, &self.iq_id, &page)
            }
            Ok(ArchiveAnswer::UnknownId) => {
                answer::refused(&self.session, &self.iq_id, &StanzaError::new(Condition::ItemNotFound))
            }
            Err(error) => answer::refused(&self.session, &self.iq_id, &failed(&error)),
        };
        self.send(last).await
    }

    async fn read(&self) -> Result<ArchiveAnswer, StorageError> {
        let _reading = self.readers.acquire().await.map_err(|_| StorageError::WriterStopped)?;
        // Everything that was accepted before the query can be seen by it.
        let writer = self.store.database().writer();
        writer.wait_for(writer.enqueued()).await?;
        let query = &self.query;
        self.store.page(query.filter.clone(), query.page, query.most).await
    }

    async fn send_results(&self, page: &ArchivePage) -> Result<(), SessionGone> {
        let count = page.messages.len();
        for index in 0..count {
            let index =
                if self.query.is_flipped { count.saturating_sub(index).saturating_sub(1) } else { index };
            if let Some(message) = page.messages.get(index) {
                let result = answer::result(&self.session, self.query.query_id.as_deref(), message);
                self.send(result).await?;
            }
        }
        Ok(())
    }

    async fn send(&self, bytes: Vec<u8>) -> Result<(), SessionGone> {
        let outgoing = Outgoing { bytes: Bytes::from(bytes), is_stanza: true, reroute: false, stored: None };
        self.session.put_when_free(outgoing).await
    }
}
