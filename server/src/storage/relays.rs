//! Messages for phones, until the gateway says that it has them.

use bytes::Bytes;
use jid::BareJid;
use rusqlite::params;

use super::{Database, StorageError};

/// Tables of this file.
pub(super) const TABLES: &str = "
    CREATE TABLE relay (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        sender TEXT NOT NULL,
        name TEXT NOT NULL,
        frame BLOB NOT NULL
    ) STRICT;
    CREATE INDEX relay_name ON relay (sender, name);";

/// The messages, in the order they were accepted.
#[derive(Debug, Clone)]
pub struct RelayStore(Database);

impl RelayStore {
    /// The store in that database.
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Keeps a message; it is on the disk when this returns. `name`: the `id` of the stanza.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn keep(&self, sender: BareJid, name: String, frame: Bytes) -> Result<(), StorageError> {
        self.0
            .write(move |connection| {
                connection
                    .execute(
                        "INSERT INTO relay (sender, name, frame) VALUES (?1, ?2, ?3)",
                        params![sender.as_str(), name, frame.as_ref()],
                    )
                    .map(|_| ())
                    .map_err(StorageError::at("keep a message for a phone"))
            })
            .await
    }

    /// The first messages behind the one with this number.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn after(&self, number: i64, most: u32) -> Result<Vec<(i64, Bytes)>, StorageError> {
        self.0
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT id, frame FROM relay WHERE id > ?1 ORDER BY id LIMIT ?2")
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

    /// The gateway has it, or will not take it.
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
