//! Notices to very many people: nobody else waits for long, and a kill leaves all of it or nothing.

use std::io::Write;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::*;
use crate::clock::Timestamp;

/// More than one part.
const MANY: usize = 10_500;

fn open(folder: &tempfile::TempDir) -> (Database, NoticeStore) {
    let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
    (database.clone(), NoticeStore::new(database))
}

fn notice(count: usize) -> NewNotice {
    let receiver = |number: usize| Receiver {
        person: format!("p{number}"),
        address: format!("p{number}@example.org"),
        costs_text: number.is_multiple_of(2),
    };
    NewNotice {
        name: "m-1".to_owned(),
        application: 1,
        created: Timestamp(1),
        idempotency: "k".to_owned(),
        digest: Vec::new(),
        content: Content::default(),
        delivery: DeliveryMode::Auto,
        escalate_after: 0,
        expires: Timestamp::default(),
        receivers: (0..count).map(receiver).collect(),
        texts_a_day: 1_000_000,
    }
}

/// Writes something small again and again until the notice is there; answers how often, and the longest wait.
async fn others(database: &Database, post: impl Future<Output = Posted>) -> (usize, Duration) {
    let (mut count, mut longest) = (0, Duration::ZERO);
    tokio::pin!(post);
    loop {
        let begun = Instant::now();
        let small = database.write(|connection| {
            connection.execute_batch("PRAGMA user_version").map_err(StorageError::at("small"))
        });
        tokio::select! {
            posted = &mut post => {
                assert_eq!(posted, Posted::New);
                // Whoever still waits has waited as well.
                return (count, longest.max(begun.elapsed()));
            }
            written = small => written.unwrap(),
        }
        count += 1;
        longest = longest.max(begun.elapsed());
    }
}

async fn figure(database: &Database, question: &'static str) -> i64 {
    let ask = move |connection: &Connection| {
        connection.query_row(question, [], |row| row.get(0)).map_err(StorageError::at("figure"))
    };
    database.read(ask).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn others_write_while_a_notice_to_very_many_people_comes_in() {
    let folder = tempfile::tempdir().unwrap();
    let (database, notices) = open(&folder);
    let (count, _) = others(&database, async { notices.post(notice(MANY)).await.unwrap() }).await;
    assert!(count >= 5, "others came through {count} times");
    assert_eq!(figure(&database, "SELECT count(*) FROM notice_work WHERE due = 1").await, 10_500);
    assert_eq!(figure(&database, "SELECT sum(count) FROM application_texts").await, 5_250);
    assert_eq!(notices.post(notice(MANY)).await.unwrap(), Posted::Same("m-1".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_notice_that_was_arriving_when_the_server_ended_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let (database, notices) = open(&folder);
    notices.post(notice(MANY)).await.unwrap();
    // As it is before its last part.
    let undone = "UPDATE notice SET state = 'arriving'; UPDATE notice_work SET due = 9223372036854775807;";
    let undo = |connection: &Connection| connection.execute_batch(undone).map_err(StorageError::at("undo"));
    database.write(undo).await.unwrap();
    assert_eq!(notices.post(notice(MANY)).await.unwrap(), Posted::Arriving);
    assert!(notices.due(Timestamp(2), 10).await.unwrap().is_empty(), "nobody gets it yet");
    notices.recover().await.unwrap();
    for table in [
        "SELECT count(*) FROM notice",
        "SELECT count(*) FROM notice_receiver",
        "SELECT count(*) FROM notice_work",
        "SELECT count(*) FROM notice_event",
        "SELECT sum(count) FROM application_texts",
    ] {
        assert_eq!(figure(&database, table).await, 0, "{table}");
    }
    assert_eq!(notices.post(notice(MANY)).await.unwrap(), Posted::New, "the application asks again");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_notice_that_had_arrived_when_the_server_ended_nothing_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let (database, notices) = open(&folder);
    notices.post(notice(MANY)).await.unwrap();
    let undone = "UPDATE notice_work SET due = 9223372036854775807 WHERE id > 3000";
    let undo = |connection: &Connection| connection.execute_batch(undone).map_err(StorageError::at("undo"));
    database.write(undo).await.unwrap();
    notices.recover().await.unwrap();
    assert_eq!(figure(&database, "SELECT count(*) FROM notice_work WHERE due <= 1").await, 10_500);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures: how long others wait for one notice to 100,000 people"]
async fn how_long_others_wait() {
    let folder = tempfile::tempdir().unwrap();
    let (database, notices) = open(&folder);
    let begun = Instant::now();
    let (count, longest) = others(&database, async { notices.post(notice(100_000)).await.unwrap() }).await;
    let words = format!("{count} others, the longest wait {longest:?}, all {:?}", begun.elapsed());
    assert!(longest < Duration::from_millis(200), "{words}");
    writeln!(std::io::stderr(), "{words}").unwrap();
}

#[tokio::test]
async fn a_client_that_speaks_before_it_is_noted_that_it_was_given_the_notice_has_a_timeline_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (database, notices) = open(&folder);
    let insert = |connection: &Connection| {
        connection
            .execute("INSERT INTO application (id, name, title, key_hash, scope, created) VALUES (1, 'oa', '', x'', '{}', 0)", [])
            .map(|_| ())
            .map_err(StorageError::at("application"))
    };
    database.write(insert).await.unwrap();
    notices.post(notice(1)).await.unwrap();
    for kind in [EventKind::Delivered, EventKind::Read] {
        let said = Said {
            application: "oa".to_owned(),
            line: None,
            address: "p0@example.org".to_owned(),
            kind,
            detail: String::new(),
            time: Timestamp(7),
        };
        assert_eq!(notices.note(said).await.unwrap(), Noted::Yes);
    }
    let line = notices.timeline(1, "m-1".to_owned(), 0, 1).await.unwrap().unwrap().lines.remove(0);
    let kinds: Vec<&str> = line.events.iter().map(|event| event.kind.word()).collect();
    assert_eq!(kinds, ["accepted", "pushed", "delivered", "read"]);
    assert_eq!(line.state, "read");
}
