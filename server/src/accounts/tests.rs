use super::password::{PasswordKeys, check_password};
use super::{AccountState, Accounts, Hash};
use crate::storage::{Database, accounts as table};

async fn accounts() -> (tempfile::TempDir, Database, Accounts) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
    let accounts = Accounts::open(database.clone(), 10_000, 5).await.unwrap();
    (folder, database, accounts)
}

#[tokio::test]
async fn a_name_nobody_has_gets_the_same_invented_keys_every_time_also_after_a_restart() {
    let (_folder, database, accounts) = accounts().await;
    let first = accounts.scram_keys("nobody", Hash::Sha256).await;
    let again = Accounts::open(database, 10_000, 5).await.unwrap().scram_keys("nobody", Hash::Sha256).await;
    assert_eq!(first, again);
    assert!(!first.known);
    assert_eq!((first.salt.len(), first.stored_key.len(), first.iterations), (16, 32, 10_000));
    assert_ne!(first.salt, accounts.scram_keys("somebody", Hash::Sha256).await.salt);
    assert_ne!(first.salt, accounts.scram_keys("nobody", Hash::Sha1).await.salt);
}

#[tokio::test]
async fn keys_are_current_until_the_password_changes_or_the_account_is_closed() {
    let (_folder, database, accounts) = accounts().await;
    let set = async |password: &str| {
        let rows = PasswordKeys::derive(password, 4_096).unwrap().rows();
        database.write(move |connection| table::set_password(connection, "a", &rows, false)).await.unwrap();
    };
    database.write(|connection| table::insert_account(connection, "a", "", false)).await.unwrap();
    set("first").await;
    let keys = accounts.scram_keys("a", Hash::Sha256).await;
    assert!(accounts.are_current("a", Hash::Sha256, &keys).await.unwrap());
    set("second").await;
    assert!(!accounts.are_current("a", Hash::Sha256, &keys).await.unwrap());
    let keys = accounts.scram_keys("a", Hash::Sha256).await;
    database.write(|connection| table::set_disabled(connection, "a", true)).await.unwrap();
    assert!(!accounts.are_current("a", Hash::Sha256, &keys).await.unwrap());
    database.write(|connection| table::set_disabled(connection, "a", false)).await.unwrap();
    assert!(accounts.are_current("a", Hash::Sha256, &keys).await.unwrap());
    database.write(|connection| table::delete_account(connection, "a")).await.unwrap();
    assert!(!accounts.are_current("a", Hash::Sha256, &keys).await.unwrap());
}

#[tokio::test]
async fn a_stored_password_proves_itself_under_every_hash() {
    let (_folder, database, accounts) = accounts().await;
    let keys = PasswordKeys::derive("密码 pass", 4_096).unwrap();
    database.write(|connection| table::insert_account(connection, "张三", "", true)).await.unwrap();
    database
        .write(move |connection| table::set_password(connection, "张三", &keys.rows(), true))
        .await
        .unwrap();
    for hash in Hash::ALL {
        let stored = accounts.scram_keys("张三", hash).await;
        assert!(stored.known);
        assert!(check_password("密码 pass", hash, &stored));
        assert!(!check_password("密码 Pass", hash, &stored));
    }
    assert_eq!(accounts.state("张三").await.unwrap(), AccountState::Live);
    assert_eq!(accounts.state("李四").await.unwrap(), AccountState::Unknown);
    assert!(accounts.must_change_password("张三").await.unwrap());
}
