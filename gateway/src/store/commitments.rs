//! The database's thread: takes what has gathered, commits it together, then answers.

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::{StoreError, Task};

/// Works until nobody asks any more.
pub(super) fn work(connection: &Connection, mut tasks: mpsc::Receiver<Task>, group: usize) {
    let mut gathered = Vec::new();
    while tasks.blocking_recv_many(&mut gathered, group) > 0 {
        let begun = connection.execute_batch("BEGIN IMMEDIATE");
        let answers: Vec<_> = gathered.drain(..).map(|task| task(connection)).collect();
        let ended = begun.and_then(|()| connection.execute_batch("COMMIT"));
        if let Err(error) = &ended {
            tracing::error!(%error, "changes cannot be committed");
            // After a failed commit the transaction may still be open.
            let _ = connection.execute_batch("ROLLBACK");
        }
        for answer in answers {
            answer(ended.is_ok());
        }
    }
}

/// A change that fails takes back its own writes and nobody else's.
pub(super) fn guarded<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.execute_batch("SAVEPOINT one").map_err(StoreError::at("begin a change"))?;
    let outcome = work(connection);
    let end = if outcome.is_ok() { "RELEASE one" } else { "ROLLBACK TO one; RELEASE one" };
    connection.execute_batch(end).map_err(StoreError::at("end a change"))?;
    outcome
}
