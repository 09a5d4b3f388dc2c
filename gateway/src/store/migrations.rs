//! The tables, step by step from version 0.

use rusqlite::Connection;

use super::StoreError;

const STEPS: [&str; 12] = [
    include_str!("schema_1.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
    include_str!("schema_6.sql"),
    include_str!("schema_7.sql"),
    include_str!("schema_8.sql"),
    include_str!("schema_9.sql"),
    include_str!("schema_10.sql"),
    include_str!("schema_11.sql"),
    include_str!("schema_12.sql"),
];

pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let found: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(StoreError::at("read the version"))?;
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let Some(done) = usize::try_from(found).ok().filter(|_| found <= known) else {
        return Err(StoreError::TooNew { found, known });
    };
    for (step, version) in STEPS.iter().zip(1_i64..).skip(done) {
        let transaction = connection.transaction().map_err(StoreError::at("begin a migration"))?;
        transaction.execute_batch(step).map_err(StoreError::at("migrate"))?;
        transaction
            .execute_batch(&format!("PRAGMA user_version = {version}"))
            .map_err(StoreError::at("write the version"))?;
        transaction.commit().map_err(StoreError::at("commit a migration"))?;
    }
    Ok(())
}
