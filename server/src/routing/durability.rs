//! What may be acknowledged: how far the writer has come, as the doors see it.

use crate::storage::Commits;
pub use crate::storage::Ticket;

/// The database writer has stopped; nothing more becomes durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing more becomes durable")]
pub struct NeverDurable;

/// Tells which tickets are on the disk.
#[derive(Debug, Clone)]
pub struct Durability(Commits);

impl Durability {
    /// Follows the writer.
    pub fn new(commits: Commits) -> Self {
        Self(commits)
    }

    /// What a test says is on the disk.
    #[cfg(test)]
    pub(crate) fn of(committed: tokio::sync::watch::Receiver<Ticket>) -> Self {
        Self(Commits::of(committed))
    }

    /// Whether `ticket` is on the disk.
    pub fn has(&self, ticket: Ticket) -> bool {
        ticket <= self.0.newest()
    }

    /// Waits until `ticket` is on the disk; the writer hurries.
    ///
    /// # Errors
    /// The writer has stopped before.
    pub async fn reach(self, ticket: Ticket) -> Result<(), NeverDurable> {
        self.0.reach(ticket).await.map_err(|_| NeverDurable)
    }
}
