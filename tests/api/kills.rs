//! Notices while the server is killed: everybody gets each exactly once, one way or the other.

use std::collections::BTreeMap;
use std::time::Duration;

use posthouse_tests::element::Piece;
use serde_json::json;

use crate::house::{House, MESSAGES};

/// How many notices; one in ten comes just before a kill.
const COUNT: usize = 60;

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
            // What a client has is noted about once a second; what it had before may come again after a kill.
            tokio::time::sleep(Duration::from_millis(1_500)).await;
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
