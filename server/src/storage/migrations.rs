//! Numbered migrations; a number once released never changes.

use rusqlite::Connection;

use super::database::StorageError;

/// Each entry brings the database from the version of its place to the next one.
/// One entry per table family, in the file that owns the tables.
const MIGRATIONS: &[&str] = &[
    super::accounts::TABLES,
    super::organization::TABLES,
    super::audit::TABLES,
    super::messages::TABLES,
    super::archive::TABLES,
    super::roster::TABLES,
    super::avatar::TABLES,
    super::blocklist::TABLES,
    super::pubsub::TABLES,
    super::private_storage::TABLES,
    super::acquaintances::TABLES,
    super::relays::TABLES,
    super::relays::EXPIRY,
    super::applications::TABLES,
    super::notices::TABLES,
    super::sign_on::TABLES,
    super::applications::WEBHOOK,
    super::notices::webhooks::TABLES,
    super::notices::DECIDED,
    super::notices::choices::TABLES,
    super::badges::TABLES,
    super::icons::TABLES,
    super::applications::COMPONENT,
    super::organization::TAGS,
];

/// The newest version.
pub(super) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Brings the database to the newest version.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StorageError> {
    let found: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(StorageError::at("read version"))?;
    let known = newest();
    if found > known {
        return Err(StorageError::TooNew { found, known });
    }
    let skip = usize::try_from(found).unwrap_or_default();
    for (index, migration) in MIGRATIONS.iter().enumerate().skip(skip) {
        let transaction = connection.transaction().map_err(StorageError::at("begin migration"))?;
        transaction.execute_batch(migration).map_err(StorageError::at("migrate"))?;
        transaction
            .pragma_update(None, "user_version", i64::try_from(index).unwrap_or(i64::MAX).saturating_add(1))
            .map_err(StorageError::at("write version"))?;
        transaction.commit().map_err(StorageError::at("commit migration"))?;
    }
    Ok(())
}
