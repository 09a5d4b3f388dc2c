//! Whom accounts have blocked (XEP-0191).

use jid::BareJid;
use rusqlite::params;

use super::{Database, StorageError};

pub(super) const TABLES: &str = "
CREATE TABLE blocklist (
    owner TEXT NOT NULL,
    blocked TEXT NOT NULL,
    PRIMARY KEY (owner, blocked)
) STRICT, WITHOUT ROWID;
";

/// Everything that is blocked: account, blocked address.
///
/// # Errors
/// The database does not answer.
pub async fn all_blocked(database: &Database) -> Result<Vec<(BareJid, String)>, StorageError> {
    database
        .read(|connection| {
            let at = StorageError::at("blocked addresses");
            let mut statement = connection.prepare("SELECT owner, blocked FROM blocklist").map_err(&at)?;
            let rows = statement
                .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
                .map_err(&at)?;
            let rows = rows.collect::<Result<Vec<_>, _>>().map_err(&at)?;
            Ok(rows
                .into_iter()
                .filter_map(|(owner, blocked)| Some((BareJid::new(&owner).ok()?, blocked)))
                .collect())
        })
        .await
}

/// Replaces what an account has blocked.
///
/// # Errors
/// The database does not answer.
pub async fn set_blocked(
    database: &Database,
    owner: BareJid,
    blocked: Vec<String>,
) -> Result<(), StorageError> {
    database
        .write(move |connection| {
            let at = StorageError::at("set blocked addresses");
            connection.execute("DELETE FROM blocklist WHERE owner = ?1", [owner.as_str()]).map_err(&at)?;
            for address in blocked {
                connection
                    .prepare_cached("INSERT OR IGNORE INTO blocklist (owner, blocked) VALUES (?1, ?2)")
                    .and_then(|mut it| it.execute(params![owner.as_str(), address]))
                    .map_err(&at)?;
            }
            Ok(())
        })
        .await
}
