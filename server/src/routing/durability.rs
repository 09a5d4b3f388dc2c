//! What may be acknowledged: how far the writer has come, as the doors see it.

use tokio::sync::watch;

pub use crate::storage::Ticket;

/// The database writer has stopped; nothing more becomes durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing more becomes durable")]
pub struct NeverDurable;

/// Tells which tickets are on the disk.
#[derive(Debug, Clone)]
pub struct Durability(watch::Receiver<Ticket>);

impl Durability {
    /// Follows the writer's announcements.
    pub fn new(commits: watch::Receiver<Ticket>) -> Self {
        Self(commits)
    }

    /// Whether `ticket` is on the disk.
    pub fn has(&self, ticket: Ticket) -> bool {
        ticket <= *self.0.borrow()
    }

    /// Waits until `ticket` is on the disk.
    ///
    /// # Errors
    /// The writer has stopped before.
    pub async fn reach(mut self, ticket: Ticket) -> Result<(), NeverDurable> {
        self.0.wait_for(|committed| *committed >= ticket).await.map(|_| ()).map_err(|_| NeverDurable)
    }
}
