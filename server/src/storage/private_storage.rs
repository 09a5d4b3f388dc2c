//! Private XML that clients keep here (XEP-0049).

use jid::BareJid;
use rusqlite::{OptionalExtension as _, params};

use super::{Database, StorageError};

pub(super) const TABLES: &str = "
CREATE TABLE private_storage (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    namespace TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (owner, namespace, name)
) STRICT;
";

/// What the account keeps under that name and namespace.
///
/// # Errors
/// The database does not answer.
pub async fn private_element(
    database: &Database,
    owner: BareJid,
    name: String,
    namespace: String,
) -> Result<Option<Vec<u8>>, StorageError> {
    database
        .read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT content FROM private_storage WHERE owner = ?1 AND namespace = ?2 AND name = ?3",
                )
                .and_then(|mut it| {
                    it.query_row([owner.as_str(), &namespace, &name], |row| row.get(0)).optional()
                })
                .map_err(StorageError::at("private element"))
        })
        .await
}

/// Keeps an element; false when the account keeps `most` others already.
///
/// # Errors
/// The database does not answer.
pub async fn keep_private_element(
    database: &Database,
    owner: BareJid,
    name: (String, String),
    content: Vec<u8>,
    most: u32,
) -> Result<bool, StorageError> {
    database
        .write(move |connection| {
            let at = StorageError::at("keep private element");
            let (name, namespace) = &name;
            let others: u32 = connection
                .query_row(
                    "SELECT count(*) FROM private_storage WHERE owner = ?1 AND NOT (namespace = ?2 AND name = ?3)",
                    [owner.as_str(), namespace, name],
                    |row| row.get(0),
                )
                .map_err(&at)?;
            if others >= most {
                return Ok(false);
            }
            connection
                .execute(
                    "INSERT INTO private_storage (owner, name, namespace, content) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (owner, namespace, name) DO UPDATE SET content = excluded.content",
                    params![owner.as_str(), name, namespace, content],
                )
                .map_err(&at)?;
            Ok(true)
        })
        .await
}
