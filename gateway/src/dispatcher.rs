//! Gives due texts to routes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::outbox::Outbox;
use crate::route::Route;
use crate::store::{DueText, Page, Place, StoreError};

/// How long texts that no route could take wait before they are offered again unasked.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// The longest time without a look at the store: the command line puts texts there as well.
const LONGEST: Duration = Duration::from_secs(5);
/// Pages of a lane that are offered one after the other.
const MOST_PAGES: usize = 4;
/// How long to wait when the store does not answer.
const STORE_AGAIN: Duration = Duration::from_secs(2);

/// Gives due texts to routes, in the order of the list.
pub struct Dispatcher {
    outbox: Outbox,
    routes: Vec<Arc<dyn Route>>,
    under_way: BTreeSet<i64>,
    /// What the last look found in lanes that were closed then: a way that has become free takes it before the next
    /// look, for which the store may have to end a commit.
    left: BTreeMap<String, VecDeque<DueText>>,
    /// Where lanes are read on that were not read to their end.
    places: BTreeMap<String, Place>,
    deliveries: JoinSet<i64>,
}

impl Dispatcher {
    /// Over these routes.
    pub fn new(outbox: Outbox, routes: Vec<Arc<dyn Route>>) -> Self {
        Self {
            outbox,
            routes,
            under_way: BTreeSet::new(),
            left: BTreeMap::new(),
            places: BTreeMap::new(),
            deliveries: JoinSet::new(),
        }
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

    /// Offers due texts as long as routes are open; gives the time until something may be due.
    async fn assign(&mut self) -> Result<Duration, StoreError> {
        for (lane, texts) in std::mem::take(&mut self.left) {
            self.offer_all(lane, texts);
        }
        let mut is_left = false;
        for _ in 0..MOST_PAGES {
            let routes = self.routes.clone();
            let look = self.outbox.look(self.places.clone(), move |lane| is_open(&routes, lane)).await?;
            self.left.clear();
            for page in look.pages {
                is_left |= self.offer_page(page);
            }
            let now = self.outbox.now();
            let next = look.next.map_or(LONGEST, |due| now.until(due).max(Duration::from_millis(1)));
            if self.places.is_empty() {
                return Ok(if is_left { next.min(LOOK_AGAIN) } else { next.min(LONGEST) });
            }
        }
        Ok(LOOK_AGAIN)
    }

    /// True when one was not taken. What no route could take, as when all modems for its number are busy, must
    /// not stand before the rest of its lane for ever: the next look goes on behind it.
    fn offer_page(&mut self, page: Page) -> bool {
        self.places.remove(&page.lane);
        let (lane, more) = (page.lane.clone(), page.more);
        let is_left = self.offer_all(page.lane, page.texts.into());
        if let Some(place) = more.filter(|_| !self.left.contains_key(&lane)) {
            self.places.insert(lane, place);
        }
        is_left
    }

    /// True when one was not taken. What is behind the text that closed the lane is left for later.
    fn offer_all(&mut self, lane: String, mut texts: VecDeque<DueText>) -> bool {
        let mut is_left = false;
        while !texts.is_empty() {
            if !is_open(&self.routes, &lane) {
                texts.retain(|text| !self.under_way.contains(&text.id));
                self.left.insert(lane, texts);
                return true;
            }
            let Some(text) = texts.pop_front() else { break };
            is_left |= !self.under_way.contains(&text.id) && !self.offer(&text);
        }
        is_left
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

fn is_open(routes: &[Arc<dyn Route>], lane: &str) -> bool {
    routes.iter().any(|route| !route.is_closed_to(lane))
}

/// Whoever could tell may be gone: that means the same.
async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stops| *stops).await;
}
