//! Numbers beside business systems: whoever has asked for the systems is told when they change. One task reads and
//! tells, so that what is told last is the newest.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use jid::BareJid;
use posthouse_protocol::sign_on::{Badge, Badges};
use posthouse_protocol::wire::escape;

use super::SignOn;
use crate::organization::changes::{person_id, person_number};
use crate::routing::session::Session;
use crate::storage::StorageError;
use crate::storage::badges::BadgeStore;

/// How long telling rests when the database does not answer.
const AGAIN: Duration = Duration::from_secs(2);

impl SignOn {
    /// Tells apps what has changed, for as long as it is polled.
    pub async fn tell_badges(self: Arc<Self>) {
        loop {
            for person in self.badges.changed().await {
                if let Err(error) = self.tell_badges_of(person).await {
                    tracing::error!(%error, "badges cannot be told");
                    self.badges.note_changed(person);
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    async fn tell_badges_of(&self, number: i64) -> Result<(), StorageError> {
        let Some(person) = self.provider.directory().person_of_id(&person_id(number)) else { return Ok(()) };
        let mut sessions = self.sessions.of(&person.jid);
        sessions.retain(|session| session.switches().systems.load(Ordering::Acquire));
        if sessions.is_empty() {
            return Ok(());
        }
        let badges = badges(&self.badges, number).await?;
        let Some(message) = self.headline(&badges) else { return Ok(()) };
        sessions.iter().for_each(|session| tell(session, &message));
        Ok(())
    }

    fn headline(&self, badges: &Badges) -> Option<Bytes> {
        let payload = match xso::to_vec(badges) {
            Ok(payload) => payload,
            Err(error) => {
                tracing::error!(%error, "badges cannot be written");
                return None;
            }
        };
        let head = format!("<message type='headline' from='{}'>", escape(self.provider.domain()));
        Some(Bytes::from([head.as_bytes(), payload.as_slice(), b"</message>"].concat()))
    }

    /// The numbers of somebody who asks for the systems.
    pub(super) async fn badges_of(&self, login: &str) -> Result<Badges, StorageError> {
        let address = BareJid::new(&format!("{login}@{}", self.provider.domain())).ok();
        let person = address.and_then(|address| self.provider.directory().person(&address));
        match person.and_then(|person| person_number(&person.id)) {
            Some(number) => badges(&self.badges, number).await,
            None => Ok(Badges::default()),
        }
    }
}

async fn badges(store: &BadgeStore, person: i64) -> Result<Badges, StorageError> {
    let badges = store.of_person(person).await?.into_iter();
    Ok(Badges { badges: badges.map(|it| Badge { system: it.application, count: it.count }).collect() })
}

/// A client at which nobody looks gets the newest when somebody does again.
fn tell(session: &Session, message: &Bytes) {
    if session.send_when_active("badges", message.clone()).is_err() {
        tracing::debug!("a client that has gone gets no badges");
    }
}
