//! Sessions of apps and of their tabs, and which systems each tab is signed in to.

use posthouse_sign_on::moment::Moment;
use posthouse_sign_on::secret::Digest;
use posthouse_sign_on::session::{Child, Parent, Participation};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::SignOnStore;
use crate::storage::StorageError;
use crate::storage::accounts::{self, AccountRow};

/// Uses are noted this far apart.
const NOTED_EVERY: i64 = 30;

/// What a cookie leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSession {
    /// The tab.
    pub child: Child,
    /// The app.
    pub parent: Parent,
    /// The account, when there is one.
    pub account: Option<AccountRow>,
}

const PARENT: &str = "parent.id, parent.login, parent.instance, parent.created, parent.auth_time, \
                      parent.last_seen, parent.gone_since";

pub(super) fn parent(row: &Row<'_>) -> rusqlite::Result<Parent> {
    let gone: i64 = row.get(6)?;
    Ok(Parent {
        id: row.get(0)?,
        login: row.get(1)?,
        instance: row.get(2)?,
        created: Moment(row.get(3)?),
        auth_time: Moment(row.get(4)?),
        last_seen: Moment(row.get(5)?),
        gone_since: (gone > 0).then_some(Moment(gone)),
    })
}

impl SignOnStore {
    /// The session of a cookie. What is about to end counts as ended.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn session(&self, cookie: Digest) -> Result<Option<FoundSession>, StorageError> {
        self.0
            .read(move |connection| {
                let words = format!(
                    "SELECT {PARENT}, child.created, child.last_seen FROM sign_on_child AS child
                     JOIN sign_on_parent AS parent ON parent.id = child.parent
                     WHERE child.cookie = ?1 AND parent.ending = ''"
                );
                let found = connection
                    .prepare_cached(&words)
                    .and_then(|mut statement| {
                        let read = |row: &Row<'_>| {
                            let (created, last_seen) = (Moment(row.get(7)?), Moment(row.get(8)?));
                            Ok((parent(row)?, created, last_seen))
                        };
                        statement.query_row([cookie.as_bytes()], read).optional()
                    })
                    .map_err(StorageError::at("read a session of single sign-on"))?;
                let Some((parent, created, last_seen)) = found else { return Ok(None) };
                let account = accounts::account(connection, &parent.login)?;
                let child = Child { cookie, parent: parent.id.clone(), created, last_seen };
                Ok(Some(FoundSession { child, parent, account }))
            })
            .await
    }

    /// The session of an app that lasts.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn parent_of(&self, instance: String) -> Result<Option<Parent>, StorageError> {
        self.0
            .read(move |connection| {
                let words = format!(
                    "SELECT {PARENT} FROM sign_on_parent AS parent WHERE instance = ?1 AND ending = ''
                     ORDER BY created DESC LIMIT 1"
                );
                connection
                    .prepare_cached(&words)
                    .and_then(|mut statement| statement.query_row([instance], parent).optional())
                    .map_err(StorageError::at("read the session of an app"))
            })
            .await
    }

    /// The account of a login.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn account(&self, login: String) -> Result<Option<AccountRow>, StorageError> {
        self.0.read(move |connection| accounts::account(connection, &login)).await
    }

    /// Begins a tab's session, and the app's when it is new.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn begin(&self, parent: Parent, child: Child) -> Result<(), StorageError> {
        self.0
            .write(move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO sign_on_parent (id, login, instance, created, auth_time, last_seen)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                         ON CONFLICT (id) DO UPDATE SET last_seen = ?6, auth_time = ?5",
                    )
                    .and_then(|mut statement| {
                        statement.execute(params![
                            parent.id,
                            parent.login,
                            parent.instance,
                            parent.created.0,
                            parent.auth_time.0,
                            parent.last_seen.0
                        ])
                    })
                    .map_err(StorageError::at("begin the session of an app"))?;
                connection
                    .prepare_cached(
                        "INSERT INTO sign_on_child (cookie, parent, created, last_seen) VALUES (?1, ?2, ?3, ?3)",
                    )
                    .and_then(|mut statement| {
                        statement.execute(params![child.cookie.as_bytes(), child.parent, child.created.0])
                    })
                    .map(|_| ())
                    .map_err(StorageError::at("begin the session of a tab"))
            })
            .await
    }

    /// Notes that a tab was used, now and then.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn touch(&self, child: &Child, now: Moment) -> Result<(), StorageError> {
        if now.since(child.last_seen) < NOTED_EVERY {
            return Ok(());
        }
        let (cookie, parent) = (child.cookie, child.parent.clone());
        let noting = self.0.write_later(move |connection| {
            connection
                .execute("UPDATE sign_on_parent SET last_seen = ?2 WHERE id = ?1", params![parent, now.0])
                .and_then(|_| {
                    let words = "UPDATE sign_on_child SET last_seen = ?2 WHERE cookie = ?1";
                    connection.execute(words, params![cookie.as_bytes(), now.0])
                })
                .map(|_| ())
                .map_err(StorageError::at("note a use"))
        });
        noting.await.map(|_| ())
    }

    /// Notes that a system takes part in a session.
    ///
    /// # Errors
    /// The database does not answer; the session may be over.
    pub async fn join(&self, child: Digest, participation: Participation) -> Result<(), StorageError> {
        self.0
            .write(move |connection| {
                let body = serde_json::to_string(&participation).map_err(|_| StorageError::ChangeRefused)?;
                connection
                    .prepare_cached(
                        "INSERT OR REPLACE INTO sign_on_participation (child, party, sid, body)
                         VALUES (?1, ?2, ?3, ?4)",
                    )
                    .and_then(|mut statement| {
                        statement.execute(params![
                            child.as_bytes(),
                            participation.party,
                            participation.sid,
                            body
                        ])
                    })
                    .map(|_| ())
                    .map_err(StorageError::at("note a system of a session"))
            })
            .await
    }

    /// The systems of a session.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn participations(&self, child: Digest) -> Result<Vec<Participation>, StorageError> {
        self.0.read(move |connection| participations(connection, &child)).await
    }

    /// The app's stream is there again, or is gone since then.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn note_stream(&self, instance: String, gone: Option<Moment>) -> Result<(), StorageError> {
        let noting = self.0.write_later(move |connection| {
            let since = gone.map_or(0, |moment| moment.0);
            connection
                .prepare_cached("UPDATE sign_on_parent SET gone_since = ?2 WHERE instance = ?1")
                .and_then(|mut statement| statement.execute(params![instance, since]))
                .map(|_| ())
                .map_err(StorageError::at("note an app's stream"))
        });
        noting.await.map(|_| ())
    }

    /// At the start of the server no stream is there, however long it was down: apps have the usual time from now on
    /// to come back.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn note_all_gone(&self, now: Moment) -> Result<(), StorageError> {
        self.0
            .write(move |connection| {
                connection
                    .execute("UPDATE sign_on_parent SET gone_since = ?1", [now.0])
                    .map(|_| ())
                    .map_err(StorageError::at("note all streams as gone"))
            })
            .await
    }
}

pub(super) fn participations(
    connection: &Connection,
    child: &Digest,
) -> Result<Vec<Participation>, StorageError> {
    let bodies: Vec<String> = connection
        .prepare_cached("SELECT body FROM sign_on_participation WHERE child = ?1 ORDER BY sid")
        .and_then(|mut statement| statement.query_map([child.as_bytes()], |row| row.get(0))?.collect())
        .map_err(StorageError::at("read the systems of a session"))?;
    Ok(bodies.iter().filter_map(|body| serde_json::from_str(body).ok()).collect())
}
