//! Pictures of people, one each.

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Database, StorageError};

/// Tables of this file.
pub(super) const TABLES: &str = "
    CREATE TABLE avatar (
        account TEXT NOT NULL PRIMARY KEY,
        hash TEXT NOT NULL DEFAULT '',
        media_type TEXT NOT NULL DEFAULT '',
        picture BLOB NOT NULL DEFAULT x''
    ) STRICT, WITHOUT ROWID;";

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Avatar {
    /// SHA-1 in hexadecimal.
    pub hash: String,
    /// As in `image/png`.
    pub media_type: String,
    /// The picture's bytes.
    pub picture: Vec<u8>,
}

/// The pictures.
#[derive(Debug, Clone)]
pub struct AvatarStore(Database);

impl AvatarStore {
    /// The store in that database.
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// The picture of an account.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn avatar_of(&self, account: BareJid) -> Result<Option<Avatar>, StorageError> {
        self.0
            .read(move |connection| {
                connection
                    .query_row(
                        "SELECT hash, media_type, picture FROM avatar WHERE account = ?1",
                        params![account.as_str()],
                        |row| Ok(Avatar { hash: row.get(0)?, media_type: row.get(1)?, picture: row.get(2)? }),
                    )
                    .optional()
                    .map_err(StorageError::at("avatar"))
            })
            .await
    }
}

/// Sets or, with `None`, removes the picture of an account.
pub(crate) fn set(
    connection: &Connection,
    account: &BareJid,
    avatar: Option<&Avatar>,
) -> Result<(), StorageError> {
    let Some(avatar) = avatar else {
        return connection
            .execute("DELETE FROM avatar WHERE account = ?1", params![account.as_str()])
            .map(|_| ())
            .map_err(StorageError::at("remove avatar"));
    };
    connection
        .execute(
            "INSERT INTO avatar (account, hash, media_type, picture) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (account) DO UPDATE SET hash = excluded.hash,
                 media_type = excluded.media_type, picture = excluded.picture",
            params![account.as_str(), avatar.hash, avatar.media_type, avatar.picture],
        )
        .map(|_| ())
        .map_err(StorageError::at("set avatar"))
}
