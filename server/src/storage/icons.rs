//! Pictures of business systems by their hash, and the card that shows one.

use rusqlite::{Connection, OptionalExtension, params};

use super::notices::NoticeStore;
use super::{Database, StorageError};

pub(super) const TABLES: &str = "
CREATE TABLE icon (
    hash TEXT NOT NULL PRIMARY KEY,
    picture BLOB NOT NULL
) STRICT, WITHOUT ROWID;
UPDATE application SET icon = '';
";

/// What a business system shows of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemCard {
    /// What people call it.
    pub title: String,
    /// Its picture, a PNG; empty when it has none.
    pub picture: Vec<u8>,
}

/// Keeps a picture, and of the others those that an application shows.
///
/// # Errors
/// The database does not answer.
pub async fn keep(database: &Database, hash: String, picture: Vec<u8>) -> Result<(), StorageError> {
    let keeping = database.write(move |connection| {
        connection
            .execute("DELETE FROM icon WHERE hash NOT IN (SELECT icon FROM application)", [])
            .map_err(StorageError::at("remove pictures of systems"))?;
        connection
            .execute("INSERT OR REPLACE INTO icon (hash, picture) VALUES (?1, ?2)", params![hash, picture])
            .map(|_| ())
            .map_err(StorageError::at("keep a picture of a system"))
    });
    keeping.await
}

/// Names of applications that have a picture, and its hash.
pub(super) fn all(connection: &Connection) -> Result<Vec<(String, String)>, StorageError> {
    connection
        .prepare_cached("SELECT a.name, i.hash FROM application a JOIN icon i ON i.hash = a.icon")
        .and_then(|mut statement| statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .map_err(StorageError::at("pictures of systems"))
}

impl NoticeStore {
    /// The card of an application; `None` when there is none of this name.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn card(&self, application: String) -> Result<Option<SystemCard>, StorageError> {
        let reading = self.database().read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT a.title, coalesce(i.picture, x'') FROM application a LEFT JOIN icon i ON i.hash = a.icon
                     WHERE a.name = ?1",
                )
                .and_then(|mut statement| {
                    let card = |row: &rusqlite::Row<'_>| {
                        Ok(SystemCard { title: row.get(0)?, picture: row.get(1)? })
                    };
                    statement.query_row([application], card).optional()
                })
                .map_err(StorageError::at("card of an application"))
        });
        reading.await
    }
}
