//! Tickets, codes, tokens and cookies of sites: each known by its hash, those for one use taken in one atomic step.

use posthouse_sign_on::moment::Moment;
use posthouse_sign_on::secret::Digest;
use posthouse_sign_on::taken::Taken;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::SignOnStore;
use crate::storage::StorageError;

/// Of a grant that was revoked.
const REVOKED: i64 = 2;
/// How long what was used stays known, so that a second use is noticed.
const REMEMBERED: i64 = 86_400;

/// What a value is; numbers in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Entrance of a tab.
    Ticket,
    /// Authorization code.
    Code,
    /// Access token.
    Access,
    /// Refresh token.
    Refresh,
    /// CAS service ticket.
    Service,
    /// Launch ticket.
    Launch,
    /// Forward-auth ticket.
    Site,
    /// Forward-auth cookie.
    SiteCookie,
    /// Something that a system is to be told; no secret.
    Farewell,
    /// A wrong password; no secret.
    Guess,
}

impl Kind {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Ticket => 1,
            Self::Code => 2,
            Self::Access => 3,
            Self::Refresh => 4,
            Self::Service => 5,
            Self::Launch => 6,
            Self::Site => 7,
            Self::SiteCookie => 8,
            Self::Farewell => 9,
            Self::Guess => 10,
        }
    }
}

/// Something to keep.
#[derive(Debug, Clone)]
pub struct Value {
    hash: Digest,
    kind: Kind,
    owner: String,
    child: Option<Digest>,
    made: Moment,
    expires: Moment,
    body: String,
}

impl Value {
    /// A record under its hash. `owner`: the login of a ticket, the grant of a code or token.
    ///
    /// # Errors
    /// The record cannot be written as JSON, which is a defect.
    pub fn new(
        (hash, kind): (Digest, Kind),
        owner: &str,
        child: Option<Digest>,
        (made, expires): (Moment, Moment),
        record: &impl Serialize,
    ) -> Result<Self, StorageError> {
        let body = serde_json::to_string(record).map_err(|error| {
            tracing::error!(%error, "a record of single sign-on cannot be written");
            StorageError::ChangeRefused
        })?;
        Ok(Self { hash, kind, owner: owner.to_owned(), child, made, expires, body })
    }

    fn insert(&self, connection: &Connection) -> Result<(), StorageError> {
        connection
            .prepare_cached(
                "INSERT INTO sign_on_value (hash, kind, owner, child, made, expires, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )
            .and_then(|mut statement| {
                let child = self.child.as_ref().map(Digest::as_bytes).unwrap_or_default();
                statement.execute(params![
                    self.hash.as_bytes(),
                    self.kind.number(),
                    self.owner,
                    child,
                    self.made.0,
                    self.expires.0,
                    self.body
                ])
            })
            .map(|_| ())
            .map_err(StorageError::at("keep a value of single sign-on"))
    }
}

impl SignOnStore {
    /// Keeps values; they are on the disk when this returns. False when they come of a grant that was revoked
    /// meanwhile: then nothing is kept.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn keep(&self, values: Vec<Value>) -> Result<bool, StorageError> {
        self.0
            .write(move |connection| {
                for value in &values {
                    if !value.owner.is_empty() && is_revoked(connection, &value.owner)? {
                        return Ok(false);
                    }
                }
                for value in &values {
                    value.insert(connection)?;
                }
                Ok(true)
            })
            .await
    }

    /// Takes what may be used once. Codes and refresh tokens stay known as spent.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn take<T: DeserializeOwned + Send + 'static>(
        &self,
        kind: Kind,
        hash: Digest,
    ) -> Result<Taken<T>, StorageError> {
        let remembers = matches!(kind, Kind::Code | Kind::Refresh);
        self.0
            .write(move |connection| {
                let taking = if remembers {
                    "UPDATE sign_on_value SET spent = 1 WHERE hash = ?1 AND kind = ?2 AND spent = 0 RETURNING body"
                } else {
                    "DELETE FROM sign_on_value WHERE hash = ?1 AND kind = ?2 RETURNING body"
                };
                if let Some(body) = body(connection, taking, &hash, kind)? {
                    return Ok(read(&body).map_or(Taken::Unknown, Taken::Fresh));
                }
                let spent = "SELECT body FROM sign_on_value WHERE hash = ?1 AND kind = ?2 AND spent > 0";
                let known = if remembers { body(connection, spent, &hash, kind)? } else { None };
                Ok(known.and_then(|body| read(&body)).map_or(Taken::Unknown, Taken::Spent))
            })
            .await
    }

    /// What is known under this hash and was not used.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn look<T: DeserializeOwned + Send + 'static>(
        &self,
        kind: Kind,
        hash: Digest,
    ) -> Result<Option<T>, StorageError> {
        self.0
            .read(move |connection| {
                let looking = "SELECT body FROM sign_on_value WHERE hash = ?1 AND kind = ?2 AND spent = 0";
                Ok(body(connection, looking, &hash, kind)?.and_then(|body| read(&body)))
            })
            .await
    }

    /// Forgets one value.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn forget(&self, hash: Digest) -> Result<(), StorageError> {
        self.0
            .write(move |connection| {
                connection
                    .execute("DELETE FROM sign_on_value WHERE hash = ?1", [hash.as_bytes()])
                    .map(|_| ())
                    .map_err(StorageError::at("forget a value of single sign-on"))
            })
            .await
    }

    /// Ends everything that came of a grant, also what is being made of it just now.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn revoke_grant(&self, grant: String) -> Result<(), StorageError> {
        self.0
            .write(move |connection| {
                connection
                    .execute("DELETE FROM sign_on_value WHERE owner = ?1 AND spent = 0", [&grant])
                    .map_err(StorageError::at("revoke a grant"))?;
                connection
                    .execute("UPDATE sign_on_value SET spent = ?2 WHERE owner = ?1", params![grant, REVOKED])
                    .map(|_| ())
                    .map_err(StorageError::at("mark a grant as revoked"))
            })
            .await
    }
}

/// Drops what is worth nothing any more.
pub(super) fn purge(connection: &Connection, now: Moment) -> Result<(), StorageError> {
    connection
        .execute(
            "DELETE FROM sign_on_value WHERE expires < ?1 AND (kind NOT IN (2, 4) OR expires < ?2)",
            params![now.0, now.plus(-REMEMBERED).0],
        )
        .map(|_| ())
        .map_err(StorageError::at("purge values of single sign-on"))
}

fn is_revoked(connection: &Connection, grant: &str) -> Result<bool, StorageError> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM sign_on_value WHERE owner = ?1 AND spent = ?2)")
        .and_then(|mut statement| statement.query_row(params![grant, REVOKED], |row| row.get(0)))
        .map_err(StorageError::at("look for a revoked grant"))
}

fn body(
    connection: &Connection,
    words: &str,
    hash: &Digest,
    kind: Kind,
) -> Result<Option<String>, StorageError> {
    connection
        .prepare_cached(words)
        .and_then(|mut statement| {
            statement.query_row(params![hash.as_bytes(), kind.number()], |row| row.get(0)).optional()
        })
        .map_err(StorageError::at("read a value of single sign-on"))
}

fn read<T: DeserializeOwned>(body: &str) -> Option<T> {
    serde_json::from_str(body)
        .map_err(|error| tracing::error!(%error, "a record of single sign-on cannot be read"))
        .ok()
}
