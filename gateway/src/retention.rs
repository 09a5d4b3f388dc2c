//! Texts are kept for a while after they are finished, then deleted in small steps. What administrators count and
//! what they have to account for stays.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::clock::{Clock, Moment};
use crate::store::{Old, Store, StoreError};

/// How often old texts are looked for.
const EVERY: Duration = Duration::from_secs(3_600);
/// Texts of one step, and the pause behind it: whoever sends is not to notice.
const STEP: usize = 200;
const PAUSE: Duration = Duration::from_millis(100);

/// Deletes what is old.
#[derive(Debug, Clone)]
pub struct Retention {
    store: Store,
    clock: Arc<Clock>,
    keep: Duration,
    /// There is a server, so senders hear what becomes of their texts.
    has_server: bool,
}

impl Retention {
    /// Finished texts are kept for so long.
    pub fn new(store: Store, clock: Arc<Clock>, keep: Duration, has_server: bool) -> Self {
        Self { store, clock, keep, has_server }
    }

    /// Works until told to stop.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut hour = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                _ = hour.tick() => {}
                () = told_to_stop(&mut stop) => return,
            }
            tokio::select! {
                gone = self.all() => match gone {
                    Ok(0) => {}
                    Ok(texts) => tracing::info!(texts, "old texts are deleted"),
                    Err(error) => tracing::error!(%error, "old texts cannot be deleted"),
                },
                () = told_to_stop(&mut stop) => return,
            }
        }
    }

    /// Deletes all that is old, step by step; says how many.
    async fn all(&self) -> Result<usize, StoreError> {
        let mut all = 0;
        loop {
            let gone = self.step().await?;
            all += gone;
            if gone < STEP {
                return Ok(all);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Deletes some of what is old; says how many. None: there is nothing left.
    ///
    /// # Errors
    /// The store's.
    pub async fn step(&self) -> Result<usize, StoreError> {
        let before: Moment = self.clock.now().before(self.keep);
        self.store.forget(Old { before, is_told: self.has_server, most: STEP }).await
    }
}

/// Whoever could tell may be gone: that means the same.
async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stops| *stops).await;
}
