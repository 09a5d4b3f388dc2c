//! Tables of single sign-on: registered systems, sessions, and what may be used once, known by its hash alone.

use posthouse_sign_on::relying_party::RelyingParty;
use rusqlite::{Connection, params};

use super::{Database, StorageError};

mod ends;
mod farewells;
mod guesses;
mod sessions;
mod values;

pub use ends::Ended;
pub(super) use ends::mark_all;
pub(crate) use ends::{Apps, mark};
pub use farewells::{About, Farewell};
pub use sessions::FoundSession;
pub use values::{Kind, Value};

/// Tables of this folder. Times are seconds since 1970.
pub(super) const TABLES: &str = "
CREATE TABLE relying_party (
    id TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sign_on_parent (
    id TEXT NOT NULL PRIMARY KEY,
    login TEXT NOT NULL,
    instance TEXT NOT NULL,
    created INTEGER NOT NULL,
    auth_time INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    gone_since INTEGER NOT NULL DEFAULT 0,
    ending TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_on_parent_login ON sign_on_parent (login);
CREATE TABLE sign_on_child (
    cookie BLOB NOT NULL PRIMARY KEY,
    parent TEXT NOT NULL REFERENCES sign_on_parent (id) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    last_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_on_child_parent ON sign_on_child (parent);
CREATE TABLE sign_on_participation (
    child BLOB NOT NULL REFERENCES sign_on_child (cookie) ON DELETE CASCADE,
    party TEXT NOT NULL,
    sid TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (child, sid)
) STRICT, WITHOUT ROWID;
CREATE TABLE sign_on_value (
    hash BLOB NOT NULL PRIMARY KEY,
    kind INTEGER NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    child BLOB NOT NULL DEFAULT x'',
    made INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    spent INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_on_value_owner ON sign_on_value (owner);
CREATE INDEX sign_on_value_child ON sign_on_value (child);
CREATE INDEX sign_on_value_expires ON sign_on_value (expires);
CREATE TABLE sign_on_refusal (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    party TEXT NOT NULL,
    login TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
";

/// Refusals that are kept for the administrator.
const REFUSALS: i64 = 500;

/// Everything that single sign-on keeps. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SignOnStore(Database);

/// A refusal as the administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalRow {
    /// Seconds since 1970.
    pub time: i64,
    /// The system, as far as it is known.
    pub party: String,
    /// The person, as far as it is known.
    pub login: String,
    /// A sentence.
    pub reason: String,
}

impl SignOnStore {
    /// The store in that database.
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// All systems in the order of their names.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn parties(&self) -> Result<Vec<RelyingParty>, StorageError> {
        self.0.read(parties).await
    }

    /// The system with this name.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn party(&self, id: &str) -> Result<Option<RelyingParty>, StorageError> {
        Ok(self.parties().await?.into_iter().find(|party| party.id == id))
    }

    /// The newest refusals of a system.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn refusals(&self, party: String, most: u32) -> Result<Vec<RefusalRow>, StorageError> {
        self.0.read(move |connection| refusals(connection, Some(&party), most)).await
    }

    /// Notes a refusal.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn note_refusal(&self, row: RefusalRow) -> Result<(), StorageError> {
        let noting = self.0.write_later(move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO sign_on_refusal (time, party, login, reason) VALUES (?1, ?2, ?3, ?4)",
                )
                .and_then(|mut statement| {
                    statement.execute(params![row.time, row.party, row.login, row.reason])
                })
                .map_err(StorageError::at("note a refusal"))?;
            connection
                .prepare_cached("DELETE FROM sign_on_refusal WHERE number <= ?1 - ?2")
                .and_then(|mut statement| {
                    statement.execute(params![connection.last_insert_rowid(), REFUSALS])
                })
                .map(|_| ())
                .map_err(StorageError::at("trim refusals"))
        });
        noting.await.map(|_| ())
    }
}

/// All systems in the order of their names. What this program cannot read is left out, and logged.
pub(crate) fn parties(connection: &Connection) -> Result<Vec<RelyingParty>, StorageError> {
    let bodies: Vec<String> = connection
        .prepare_cached("SELECT body FROM relying_party ORDER BY id")
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .map_err(StorageError::at("read relying parties"))?;
    let read = |body: String| match serde_json::from_str(&body) {
        Ok(party) => Some(party),
        Err(error) => {
            tracing::error!(%error, "a relying party cannot be read");
            None
        }
    };
    Ok(bodies.into_iter().filter_map(read).collect())
}

/// Registers a system, or changes its registration.
///
/// # Errors
/// The database does not answer.
pub fn put_party(connection: &Connection, id: &str, body: &str) -> Result<(), StorageError> {
    connection
        .execute("INSERT OR REPLACE INTO relying_party (id, body) VALUES (?1, ?2)", params![id, body])
        .map(|_| ())
        .map_err(StorageError::at("write a relying party"))
}

/// Removes a system; false when there is none of that name.
///
/// # Errors
/// The database does not answer.
pub fn remove_party(connection: &Connection, id: &str) -> Result<bool, StorageError> {
    connection
        .execute("DELETE FROM relying_party WHERE id = ?1", [id])
        .map(|count| count > 0)
        .map_err(StorageError::at("delete a relying party"))
}

/// The newest refusals of a system, or of all.
///
/// # Errors
/// The database does not answer.
pub fn refusals(
    connection: &Connection,
    party: Option<&str>,
    most: u32,
) -> Result<Vec<RefusalRow>, StorageError> {
    connection
        .prepare_cached(
            "SELECT time, party, login, reason FROM sign_on_refusal WHERE ?1 IS NULL OR party = ?1
             ORDER BY number DESC LIMIT ?2",
        )
        .and_then(|mut statement| {
            let rows = statement.query_map(params![party, most], |row| {
                Ok(RefusalRow {
                    time: row.get(0)?,
                    party: row.get(1)?,
                    login: row.get(2)?,
                    reason: row.get(3)?,
                })
            })?;
            rows.collect()
        })
        .map_err(StorageError::at("read refusals"))
}

#[cfg(test)]
mod tests;
