//! Tells business systems that sessions are over: all at once, each up to three times. What they are to be told lies
//! in the store until they know it or are given up, so that neither a crash nor a restart swallows it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use posthouse_sign_on::keys::KeyProblem;
use posthouse_sign_on::logout::{self, LONGEST_ANSWER, PATIENCE};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Provider;
use crate::outbound::{Outbound, OutboundError, Post};
use crate::storage::StorageError;
use crate::storage::sign_on::{About, Farewell};

/// Systems that are told at the same time.
const AT_ONCE: usize = 32;
/// How long to wait when the database does not answer.
const AGAIN: Duration = Duration::from_secs(2);

/// How long to wait after so many failures; none when it is over.
type Pauses = fn(usize) -> Option<Duration>;

/// Why a system does not know that a session is over.
#[derive(Debug, thiserror::Error)]
enum NotTold {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Key(#[from] KeyProblem),
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    #[error("it answered with the status {0}")]
    Status(u16),
}

impl Provider {
    /// Tells systems what they are to be told, for as long as it is polled.
    pub async fn tell_systems(self) {
        let outbound = self.0.outbound.clone();
        let usual = |failures| logout::pause_after(failures).map(Duration::from_secs);
        Teller::new(self, outbound, usual).run().await;
    }
}

#[derive(Debug, Clone)]
struct Teller {
    provider: Provider,
    outbound: Outbound,
    places: Arc<Semaphore>,
    pause_after: Pauses,
}

impl Teller {
    fn new(provider: Provider, outbound: Outbound, pause_after: Pauses) -> Self {
        Self { provider, outbound, places: Arc::new(Semaphore::new(AT_ONCE)), pause_after }
    }

    async fn run(self) {
        let mut telling = JoinSet::new();
        let mut under_way = HashSet::new();
        loop {
            let wait = match self.provider.store().farewells().await {
                Ok(farewells) => {
                    for farewell in farewells {
                        if under_way.insert(farewell.hash.to_text()) {
                            telling.spawn(self.clone().tell(farewell));
                        }
                    }
                    None
                }
                Err(error) => {
                    tracing::error!(%error, "what systems are to be told cannot be read");
                    Some(AGAIN)
                }
            };
            self.until_there_is_news(&mut telling, &mut under_way, wait).await;
        }
    }

    async fn until_there_is_news(
        &self,
        telling: &mut JoinSet<String>,
        under_way: &mut HashSet<String>,
        wait: Option<Duration>,
    ) {
        let mut timer = std::pin::pin!(async {
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        });
        loop {
            tokio::select! {
                () = self.provider.farewells_to_say() => return,
                () = timer.as_mut() => return,
                Some(told) = telling.join_next() => match told {
                    Ok(name) => drop(under_way.remove(&name)),
                    Err(error) => tracing::error!(%error, "a system is not told"),
                },
            }
        }
    }

    /// Tells one system; answers the name of what was to be told, which is over then.
    async fn tell(self, farewell: Farewell) -> String {
        let About { login, reason, participation } = &farewell.about;
        let system = participation.party.as_str();
        let mut failures = 0_usize;
        loop {
            match self.try_once(&farewell.about).await {
                Ok(true) => {
                    tracing::info!(system, login, reason, "the system knows that the session is over");
                    break;
                }
                Ok(false) => {
                    tracing::debug!(system, login, reason, "the system has no ear for ends of sessions");
                    break;
                }
                Err(error) => {
                    tracing::warn!(system, login, %error, "the system cannot be told that a session is over");
                    failures = failures.saturating_add(1);
                    let Some(pause) = (self.pause_after)(failures) else {
                        let sentence = format!("the system was not told that a session is over: {error}");
                        self.provider.note(system, login, sentence).await;
                        break;
                    };
                    tokio::time::sleep(pause).await;
                }
            }
        }
        if let Err(error) = self.provider.store().forget(farewell.hash).await {
            tracing::error!(%error, "what a system was told cannot be noted");
        }
        farewell.hash.to_text()
    }

    /// One try; false when the system is not to be told, being registered no more or for nothing of the kind.
    async fn try_once(&self, about: &About) -> Result<bool, NotTold> {
        let (provider, participation) = (&self.provider, &about.participation);
        let Some(party) = provider.store().party(&participation.party).await? else { return Ok(false) };
        let ring = provider.ring();
        let signer = (provider.issuer(), &*ring);
        // Made anew for every try: a system that has heard one, and whose answer was lost, may know its number.
        let notice = logout::notice(participation, &party, signer, provider.now(), &mut provider.random()?)?;
        let Some(notice) = notice else { return Ok(false) };
        let post = Post {
            url: &notice.url,
            kind: "application/x-www-form-urlencoded",
            headers: &[],
            body: &notice.body,
            patience: Duration::from_secs(PATIENCE),
            longest_answer: LONGEST_ANSWER,
        };
        let _place = self.places.acquire().await;
        let status = match participation.service_ticket {
            // A spent ticket is no secret, and where it goes was registered with a warning.
            Some(_) => self.outbound.post_in_the_clear(&post).await?,
            None => self.outbound.post(&post).await?,
        };
        if (200..300).contains(&status) { Ok(true) } else { Err(NotTold::Status(status)) }
    }
}

#[cfg(test)]
mod tests;
