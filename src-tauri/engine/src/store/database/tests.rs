use super::{Store, StoreError};

const TABLES: &str = "CREATE TABLE word (word TEXT NOT NULL DEFAULT '') STRICT;";

#[tokio::test]
async fn a_change_is_there_when_the_file_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep/store.sqlite");
    let store = Store::open(&file, &[(1, TABLES)]).unwrap();
    store
        .write(|change| change.execute("INSERT INTO word (word) VALUES ('你好')", []).map(|_| ()))
        .await
        .unwrap();
    drop(store);

    let store = Store::open(&file, &[(1, TABLES), (2, "ALTER TABLE word ADD COLUMN n INTEGER;")]).unwrap();
    let word: String =
        store.read(|ask| ask.query_row("SELECT word FROM word", [], |row| row.get(0))).await.unwrap();
    assert_eq!(word, "你好");
}

#[tokio::test]
async fn a_change_that_fails_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("store.sqlite"), &[(1, TABLES)]).unwrap();
    let failed = store
        .write(|change| {
            change.execute("INSERT INTO word (word) VALUES ('half')", [])?;
            change.execute("INSERT INTO nowhere (word) VALUES ('x')", []).map(|_| ())
        })
        .await;
    assert!(matches!(failed, Err(StoreError::Database(_))));
    let count: i64 =
        store.read(|ask| ask.query_row("SELECT count(*) FROM word", [], |row| row.get(0))).await.unwrap();
    assert_eq!(count, 0);
}

#[test]
fn a_file_of_a_newer_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.sqlite");
    drop(Store::open(&file, &[(1, TABLES), (5, "CREATE TABLE later (n INTEGER) STRICT;")]).unwrap());
    let refused = Store::open(&file, &[(1, TABLES)]);
    assert!(matches!(refused, Err(StoreError::FromTheFuture { found: 5, known: 1 })), "{refused:?}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("accounts/store.sqlite");
    let _store = Store::open(&file, &[(1, TABLES)]).unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(file.parent().unwrap()), 0o700);
}
