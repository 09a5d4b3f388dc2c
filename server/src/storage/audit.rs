//! The audit log: who did what, when. Each entry holds the hash of the one before, so that an entry that is
//! changed or taken out later shows.

use aws_lc_rs::digest;
use rusqlite::{Connection, OptionalExtension, params};

use super::database::{Database, StorageError};
use crate::clock::Timestamp;

pub(super) const TABLES: &str = "
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    hash BLOB NOT NULL
) STRICT;
";

/// What is written down. Never a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub time: Timestamp,
    /// Who, such as `command line (root)`.
    pub actor: String,
    /// What, such as `user add`.
    pub action: String,
    /// To whom.
    pub subject: String,
    /// What changed.
    pub detail: String,
}

/// Writes an entry down that belongs to no other change.
///
/// # Errors
/// The database does not answer.
pub async fn write(database: &Database, entry: AuditEntry) -> Result<(), StorageError> {
    database.write(move |connection| append(connection, &entry)).await
}

/// Adds an entry to the chain.
pub(crate) fn append(connection: &Connection, entry: &AuditEntry) -> Result<(), StorageError> {
    let last = connection
        .prepare_cached("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")
        .and_then(|mut statement| {
            statement.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))).optional()
        })
        .map_err(StorageError::at("read last audit entry"))?;
    let (number, before) = last.unwrap_or_default();
    let number = number.saturating_add(1);
    connection
        .prepare_cached(
            "INSERT INTO audit (number, time, actor, action, subject, detail, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                number,
                entry.time.0,
                entry.actor,
                entry.action,
                entry.subject,
                entry.detail,
                chain(&before, number, entry)
            ])
        })
        .map(|_| ())
        .map_err(StorageError::at("insert audit entry"))
}

/// Hash of an entry behind `before`. Every text is preceded by its length, so that no two entries look alike.
fn chain(before: &[u8], number: i64, entry: &AuditEntry) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(before);
    context.update(&number.to_be_bytes());
    context.update(&entry.time.0.to_be_bytes());
    for text in [&entry.actor, &entry.action, &entry.subject, &entry.detail] {
        context.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(text.as_bytes());
    }
    context.finish().as_ref().to_vec()
}

/// Number of entries, or the number of the first entry that does not fit the chain.
pub(crate) fn verify(connection: &Connection) -> Result<Result<i64, i64>, StorageError> {
    let mut statement = connection
        .prepare("SELECT number, time, actor, action, subject, detail, hash FROM audit ORDER BY number")
        .map_err(StorageError::at("prepare audit"))?;
    let mut rows = statement.query([]).map_err(StorageError::at("read audit"))?;
    let (mut before, mut count) = (Vec::new(), 0_i64);
    while let Some(row) = rows.next().map_err(StorageError::at("read audit"))? {
        count = count.saturating_add(1);
        let (number, entry, hash) = read(row).map_err(StorageError::at("read audit entry"))?;
        if number != count || hash != chain(&before, number, &entry) {
            return Ok(Err(count));
        }
        before = hash;
    }
    Ok(Ok(count))
}

/// The newest entries, oldest of them first; of one action when it is named.
pub(crate) fn newest(
    connection: &Connection,
    action: Option<&str>,
    most: u32,
) -> Result<Vec<AuditEntry>, StorageError> {
    let mut statement = connection
        .prepare(
            "SELECT number, time, actor, action, subject, detail, hash FROM
                 (SELECT * FROM audit WHERE ?1 IS NULL OR action = ?1 ORDER BY number DESC LIMIT ?2)
             ORDER BY number",
        )
        .map_err(StorageError::at("prepare newest audit entries"))?;
    let entries = statement
        .query_map(params![action, most], |row| read(row).map(|(_, entry, _)| entry))
        .and_then(Iterator::collect)
        .map_err(StorageError::at("read newest audit entries"))?;
    Ok(entries)
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<(i64, AuditEntry, Vec<u8>)> {
    let entry = AuditEntry {
        time: Timestamp(row.get(1)?),
        actor: row.get(2)?,
        action: row.get(3)?,
        subject: row.get(4)?,
        detail: row.get(5)?,
    };
    Ok((row.get(0)?, entry, row.get(6)?))
}

#[cfg(test)]
mod tests {
    use super::{AuditEntry, append, verify};
    use crate::clock::Timestamp;
    use crate::storage::Database;

    fn entry(subject: &str) -> AuditEntry {
        AuditEntry {
            time: Timestamp(7),
            actor: "root".to_owned(),
            action: "user add".to_owned(),
            subject: subject.to_owned(),
            detail: String::new(),
        }
    }

    #[tokio::test]
    async fn a_changed_or_missing_entry_shows() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
        for subject in ["张三", "李四", "王五"] {
            database.write(move |connection| append(connection, &entry(subject))).await.unwrap();
        }
        assert_eq!(database.read_now(verify).unwrap(), Ok(3));
        for (change, first) in [
            ("UPDATE audit SET subject = '赵六' WHERE number = 2", 2),
            ("UPDATE audit SET subject = '李四' WHERE number = 2; DELETE FROM audit WHERE number = 1", 1),
        ] {
            let tamper = move |connection: &rusqlite::Connection| {
                connection.execute_batch(change).unwrap();
                Ok(())
            };
            database.write(tamper).await.unwrap();
            assert_eq!(database.read_now(verify).unwrap(), Err(first));
        }
    }
}
