//! The task that keeps the directory in step with the server: one question at a time, pushes in their order.

use std::sync::Arc;
use std::time::Duration;

use posthouse_protocol::organization::Entries;
use tokio::time::Instant;

use super::answer::{News, Pushed, Taken, next_query, take_page, take_push};
use super::pending::Work;
use super::{Organization, asking, load};
use crate::connection::{AskError, IqPayload};
use crate::error::{EngineError, EngineErrorCode};
use crate::events::EngineEvent;
use crate::store::StoreError;

/// The window reads the tree again at most this often.
const QUIET: Duration = Duration::from_millis(400);
/// When the server did not answer, it is asked again after so long.
const AGAIN: Duration = Duration::from_secs(60);
/// Times that an answer may start over before it is given up.
const STARTS: u32 = 5;
/// Pages of an answer: a directory has fewer.
const PAGES: u32 = 20_000;

/// What the task knows.
#[derive(Debug, Default)]
struct Memory {
    /// When the window is to be told of a change.
    tell_at: Option<Instant>,
    /// When it was told last.
    told_at: Option<Instant>,
    /// When the server is to be asked again.
    ask_at: Option<Instant>,
}

impl Memory {
    fn changed(&mut self) {
        let now = Instant::now();
        let next = self.told_at.map_or(now, |told| now.max(told + QUIET));
        self.tell_at.get_or_insert(next);
    }
}

impl Organization {
    /// Runs as long as the session.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut memory = Memory::default();
        loop {
            tokio::select! {
                work = self.pending.take() => self.carry_out(work, &mut memory).await,
                () = at(memory.tell_at) => {
                    memory.tell_at = None;
                    memory.told_at = Some(Instant::now());
                    self.events.tell(EngineEvent::OrganizationChanged);
                }
                () = at(memory.ask_at) => {
                    self.carry_out(Work { asks: true, ..Work::default() }, &mut memory).await;
                }
            }
        }
    }

    async fn carry_out(&self, work: Work, memory: &mut Memory) {
        let outcome = self.follow(work.asks, work.pushes, memory).await;
        if let Err(error) = &outcome {
            tracing::warn!(%error, "the directory is not in step");
        }
        let is_silent = outcome.as_ref().is_err_and(|error| error.code == EngineErrorCode::TimedOut);
        memory.ask_at = is_silent.then(|| Instant::now() + AGAIN);
        for asker in work.askers {
            // Who does not wait any longer does not mind.
            let _ = asker.send(outcome.clone());
        }
    }

    /// Asks if that is wanted, then takes the pushes; a gap between them leads to a question.
    async fn follow(&self, asks: bool, pushes: Vec<Entries>, memory: &mut Memory) -> Result<(), EngineError> {
        if asks {
            self.ask(memory).await?;
        }
        for push in pushes {
            let pushed = self.store.write(move |transaction| take_push(transaction, push)).await?;
            match pushed {
                Pushed::Done(news) => self.follow_store(news, memory).await?,
                Pushed::Known => {}
                Pushed::Gap => self.ask(memory).await?,
            }
        }
        Ok(())
    }

    /// Page after page until the directory is in step with the server.
    async fn ask(&self, memory: &mut Memory) -> Result<(), EngineError> {
        let mut starts = 0;
        for _ in 0..PAGES {
            let query = self.store.read(next_query).await?;
            let is_start = query.after.is_none();
            let answer = self.line.ask(Some(self.domain.clone()), IqPayload::get(query)).await;
            let answer = answer.map_err(|error: AskError| asking(&error))?;
            let entries = answer.map(Entries::try_from).and_then(Result::ok);
            let entries = entries
                .ok_or_else(|| EngineError::new(EngineErrorCode::Internal, "no page of a directory"))?;
            starts += u32::from(is_start || entries.page == 0);
            if starts > STARTS {
                break;
            }
            let taken = self.store.write(move |transaction| take_page(transaction, entries)).await?;
            match taken {
                Taken::More => {}
                Taken::Done(news) => return self.follow_store(news, memory).await,
                Taken::Unfit => {
                    tracing::warn!("a page of the directory does not fit: everything is asked for")
                }
            }
        }
        Err(EngineError::new(EngineErrorCode::Internal, "the directory has no end"))
    }

    /// Brings the tree in memory to where the store is.
    async fn follow_store(&self, news: News, memory: &mut Memory) -> Result<(), EngineError> {
        if !news.is_change() {
            return Ok(());
        }
        let tree = Arc::clone(&self.tree);
        let store = self.store.clone();
        let following = tokio::task::spawn_blocking(move || {
            match news {
                News::Everything => {
                    // Made before the lock is taken: the window reads the old one meanwhile.
                    let fresh = load(&store)?;
                    let old = std::mem::replace(&mut *tree.write(), fresh);
                    drop(old);
                }
                News::Changes(pages) => tree.write().apply(pages),
            }
            Ok::<(), StoreError>(())
        });
        following.await.map_err(|error| EngineError::new(EngineErrorCode::Internal, error.to_string()))??;
        memory.changed();
        Ok(())
    }
}

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::{Memory, QUIET};

    #[test]
    fn the_first_change_is_told_at_once_and_the_next_ones_together_after_a_while() {
        let mut memory = Memory::default();
        memory.changed();
        assert!(memory.tell_at.take().is_some_and(|tell_at| tell_at <= Instant::now()));
        let told = Instant::now();
        memory.told_at = Some(told);
        memory.changed();
        memory.changed();
        assert_eq!(memory.tell_at, Some(told + QUIET));
    }
}
