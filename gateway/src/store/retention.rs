//! Old texts are deleted, and how much room all takes.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::{Store, StoreError};
use crate::clock::Moment;

/// How large the database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Size {
    /// All of it, in bytes.
    pub bytes: i64,
    /// Of that, free for what comes.
    pub free: i64,
}

/// What may be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Old {
    /// From before this.
    pub(crate) before: Moment,
    /// Senders hear what becomes of their texts: those who do not know it yet shall.
    pub(crate) is_told: bool,
    /// At once: others wait meanwhile.
    pub(crate) most: usize,
}

impl Store {
    /// Deletes finished texts, texts that the server has, and messages nobody could read. Says how many; fewer than
    /// the most: there are no more.
    pub(crate) async fn forget(&self, old: Old) -> Result<usize, StoreError> {
        self.run(move |connection| {
            let mut gone = texts(connection, old)?;
            for statement in [
                "DELETE FROM incoming WHERE id IN (SELECT id FROM incoming \
                 WHERE received < ?1 AND is_handed = 1 ORDER BY received LIMIT ?2)",
                "DELETE FROM unreadable WHERE id IN (SELECT id FROM unreadable \
                 WHERE received < ?1 ORDER BY id LIMIT ?2)",
            ] {
                let left = i64::try_from(old.most.saturating_sub(gone)).unwrap_or(i64::MAX);
                gone += connection
                    .prepare_cached(statement)
                    .and_then(|mut prepared| prepared.execute(params![old.before.0, left]))
                    .map_err(StoreError::at(statement))?;
            }
            Ok(gone)
        })
        .await
    }

    /// How large the database is.
    ///
    /// # Errors
    /// SQLite's.
    pub async fn size(&self) -> Result<Size, StoreError> {
        self.look_up(|connection| {
            let value = |name: &'static str| {
                connection
                    .query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0))
                    .map_err(StoreError::at("read the size"))
            };
            let page = value("page_size")?;
            Ok(Size { bytes: value("page_count")? * page, free: value("freelist_count")? * page })
        })
        .await
    }
}

/// Their parts and attempts go with them.
fn texts(connection: &Connection, old: Old) -> Result<usize, StoreError> {
    let most = i64::try_from(old.most).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "DELETE FROM text WHERE id IN (SELECT id FROM text \
             WHERE state IN ('sent', 'delivered', 'failed') AND created < ?1 AND (told = state OR NOT ?2) \
             ORDER BY created LIMIT ?3)",
        )
        .and_then(|mut statement| statement.execute(params![old.before.0, old.is_told, most]))
        .map_err(StoreError::at("delete old texts"))
}

impl std::fmt::Display for Size {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let megabytes = |bytes: i64| format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000);
        write!(formatter, "{}, of which {} are free", megabytes(self.bytes), megabytes(self.free))
    }
}
