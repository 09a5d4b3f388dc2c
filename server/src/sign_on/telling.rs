//! Tells business systems that sessions have ended: all at once, each up to three times.

use std::sync::Arc;
use std::time::Duration;

use posthouse_sign_on::logout::{self, LONGEST_ANSWER, Notice, PATIENCE, pause_after};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::Provider;
use crate::outbound::{Outbound, Post};
use crate::storage::StorageError;
use crate::storage::sign_on::Ended;

/// Systems that are told at the same time.
const AT_ONCE: usize = 32;

impl Provider {
    /// Tells the systems of the sessions that come out of `endings`, for as long as it is polled.
    pub async fn tell_systems(self, mut endings: mpsc::Receiver<Ended>, outbound: Outbound) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut telling = JoinSet::new();
        loop {
            let ended = tokio::select! {
                Some(_) = telling.join_next() => continue,
                ended = endings.recv() => ended,
            };
            let Some(ended) = ended else { return };
            match self.notices(&ended).await {
                Ok(notices) => {
                    for notice in notices {
                        telling.spawn(tell(outbound.clone(), notice, Arc::clone(&places)));
                    }
                }
                Err(error) => tracing::error!(%error, "systems cannot be told that a session is over"),
            }
        }
    }

    async fn notices(&self, ended: &Ended) -> Result<Vec<Notice>, StorageError> {
        let (now, ring, mut random) = (self.now(), self.ring(), self.random()?);
        let subject = self.subject_of(&ended.login);
        let mut notices = Vec::new();
        for participation in &ended.participations {
            let Some(party) = self.store().party(&participation.party).await? else { continue };
            let name = match &party.cas {
                Some(_) if participation.service_ticket.is_some() => ended.login.as_str(),
                _ => subject.as_str(),
            };
            let signer = (self.issuer(), &*ring);
            match logout::notice(participation, name, &party, signer, now, &mut random) {
                Ok(notice) => notices.extend(notice),
                Err(error) => tracing::error!(%error, party = party.id, "a logout token cannot be signed"),
            }
        }
        Ok(notices)
    }
}

async fn tell(outbound: Outbound, notice: Notice, places: Arc<Semaphore>) {
    let mut failures = 0_usize;
    loop {
        let Ok(place) = places.acquire().await else { return };
        let post = Post {
            url: &notice.url,
            kind: "application/x-www-form-urlencoded",
            headers: &[],
            body: &notice.body,
            patience: Duration::from_secs(PATIENCE),
            longest_answer: LONGEST_ANSWER,
        };
        let outcome = outbound.post(&post).await;
        drop(place);
        match outcome {
            Ok(status) if (200..300).contains(&status) => {
                tracing::info!(system = notice.party, "the system knows that the session is over");
                return;
            }
            Ok(status) => tracing::warn!(system = notice.party, status, "the system refuses a logout"),
            Err(error) => {
                tracing::warn!(system = notice.party, %error, "the system cannot be told of a logout")
            }
        }
        failures = failures.saturating_add(1);
        let Some(pause) = pause_after(failures) else { return };
        tokio::time::sleep(Duration::from_secs(pause)).await;
    }
}
