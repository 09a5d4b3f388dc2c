//! The same for applications that hear through a component: what waits for one that is away waits until it is back, and
//! nothing is given up.

use rusqlite::{Connection, params};

use super::{Delivery, NoticeStore, SIDE_BY_SIDE, Told, outcome};
use crate::clock::Timestamp;
use crate::storage::{StorageError, Ticket};

impl NoticeStore {
    /// Returns when there may be something to tell to components, once it is on the disk.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn happened_for_components(&self) -> Result<(), StorageError> {
        self.events_of_components.notified().await;
        let writer = self.database.writer();
        writer.wait_for(writer.enqueued()).await
    }

    /// There may be something to tell to components.
    pub fn ring_for_components(&self) {
        self.events_of_components.notify_one();
    }

    /// What is to be told by now to the components of these domains, a few for each, without what is `under_way`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn to_tell_components(
        &self,
        now: Timestamp,
        domains: Vec<String>,
        under_way: Vec<i64>,
    ) -> Result<Vec<Delivery>, StorageError> {
        if domains.is_empty() {
            return Ok(Vec::new());
        }
        let domains = serde_json::to_string(&domains).unwrap_or_default();
        let ids = self.database.read(move |connection| due(connection, now, &domains)).await?;
        self.composed(ids, &under_way, now).await
    }

    /// The component of this domain has come: what was put off for it is due now.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn tell_at_once(&self, domain: String, now: Timestamp) -> Result<(), StorageError> {
        self.database
            .write(move |connection| {
                connection
                    .prepare_cached(
                        "UPDATE webhook_delivery SET due = ?2, attempts = 0 WHERE due > ?2 AND application =
                         (SELECT id FROM application WHERE component = ?1 AND component <> '')",
                    )
                    .and_then(|mut statement| statement.execute(params![domain, now.0]))
                    .map(|_| ())
                    .map_err(StorageError::at("deliveries to a component that has come"))
            })
            .await
    }

    /// Notes, later, what the component of this domain has answered to a delivery; what was none for it is passed over.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn told_to_component(
        &self,
        id: i64,
        domain: String,
        told: Told,
        now: Timestamp,
    ) -> Result<Ticket, StorageError> {
        self.database
            .write_later(move |connection| {
                if !is_for(connection, id, &domain)? {
                    return Ok(());
                }
                outcome::settle(connection, id, &told, now)
            })
            .await
    }
}

fn due(connection: &Connection, now: Timestamp, domains: &str) -> Result<Vec<i64>, StorageError> {
    connection
        .prepare_cached(
            "SELECT d.id FROM application a JOIN webhook_delivery d ON d.id IN (
                 SELECT id FROM webhook_delivery WHERE application = a.id AND due <= ?1 ORDER BY due, id LIMIT ?2)
             WHERE a.component <> '' AND a.component IN (SELECT value FROM json_each(?3)) AND NOT a.disabled
             ORDER BY d.due, d.id",
        )
        .and_then(|mut statement| {
            statement.query_map(params![now.0, SIDE_BY_SIDE, domains], |row| row.get(0))?.collect()
        })
        .map_err(StorageError::at("deliveries to components that are due"))
}

/// The delivery was begun, and it is for this component.
fn is_for(connection: &Connection, id: i64, domain: &str) -> Result<bool, StorageError> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM webhook_delivery d JOIN application a ON a.id = d.application
             WHERE d.id = ?1 AND d.last > 0 AND a.component = ?2)",
        )
        .and_then(|mut statement| statement.query_row(params![id, domain], |row| row.get(0)))
        .map_err(StorageError::at("whose delivery this is"))
}
