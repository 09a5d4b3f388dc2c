//! Notices while the server is killed: everybody gets each exactly once, one way or the other.

use std::collections::BTreeMap;
use std::time::Duration;

use posthouse_tests::element::Piece;
use posthouse_tests::notice_chaos::{self, Size};
use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use crate::house::{House, MESSAGES, PATIENCE, events};

/// How many notices; one in ten comes just before a kill.
const COUNT: usize = 60;

/// Waits until the server has noted that 赵敏 has so many messages: what is not noted comes again after a kill.
async fn noted_as_taken(house: &House, count: usize) {
    let path = house.server.data().join("posthouse.db");
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        let noted: i64 = database
            .query_row(
                "SELECT count(*) FROM message m JOIN address a ON a.id = m.receiver
                 JOIN delivered d ON d.owner = a.id AND m.id <= d.through
                 WHERE a.jid LIKE 'zhao.min@%' AND m.id NOT IN (SELECT id FROM offline WHERE owner = a.id)",
                [],
                |row| row.get(0),
            )
            .unwrap();
        if usize::try_from(noted).unwrap() >= count {
            return;
        }
        assert!(tokio::time::Instant::now() < end, "{noted} of {count}\n{}", house.server.log());
        // The database has no way to wait.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_each_notice_exactly_once_though_the_server_is_killed() {
    let mut house = House::open().await;
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut sent = Vec::new();
    // 王磊 has a phone and is away; 赵敏 has none and is there at times.
    for number in 0..COUNT {
        let title = format!("n{number}");
        let notice = json!({
            "to": {"people": ["wang.lei", "zhao.min"]}, "title": title, "idempotencyKey": title,
        });
        // Who hears nothing asks again, with the same key.
        let id = loop {
            match house.oa.post(MESSAGES, &notice).await {
                Ok(answer) => break answer.body["id"].as_str().unwrap().to_owned(),
                Err(_) => house.server.run().await.unwrap(),
            }
        };
        sent.push((title, id));
        if number % 20 == 5 {
            let mut zhao = house.person_before_messages("zhao.min").await;
            for message in zhao.all_messages().await.unwrap() {
                *seen.entry(message.body().to_owned()).or_default() += 1;
            }
            zhao.send("</stream:stream>").await.unwrap();
            // Something may be on its way yet.
            while let Some(Piece::Element(stanza)) = zhao.client.next_piece().await.unwrap() {
                if stanza.name == "message" {
                    *seen.entry(stanza.body().to_owned()).or_default() += 1;
                }
            }
            noted_as_taken(&house, seen.values().sum()).await;
        }
        if number % 10 == 9 {
            house.server.kill().await.unwrap();
            house.server.run().await.unwrap();
        }
    }
    for (_, id) in &sent {
        house.all_are(id, &["smsReported", "pushed"]).await;
    }
    let mut zhao = house.person_before_messages("zhao.min").await;
    while seen.values().sum::<usize>() < COUNT {
        let message = zhao.next_message().await.unwrap();
        *seen.entry(message.body().to_owned()).or_default() += 1;
    }
    assert!(zhao.all_messages().await.unwrap().is_empty(), "nothing comes twice");
    let texts = house.texts(COUNT).await;
    for (title, id) in &sent {
        assert_eq!(seen.get(title), Some(&1), "{title} for the client");
        let marked = format!("【办公自动化】{title}");
        assert_eq!(texts.iter().filter(|text| **text == marked).count(), 1, "{title} on the phone");
        let shown = house.oa.get(&format!("{MESSAGES}/{id}")).await.unwrap();
        assert_eq!(shown.body["counts"], json!({"pushed": 1, "smsReported": 1}), "{}", shown.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_everybody_gets_each_notice_once_and_every_timeline_is_complete() {
    let size = Size { notices: 120, people: 12, kills: 2 };
    let report = notice_chaos::run(size, 7, &|_| {}).await.unwrap();
    assert!(report.is_good(), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_may_have_had_before_a_kill_never_goes_to_the_phone_as_well() {
    let mut house = House::open().await;
    let mut zhao = house.person("zhao.min").await;
    let id = house.send(json!({"to": {"people": ["zhao.min"]}, "title": "t"})).await;
    let first = zhao.next_message().await.unwrap();
    house.becomes(&id, "pushed").await;
    house.server.administer(&["user", "set", "zhao.min", "--mobile", "+8613800000003"], None).await.unwrap();
    house.server.kill().await.unwrap();
    // What a kill leaves that comes after the client has it and before anything of that is written down.
    let database = Connection::open(house.server.data().join("posthouse.db")).unwrap();
    database
        .execute_batch(
            "INSERT INTO notice_work (receiver, task, due) SELECT id, 'send', 0 FROM notice_receiver;
             UPDATE notice_receiver SET told = 0, state = 'accepted', rank = 0;
             DELETE FROM notice_event WHERE kind = 'pushed'; DELETE FROM offline;
             DELETE FROM archive; DELETE FROM message;",
        )
        .unwrap();
    drop(database);
    house.server.run().await.unwrap();
    let shown = house.becomes(&id, "pushed").await;
    assert_eq!(events(&shown), ["accepted", "pushed"]);
    let mut zhao = house.person_before_messages("zhao.min").await;
    let again = zhao.next_message().await.unwrap();
    assert_eq!(again.attribute("id"), first.attribute("id"), "no client shows it twice");
    assert!(zhao.all_messages().await.unwrap().is_empty());
    assert!(house.gateway.as_ref().unwrap().network.sent().is_empty(), "and not the phone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_handed_over_once_more_after_a_kill_stands_in_the_history_once() {
    let mut house = House::without_gateway().await;
    let id = house.send(json!({"to": {"people": ["wang.lei"]}, "title": "t"})).await;
    house.becomes(&id, "smsQueued").await;
    house.server.kill().await.unwrap();
    // What a kill leaves that comes after the history has it and before the relay has it.
    let database = Connection::open(house.server.data().join("posthouse.db")).unwrap();
    database
        .execute_batch(
            "INSERT INTO notice_work (receiver, task, due) SELECT id, 'send', 0 FROM notice_receiver;
             UPDATE notice_receiver SET state = 'accepted', rank = 0, reserved = 1;
             DELETE FROM notice_event WHERE kind = 'smsQueued'; DELETE FROM relay;",
        )
        .unwrap();
    drop(database);
    house.server.run().await.unwrap();
    house.becomes(&id, "smsQueued").await;
    let mut wang = house.person_before_messages("wang.lei").await;
    wang.ask("set", "<query xmlns='urn:xmpp:mam:2'/>").await.unwrap();
    assert_eq!(wang.all_messages().await.unwrap().len(), 1);
}
