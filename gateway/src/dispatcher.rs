//! Gives due texts to routes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::outbox::Outbox;
use crate::route::Route;
use crate::store::{DueText, StoreError};

/// How long texts that no route could take wait before they are offered again unasked.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// The longest time without a look at the store: the command line puts texts there as well.
const LONGEST: Duration = Duration::from_secs(5);
/// How long to wait when the store does not answer.
const STORE_AGAIN: Duration = Duration::from_secs(2);

/// Gives due texts to routes, in the order of the list.
pub struct Dispatcher {
    outbox: Outbox,
    routes: Vec<Arc<dyn Route>>,
    under_way: BTreeSet<i64>,
    deliveries: JoinSet<i64>,
}

impl Dispatcher {
    /// Over these routes.
    pub fn new(outbox: Outbox, routes: Vec<Arc<dyn Route>>) -> Self {
        Self { outbox, routes, under_way: BTreeSet::new(), deliveries: JoinSet::new() }
    }

    /// Works until told to stop; what is under way is carried to its end.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let work = self.outbox.work();
        let mut tidy = tokio::time::interval(self.outbox.tidying());
        loop {
            let pause = self.assign().await.unwrap_or_else(|error| {
                tracing::error!(%error, "due texts cannot be read");
                STORE_AGAIN
            });
            tokio::select! {
                () = work.notified() => {}
                Some(ended) = self.deliveries.join_next() => self.ended(ended),
                () = tokio::time::sleep(pause) => {}
                _ = tidy.tick() => self.tidy().await,
                () = told_to_stop(&mut stop) => break,
            }
        }
        while let Some(ended) = self.deliveries.join_next().await {
            self.ended(ended);
        }
    }

    async fn tidy(&self) {
        if let Err(error) = self.outbox.tidy().await {
            tracing::error!(%error, "old texts cannot be looked after");
        }
    }

    fn ended(&mut self, ended: Result<i64, tokio::task::JoinError>) {
        match ended {
            Ok(text) => {
                self.under_way.remove(&text);
            }
            Err(error) => tracing::error!(%error, "a delivery failed"),
        }
    }

    /// Offers all due texts; gives the time until something may be due.
    async fn assign(&mut self) -> Result<Duration, StoreError> {
        let mut is_left = false;
        for text in self.outbox.due().await? {
            if !self.under_way.contains(&text.id) && !self.offer(&text) {
                is_left = true;
            }
        }
        let now = self.outbox.now();
        let next =
            self.outbox.next_due().await?.map_or(LONGEST, |due| now.until(due).max(Duration::from_millis(1)));
        Ok(if is_left { next.min(LOOK_AGAIN) } else { next })
    }

    fn offer(&mut self, text: &DueText) -> bool {
        let mut routes: Vec<_> = self
            .routes
            .iter()
            .filter_map(|route| route.matches(&text.number).map(|known| (known, route)))
            .collect();
        // The one that knows most of the number first, then in the order of the list.
        routes.sort_by_key(|(known, _)| std::cmp::Reverse(*known));
        let delivery = routes.into_iter().find_map(|(_, route)| route.offer(text));
        let Some(delivery) = delivery else { return false };
        let id = text.id;
        self.under_way.insert(id);
        self.deliveries.spawn(async move {
            delivery.await;
            id
        });
        true
    }
}

/// Whoever could tell may be gone: that means the same.
async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stops| *stops).await;
}
