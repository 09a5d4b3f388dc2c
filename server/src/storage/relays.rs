//! Messages for phones, until the gateway says that it has them.

use std::sync::Arc;

use bytes::Bytes;
use jid::BareJid;
use rusqlite::{Connection, params};
use tokio::sync::Notify;

use super::{Database, StorageError};
use crate::clock::Timestamp;

/// Tables of this file.
pub(super) const TABLES: &str = "
    CREATE TABLE relay (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        sender TEXT NOT NULL,
        name TEXT NOT NULL,
        frame BLOB NOT NULL
    ) STRICT;
    CREATE INDEX relay_name ON relay (sender, name);";

/// Until when a message waits (microseconds since 1970); 0 for one that is given up, whose sender has yet to be told.
pub(super) const EXPIRY: &str = "
    ALTER TABLE relay ADD COLUMN until INTEGER NOT NULL DEFAULT 9223372036854775807;
    CREATE INDEX relay_until ON relay (until);";

/// A message that waited too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expired {
    /// Who wrote it.
    pub sender: String,
    /// The `id` of its stanza.
    pub name: String,
    /// The stanza, as for the gateway.
    pub frame: Bytes,
}

/// Takes a message back that the gateway does not have yet; false when it has, or there is none.
pub(super) fn forget(connection: &Connection, sender: &str, name: &str) -> Result<bool, StorageError> {
    connection
        .prepare_cached("DELETE FROM relay WHERE sender = ?1 AND name = ?2")
        .and_then(|mut statement| statement.execute([sender, name]))
        .map(|count| count > 0)
        .map_err(StorageError::at("take a message for a phone back"))
}

/// The messages, in the order they were accepted. Clones share the bell.
#[derive(Debug, Clone)]
pub struct RelayStore(Database, Arc<Notify>);

/// Keeps a message for the gateway.
pub(super) fn insert(
    connection: &Connection,
    sender: &str,
    name: &str,
    frame: &[u8],
    until: Timestamp,
) -> Result<(), StorageError> {
    connection
        .prepare_cached("INSERT INTO relay (sender, name, frame, until) VALUES (?1, ?2, ?3, ?4)")
        .and_then(|mut statement| statement.execute(params![sender, name, frame, until.0]))
        .map(|_| ())
        .map_err(StorageError::at("keep a message for a phone"))
}

impl RelayStore {
    /// The store in that database.
    pub fn new(database: Database) -> Self {
        Self(database, Arc::default())
    }

    /// Something was kept.
    pub fn ring(&self) {
        self.1.notify_one();
    }

    /// Returns when something was kept.
    pub async fn kept(&self) {
        self.1.notified().await;
    }

    /// Keeps a message; it is on the disk when this returns. `name`: the `id` of the stanza; `until`: then it is
    /// given up, unless the gateway is there.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn keep(
        &self,
        sender: BareJid,
        name: String,
        frame: Bytes,
        until: Timestamp,
    ) -> Result<(), StorageError> {
        self.0.write(move |connection| insert(connection, sender.as_str(), &name, &frame, until)).await?;
        self.ring();
        Ok(())
    }

    /// The first messages behind the one with this number.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn after(&self, number: i64, most: u32) -> Result<Vec<(i64, Bytes)>, StorageError> {
        self.0
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT id, frame FROM relay WHERE id > ?1 AND until > 0 ORDER BY id LIMIT ?2",
                    )
                    .and_then(|mut statement| {
                        let rows = statement.query_map(params![number, most], |row| {
                            Ok((row.get(0)?, Bytes::from(row.get::<_, Vec<u8>>(1)?)))
                        })?;
                        rows.collect()
                    })
                    .map_err(StorageError::at("messages for phones"))
            })
            .await
    }

    /// Gives up what waited until now, at most `most`: the gateway does not get it any more. Each comes out again and
    /// again until it is settled; with a time of 0 only what was given up before.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn expired(&self, now: Timestamp, most: u32) -> Result<Vec<Expired>, StorageError> {
        let is_any = self.0.read(move |connection| {
            connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM relay WHERE until <= ?1)")
                .and_then(|mut statement| statement.query_row([now.0], |row| row.get::<_, bool>(0)))
                .map_err(StorageError::at("look for messages for phones that waited too long"))
        });
        if !is_any.await? {
            return Ok(Vec::new());
        }
        self.0
            .write(move |connection| {
                connection
                    .prepare_cached(
                        "UPDATE relay SET until = 0 WHERE id IN \
                         (SELECT id FROM relay WHERE until <= ?1 ORDER BY id LIMIT ?2) \
                         RETURNING sender, name, frame",
                    )
                    .and_then(|mut statement| {
                        let rows = statement.query_map(params![now.0, most], |row| {
                            let frame = Bytes::from(row.get::<_, Vec<u8>>(2)?);
                            Ok(Expired { sender: row.get(0)?, name: row.get(1)?, frame })
                        })?;
                        rows.collect()
                    })
                    .map_err(StorageError::at("give up messages for phones"))
            })
            .await
    }

    /// The gateway has it or will not take it, or its sender knows that it was given up.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn settle(&self, sender: BareJid, name: String) -> Result<(), StorageError> {
        let settling = self.0.write_later(move |connection| {
            connection
                .execute("DELETE FROM relay WHERE sender = ?1 AND name = ?2", params![sender.as_str(), name])
                .map(|_| ())
                .map_err(StorageError::at("settle a message for a phone"))
        });
        settling.await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jid::BareJid;

    use super::RelayStore;
    use crate::clock::Timestamp;
    use crate::storage::Database;

    #[tokio::test]
    async fn what_is_given_up_is_not_for_the_gateway_and_is_told_until_that_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let store = RelayStore::new(Database::open(&folder.path().join("posthouse.db")).unwrap());
        let zhang = BareJid::new("zhang@example.org").unwrap();
        for (name, until) in [("old", 10), ("new", 30)] {
            store.keep(zhang.clone(), name.to_owned(), Bytes::from(name), Timestamp(until)).await.unwrap();
        }
        let names = |found: Vec<super::Expired>| found.into_iter().map(|one| one.name).collect::<Vec<_>>();
        assert_eq!(names(store.expired(Timestamp(0), 9).await.unwrap()), Vec::<String>::new());
        assert_eq!(names(store.expired(Timestamp(20), 9).await.unwrap()), ["old"]);
        // The server dies before the sender knows, and the gateway comes back.
        assert_eq!(names(store.expired(Timestamp(0), 9).await.unwrap()), ["old"]);
        let frames: Vec<_> = store.after(0, 9).await.unwrap().into_iter().map(|(_, frame)| frame).collect();
        assert_eq!(frames, ["new"]);
        store.settle(zhang, "old".to_owned()).await.unwrap();
        assert_eq!(names(store.expired(Timestamp(20), 9).await.unwrap()), Vec::<String>::new());
    }
}
