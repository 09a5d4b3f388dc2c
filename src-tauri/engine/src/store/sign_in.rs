//! Who signed in last, where, and which certificates the person has accepted for which server.

use rusqlite::{Connection, OptionalExtension, params};

/// The last sign-in, and accepted certificate authorities by server as typed.
pub(crate) const TABLES: &str = "
CREATE TABLE sign_in (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    server TEXT NOT NULL DEFAULT '',
    login TEXT NOT NULL DEFAULT '',
    account TEXT NOT NULL DEFAULT '',
    signed_in INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE trusted (
    server TEXT PRIMARY KEY NOT NULL,
    fingerprint TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// The last sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LastSignIn {
    /// Server as typed.
    pub(crate) server: String,
    /// ID as typed.
    pub(crate) login: String,
    /// Bare address; empty when the server has never accepted the ID.
    pub(crate) account: String,
    /// Still signed in: the next start goes on with this account.
    pub(crate) signed_in: bool,
}

/// The last sign-in, when there was one.
pub(crate) fn last(connection: &Connection) -> rusqlite::Result<Option<LastSignIn>> {
    connection
        .prepare_cached("SELECT server, login, account, signed_in FROM sign_in WHERE only = 1")?
        .query_row([], |row| {
            Ok(LastSignIn {
                server: row.get(0)?,
                login: row.get(1)?,
                account: row.get(2)?,
                signed_in: row.get(3)?,
            })
        })
        .optional()
}

/// Notes a sign-in in place of the one before.
pub(crate) fn note(connection: &Connection, sign_in: &LastSignIn) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO sign_in (only, server, login, account, signed_in) \
             VALUES (1, ?1, ?2, ?3, ?4)",
        )?
        .execute(params![sign_in.server, sign_in.login, sign_in.account, sign_in.signed_in])
        .map(|_| ())
}

/// The next start asks who signs in; server and ID stay for the form.
pub(crate) fn signed_out(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE sign_in SET signed_in = 0 WHERE only = 1")?.execute([]).map(|_| ())
}

/// The certificate authority accepted for a server: SHA-256, lower-case hexadecimal.
pub(crate) fn trusted(connection: &Connection, server: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT fingerprint FROM trusted WHERE server = ?1")?
        .query_row(params![server], |row| row.get(0))
        .optional()
}

/// Accepts a certificate authority for a server, in place of the one before.
pub(crate) fn trust(connection: &Connection, server: &str, fingerprint: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO trusted (server, fingerprint) VALUES (?1, ?2)")?
        .execute(params![server, fingerprint])
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::{LastSignIn, TABLES, last, note, signed_out, trust, trusted};

    #[test]
    fn the_last_sign_in_stays_for_the_form_after_signing_out() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(TABLES).unwrap();
        assert_eq!(last(&connection).unwrap(), None);
        let mut sign_in = LastSignIn {
            server: "10.0.0.5:10000".to_owned(),
            login: "zhang.san".to_owned(),
            account: "zhang.san@example.org".to_owned(),
            signed_in: true,
        };
        note(&connection, &sign_in).unwrap();
        signed_out(&connection).unwrap();
        sign_in.signed_in = false;
        assert_eq!(last(&connection).unwrap(), Some(sign_in));
    }

    #[test]
    fn a_newly_accepted_authority_takes_the_place_of_the_old_one() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(TABLES).unwrap();
        trust(&connection, "a", "11").unwrap();
        trust(&connection, "a", "22").unwrap();
        assert_eq!(trusted(&connection, "a").unwrap().as_deref(), Some("22"));
        assert_eq!(trusted(&connection, "b").unwrap(), None);
    }
}
