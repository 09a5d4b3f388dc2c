//! Which servers have bound a login to its encrypted connection (RFC 5802 section 6): they have to do so again.

use rusqlite::{Connection, OptionalExtension, params};

/// Servers as typed.
pub(crate) const TABLES: &str = "
CREATE TABLE binding (
    server TEXT PRIMARY KEY NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Whether the server has bound a login.
pub(crate) fn has_bound(connection: &Connection, server: &str) -> rusqlite::Result<bool> {
    let found = connection
        .prepare_cached("SELECT 1 FROM binding WHERE server = ?1")?
        .query_row(params![server], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// The server has bound a login.
pub(crate) fn note(connection: &Connection, server: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO binding (server) VALUES (?1)")?
        .execute(params![server])
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::{TABLES, has_bound, note};

    #[test]
    fn a_server_that_has_bound_a_login_is_remembered_and_no_other_one() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(TABLES).unwrap();
        assert!(!has_bound(&connection, "a").unwrap());
        note(&connection, "a").unwrap();
        note(&connection, "a").unwrap();
        assert!(has_bound(&connection, "a").unwrap() && !has_bound(&connection, "b").unwrap());
    }
}
