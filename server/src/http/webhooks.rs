//! Tells applications what became of their notices: signed as Standard Webhooks says, in order for each notice, again
//! until they have it. What is to be told lies in `storage/notices/webhooks`.

mod letter;
mod post;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet};

use super::parts::Parts;
use crate::clock::Clock;
use crate::storage::StorageError;
use crate::storage::notices::{Delivery, NoticeStore, Told};
use post::Postman;

pub use letter::{WebhookSecret, is_good_address};

/// Most deliveries at the same time.
const SIDE_BY_SIDE: usize = 64;
/// How long everything rests when the database does not answer.
const AGAIN: Duration = Duration::from_secs(2);
/// The longest sleep: the clock may be set meanwhile.
const LONGEST: Duration = Duration::from_secs(60);

/// The task that tells.
#[derive(Debug)]
pub struct Webhooks {
    notices: NoticeStore,
    clock: Arc<Clock>,
    postman: Arc<Postman>,
    /// What is being told, by its task.
    under_way: BTreeMap<Id, i64>,
    tasks: JoinSet<(i64, Told)>,
}

impl Webhooks {
    /// Nothing is told yet.
    pub fn new(parts: &Parts) -> Self {
        Self {
            notices: parts.notices.clone(),
            clock: Arc::clone(&parts.clock),
            postman: Arc::new(Postman::new()),
            under_way: BTreeMap::new(),
            tasks: JoinSet::new(),
        }
    }

    /// Tells what is to be told, for as long as it is polled.
    pub async fn run(mut self) {
        loop {
            if let Err(error) = self.round().await {
                tracing::error!(%error, "applications cannot be told what became of their notices");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }

    async fn round(&mut self) -> Result<(), StorageError> {
        if self.tasks.len() < SIDE_BY_SIDE {
            let under_way = self.under_way.values().copied().collect();
            for delivery in self.notices.to_tell(self.clock.now(), under_way).await? {
                self.begin(delivery);
            }
        }
        let now = self.clock.now();
        let next = self.notices.next_to_tell(now).await?;
        let wait = next.map_or(LONGEST, |due| {
            let left = u64::try_from(due.0.saturating_sub(now.0)).unwrap_or_default();
            Duration::from_micros(left).min(LONGEST)
        });
        tokio::select! {
            Some(ended) = self.tasks.join_next_with_id() => self.note(ended).await?,
            happened = self.notices.happened() => happened?,
            () = tokio::time::sleep(wait) => {}
        }
        Ok(())
    }

    fn begin(&mut self, delivery: Delivery) {
        let (postman, now, id) = (Arc::clone(&self.postman), self.clock.now(), delivery.id);
        let task = self.tasks.spawn(async move { (delivery.id, postman.tell(&delivery, now).await) });
        self.under_way.insert(task.id(), id);
    }

    async fn note(&mut self, ended: Result<(Id, (i64, Told)), JoinError>) -> Result<(), StorageError> {
        let (task, outcome) = match ended {
            Ok((task, outcome)) => (task, Some(outcome)),
            // It is due still, and will be begun again.
            Err(error) => (error.id(), None),
        };
        self.under_way.remove(&task);
        if let Some((id, told)) = outcome {
            if let Told::No(error) | Told::Never(error) = &told {
                tracing::info!(delivery = id, error, "an application cannot be told");
            }
            let ticket = self.notices.told(id, told, self.clock.now()).await?;
            self.notices.reach(ticket).await?;
        }
        Ok(())
    }
}
