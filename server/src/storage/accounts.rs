//! Tables of accounts: who may sign in, with which keys, and what has happened to them.

use posthouse_sign_on::session::End;
use rusqlite::{Connection, OptionalExtension, params};

use super::database::StorageError;
use super::sign_on::{self, Apps};

/// Kinds of [`AccountEvent`] in the database.
const ENDED: i64 = 1;

pub(super) const TABLES: &str = "
CREATE TABLE server_secret (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE account (
    login TEXT NOT NULL PRIMARY KEY,
    disabled INTEGER NOT NULL DEFAULT 0,
    role TEXT NOT NULL DEFAULT '',
    must_change INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE credential (
    login TEXT NOT NULL REFERENCES account (login) ON DELETE CASCADE,
    hash INTEGER NOT NULL,
    iterations INTEGER NOT NULL,
    salt BLOB NOT NULL,
    stored_key BLOB NOT NULL,
    server_key BLOB NOT NULL,
    PRIMARY KEY (login, hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE account_event (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    login TEXT NOT NULL,
    kind INTEGER NOT NULL
) STRICT;
";

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountRow {
    /// Local part of the address.
    pub login: String,
    /// Locked by an administrator.
    pub disabled: bool,
    /// `administrator`, or empty.
    pub role: String,
    /// Somebody else chose the password.
    pub must_change: bool,
    /// A password has been set.
    pub has_password: bool,
    /// Tags of the person.
    pub tags: Vec<String>,
}

/// Keys of a password under one hash.
#[derive(Clone, PartialEq, Eq)]
pub struct CredentialRow {
    /// Number of the hash.
    pub hash: u8,
    /// Salt.
    pub salt: Vec<u8>,
    /// Iterations of PBKDF2.
    pub iterations: u32,
    /// `H(ClientKey)`.
    pub stored_key: Vec<u8>,
    /// `HMAC(SaltedPassword, "Server Key")`.
    pub server_key: Vec<u8>,
}

/// The secret of that name; `fresh` becomes it when there is none.
pub(crate) fn secret(connection: &Connection, name: &str, fresh: &[u8]) -> Result<Vec<u8>, StorageError> {
    connection
        .execute(
            "INSERT INTO server_secret (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![name, fresh],
        )
        .map_err(StorageError::at("insert secret"))?;
    connection
        .query_row("SELECT value FROM server_secret WHERE name = ?1", [name], |row| row.get(0))
        .map_err(StorageError::at("read secret"))
}

/// The account of a login.
pub(crate) fn account(connection: &Connection, login: &str) -> Result<Option<AccountRow>, StorageError> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM account WHERE login = ?1"))
        .and_then(|mut statement| statement.query_row([login], read_account).optional())
        .map_err(StorageError::at("read account"))
}

/// All accounts.
pub(crate) fn accounts(connection: &Connection) -> Result<Vec<AccountRow>, StorageError> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM account ORDER BY login"))
        .and_then(|mut statement| statement.query_map([], read_account)?.collect())
        .map_err(StorageError::at("read accounts"))
}

/// Tags are those of the person with this login; read here, they are those of this very moment.
const COLUMNS: &str = "login, disabled, role, must_change,
    EXISTS (SELECT 1 FROM credential WHERE credential.login = account.login),
    (SELECT group_concat(tag, ',') FROM person_tag JOIN person ON person.id = person_tag.person
     WHERE person.login = account.login)";

fn read_account(row: &rusqlite::Row<'_>) -> rusqlite::Result<AccountRow> {
    let tags: Option<String> = row.get(5)?;
    Ok(AccountRow {
        login: row.get(0)?,
        disabled: row.get(1)?,
        role: row.get(2)?,
        must_change: row.get(3)?,
        has_password: row.get(4)?,
        // No tag has a comma.
        tags: tags.unwrap_or_default().split(',').filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
    })
}

/// The keys of a login under one hash.
pub(crate) fn credential(
    connection: &Connection,
    login: &str,
    hash: u8,
) -> Result<Option<CredentialRow>, StorageError> {
    connection
        .prepare_cached(
            "SELECT salt, iterations, stored_key, server_key FROM credential WHERE login = ?1 AND hash = ?2",
        )
        .and_then(|mut statement| {
            statement
                .query_row(params![login, hash], |row| {
                    Ok(CredentialRow {
                        hash,
                        salt: row.get(0)?,
                        iterations: row.get(1)?,
                        stored_key: row.get(2)?,
                        server_key: row.get(3)?,
                    })
                })
                .optional()
        })
        .map_err(StorageError::at("read credential"))
}

/// Adds an account without a password.
pub(crate) fn insert_account(
    connection: &Connection,
    login: &str,
    role: &str,
    must_change: bool,
) -> Result<(), StorageError> {
    connection
        .prepare_cached("INSERT INTO account (login, role, must_change) VALUES (?1, ?2, ?3)")
        .and_then(|mut statement| statement.execute(params![login, role, must_change]))
        .map(|_| ())
        .map_err(StorageError::at("insert account"))
}

/// Replaces the keys of an account and ends the sessions that proved the old ones.
pub(crate) fn set_password(
    connection: &Connection,
    login: &str,
    keys: &[CredentialRow],
    must_change: bool,
) -> Result<(), StorageError> {
    replace_password(connection, login, keys, must_change)?;
    end_sessions(connection, login, End::PasswordChanged)
}

/// Replaces the keys of an account; its sessions go on.
pub(crate) fn replace_password(
    connection: &Connection,
    login: &str,
    keys: &[CredentialRow],
    must_change: bool,
) -> Result<(), StorageError> {
    for key in keys {
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO credential (login, hash, iterations, salt, stored_key, server_key)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )
            .and_then(|mut statement| {
                let values =
                    params![login, key.hash, key.iterations, key.salt, key.stored_key, key.server_key];
                statement.execute(values)
            })
            .map_err(StorageError::at("write credential"))?;
    }
    connection
        .prepare_cached("UPDATE account SET must_change = ?2 WHERE login = ?1")
        .and_then(|mut statement| statement.execute(params![login, must_change]))
        .map(|_| ())
        .map_err(StorageError::at("update account"))
}

/// Locks or unlocks an account; locking ends its sessions.
pub(crate) fn set_disabled(connection: &Connection, login: &str, disabled: bool) -> Result<(), StorageError> {
    connection
        .prepare_cached("UPDATE account SET disabled = ?2 WHERE login = ?1")
        .and_then(|mut statement| statement.execute(params![login, disabled]))
        .map_err(StorageError::at("update account"))?;
    if disabled { end_sessions(connection, login, End::AccountClosed) } else { Ok(()) }
}

/// Removes an account with its keys and ends its sessions.
pub(crate) fn delete_account(connection: &Connection, login: &str) -> Result<(), StorageError> {
    connection
        .execute("DELETE FROM account WHERE login = ?1", [login])
        .map_err(StorageError::at("delete account"))?;
    end_sessions(connection, login, End::AccountClosed)
}

/// Ends everything that was signed in with the account: a running server does it within a moment, and what is kept of
/// single sign-on is worth nothing from this very change on.
pub(crate) fn end_sessions(connection: &Connection, login: &str, why: End) -> Result<(), StorageError> {
    sign_on::mark(connection, login, Apps::All, why.code())?;
    connection
        .prepare_cached("INSERT INTO account_event (login, kind) VALUES (?1, ?2)")
        .and_then(|mut statement| statement.execute(params![login, ENDED]))
        .map_err(StorageError::at("insert account event"))?;
    // A running server reads them within a moment; one that starts has no sessions to end.
    connection
        .prepare_cached("DELETE FROM account_event WHERE number <= ?1 - 100000")
        .and_then(|mut statement| statement.execute([connection.last_insert_rowid()]))
        .map(|_| ())
        .map_err(StorageError::at("trim account events"))
}

/// Number of the newest event.
pub(crate) fn newest_event(connection: &Connection) -> Result<i64, StorageError> {
    connection
        .query_row("SELECT coalesce(max(number), 0) FROM account_event", [], |row| row.get(0))
        .map_err(StorageError::at("read newest account event"))
}

/// Logins whose sessions must end, by events after `number`.
pub(crate) fn ended_since(connection: &Connection, number: i64) -> Result<Vec<String>, StorageError> {
    connection
        .prepare_cached("SELECT DISTINCT login FROM account_event WHERE number > ?1 AND kind = ?2")
        .and_then(|mut statement| statement.query_map(params![number, ENDED], |row| row.get(0))?.collect())
        .map_err(StorageError::at("read account events"))
}
