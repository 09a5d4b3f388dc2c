//! To whom people have written who are hidden from them: those may answer.

use jid::BareJid;
use rusqlite::params;

use super::{Database, StorageError};

pub(super) const TABLES: &str = "
CREATE TABLE acquaintance (
    hidden TEXT NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (hidden, person)
) STRICT, WITHOUT ROWID;
";

/// Everybody who was written to: the hidden account, the other one.
///
/// # Errors
/// The database does not answer.
pub async fn all_acquaintances(database: &Database) -> Result<Vec<(BareJid, BareJid)>, StorageError> {
    database
        .read(|connection| {
            let at = StorageError::at("acquaintances");
            let mut statement = connection.prepare("SELECT hidden, person FROM acquaintance").map_err(&at)?;
            let rows = statement
                .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
                .map_err(&at)?;
            let rows = rows.collect::<Result<Vec<_>, _>>().map_err(&at)?;
            Ok(rows
                .into_iter()
                .filter_map(|(hidden, person)| {
                    Some((BareJid::new(&hidden).ok()?, BareJid::new(&person).ok()?))
                })
                .collect())
        })
        .await
}

/// A hidden account has written to somebody.
///
/// # Errors
/// The database does not answer.
pub async fn acquaint(database: &Database, hidden: BareJid, person: BareJid) -> Result<(), StorageError> {
    database
        .write(move |connection| {
            connection
                .prepare_cached("INSERT OR IGNORE INTO acquaintance (hidden, person) VALUES (?1, ?2)")
                .and_then(|mut it| it.execute(params![hidden.as_str(), person.as_str()]))
                .map(|_| ())
                .map_err(StorageError::at("acquaint"))
        })
        .await
}
