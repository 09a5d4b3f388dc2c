//! What systems have to be told of ended sessions. It is written in the step that ends them and stays until it is told
//! or given up, so that no end of this program swallows it.

use posthouse_sign_on::secret::Digest;
use posthouse_sign_on::session::Participation;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::{Kind, SignOnStore};
use crate::storage::StorageError;

/// A system is to be told that a session is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Farewell {
    /// Names it: [`SignOnStore::forget`] it once it is told or given up.
    pub hash: Digest,
    /// Who it is about.
    pub about: About,
}

/// Whose session was it, and why is it over?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Login of the person.
    pub login: String,
    /// Why, in a word.
    pub reason: String,
    /// The system and its names for the session.
    pub participation: Participation,
}

impl SignOnStore {
    /// What systems have to be told.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn farewells(&self) -> Result<Vec<Farewell>, StorageError> {
        let rows: Vec<(Vec<u8>, String)> = self
            .0
            .read(|connection| {
                connection
                    .prepare_cached("SELECT hash, body FROM sign_on_value WHERE kind = ?1")
                    .and_then(|mut statement| {
                        let kind = [Kind::Farewell.number()];
                        statement.query_map(kind, |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
                    })
                    .map_err(StorageError::at("read what systems are to be told"))
            })
            .await?;
        let read = |(hash, body): (Vec<u8>, String)| match serde_json::from_str(&body) {
            Ok(about) => Some(Farewell { hash: Digest::from_bytes(&hash)?, about }),
            Err(error) => {
                tracing::error!(%error, "what a system is to be told cannot be read");
                None
            }
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }
}

/// Notes that the system has to be told that this session is over.
pub(super) fn note(connection: &Connection, child: &Digest, about: &About) -> Result<(), StorageError> {
    let body = serde_json::to_string(about).map_err(|_| StorageError::ChangeRefused)?;
    let name = Digest::of(&format!("{} {}", child.to_text(), about.participation.sid));
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO sign_on_value (hash, kind, made, expires, body) VALUES (?1, ?2, 0, ?3, ?4)",
        )
        .and_then(|mut statement| {
            // It does not end by time: whoever tells it gives it up.
            statement.execute(params![name.as_bytes(), Kind::Farewell.number(), i64::MAX, body])
        })
        .map(|_| ())
        .map_err(StorageError::at("note what a system is to be told"))
}
