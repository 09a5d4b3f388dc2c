//! Ends of sessions: what hangs on one goes with it in the same step, and who has to be told comes out.

use posthouse_sign_on::moment::{Lifetimes, Moment};
use posthouse_sign_on::secret::Digest;
use posthouse_sign_on::session::Participation;
use rusqlite::{Connection, params};

use super::{About, Kind, SignOnStore, farewells, sessions, values};
use crate::storage::StorageError;

/// Apps of a person whose sessions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Apps<'a> {
    /// All of them.
    All,
    /// The one with this full address.
    One(&'a str),
    /// All but the one with this full address.
    AllBut(&'a str),
}

/// A tab's session that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Login of the person.
    pub login: String,
    /// Why, in a word.
    pub reason: String,
    /// The systems to tell; each is noted until it is told ([`SignOnStore::farewells`]).
    pub participations: Vec<Participation>,
}

impl SignOnStore {
    /// Marks all sessions of a person as ending, or those of one app; [`SignOnStore::end_due`] does the rest. From
    /// then on their cookies lead nowhere.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn mark_ending(
        &self,
        login: String,
        instance: Option<String>,
        reason: &'static str,
    ) -> Result<(), StorageError> {
        self.0
            .write(move |connection| {
                let apps = instance.as_deref().map_or(Apps::All, Apps::One);
                mark(connection, &login, apps, reason)
            })
            .await
    }

    /// Ends one tab's session.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn end_child(&self, cookie: Digest, reason: &'static str) -> Result<Vec<Ended>, StorageError> {
        self.0
            .write(move |connection| {
                let due = children(connection, "child.cookie = ?1", params![cookie.as_bytes()])?;
                end(connection, due, reason)
            })
            .await
    }

    /// Ends every session whose time is up, whose account is closed, or that was marked; drops what is worth nothing.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn end_due(&self, lifetimes: Lifetimes, now: Moment) -> Result<Vec<Ended>, StorageError> {
        self.0
            .write(move |connection| {
                let mut ended = Vec::new();
                let since = |seconds: i64| now.plus(-seconds).0;
                let closed =
                    "NOT EXISTS (SELECT 1 FROM account WHERE account.login = parent.login AND disabled = 0)";
                for (reason, condition, moment) in [
                    ("", "parent.ending <> ''", 0),
                    ("account-closed", closed, 0),
                    ("app-gone", "parent.gone_since > 0 AND parent.gone_since < ?1", since(lifetimes.grace)),
                    ("too-old", "parent.created < ?1", since(lifetimes.absolute)),
                    ("idle", "parent.last_seen < ?1", since(lifetimes.idle)),
                ] {
                    let parameters: &[&dyn rusqlite::ToSql] =
                        if condition.contains("?1") { &[&moment] } else { &[] };
                    let due = children(connection, condition, parameters)?;
                    ended.extend(end(connection, due, reason)?);
                    connection
                        .execute(
                            &format!("DELETE FROM sign_on_parent AS parent WHERE {condition}"),
                            parameters,
                        )
                        .map_err(StorageError::at("end the sessions of apps"))?;
                }
                values::purge(connection, now)?;
                Ok(ended)
            })
            .await
    }
}

/// Marks sessions as ending, as a part of whatever ends them: from the moment of that change on, their cookies lead
/// nowhere, and entrances that were given out neither.
pub(crate) fn mark(
    connection: &Connection,
    login: &str,
    apps: Apps<'_>,
    reason: &str,
) -> Result<(), StorageError> {
    let (instance, comparison) = match apps {
        Apps::All => ("", "<>"),
        Apps::One(instance) => (instance, "="),
        Apps::AllBut(instance) => (instance, "<>"),
    };
    connection
        .prepare_cached(&format!(
            "UPDATE sign_on_parent SET ending = ?3 WHERE login = ?1 AND ending = '' AND instance {comparison} ?2"
        ))
        .and_then(|mut statement| statement.execute(params![login, instance, reason]))
        .map_err(StorageError::at("mark sessions as ending"))?;
    connection
        .prepare_cached(&format!(
            "DELETE FROM sign_on_value
             WHERE owner = ?1 AND kind = ?3 AND json_extract(body, '$.instance') {comparison} ?2"
        ))
        .and_then(|mut statement| statement.execute(params![login, instance, Kind::Ticket.number()]))
        .map(|_| ())
        .map_err(StorageError::at("drop entrances"))
}

/// Marks every session as ending, and drops all entrances.
pub(in crate::storage) fn mark_all(connection: &Connection, reason: &str) -> Result<(), StorageError> {
    connection
        .execute("UPDATE sign_on_parent SET ending = ?1 WHERE ending = ''", [reason])
        .map_err(StorageError::at("mark all sessions as ending"))?;
    connection
        .execute("DELETE FROM sign_on_value WHERE kind = ?1", [Kind::Ticket.number()])
        .map(|_| ())
        .map_err(StorageError::at("drop all entrances"))
}

struct Due {
    cookie: Digest,
    login: String,
    ending: String,
}

fn children(
    connection: &Connection,
    condition: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<Due>, StorageError> {
    let words = format!(
        "SELECT child.cookie, parent.login, parent.ending FROM sign_on_child AS child
         JOIN sign_on_parent AS parent ON parent.id = child.parent WHERE {condition}"
    );
    let rows: Vec<(Vec<u8>, String, String)> = connection
        .prepare_cached(&words)
        .and_then(|mut statement| {
            statement.query_map(parameters, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
        })
        .map_err(StorageError::at("read sessions that end"))?;
    let read = |(cookie, login, ending): (Vec<u8>, String, String)| {
        Some(Due { cookie: Digest::from_bytes(&cookie)?, login, ending })
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

fn end(connection: &Connection, due: Vec<Due>, reason: &str) -> Result<Vec<Ended>, StorageError> {
    let mut ended = Vec::with_capacity(due.len());
    for Due { cookie, login, ending } in due {
        let participations = sessions::participations(connection, &cookie)?;
        let reason = if ending.is_empty() { reason.to_owned() } else { ending };
        for participation in &participations {
            let about =
                About { login: login.clone(), reason: reason.clone(), participation: participation.clone() };
            farewells::note(connection, &cookie, &about)?;
        }
        for words in
            ["DELETE FROM sign_on_value WHERE child = ?1", "DELETE FROM sign_on_child WHERE cookie = ?1"]
        {
            connection
                .execute(words, [cookie.as_bytes()])
                .map_err(StorageError::at("end a session of single sign-on"))?;
        }
        ended.push(Ended { login, reason, participations });
    }
    Ok(ended)
}
