//! How much waits in a business system for each person: who may say it, and what is kept.

use serde_json::{Value, json};

use crate::house::{House, application};

const BADGES: &str = "/api/v1/badges";

impl House {
    async fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.oa.ask("PUT", path, Some(&body.to_string())).await.unwrap();
        (answer.status, answer.body)
    }

    /// The number that the business system has set for somebody.
    async fn badge(&self, person: &str) -> Value {
        let answer = self.oa.get(&format!("{BADGES}/{person}")).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["count"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_badge_is_set_changed_and_removed_and_others_stay() {
    let house = House::without_gateway().await;
    assert_eq!(house.badge("wang.lei").await, 0);
    let both =
        json!({"badges": [{"person": "wang.lei", "count": 3}, {"person": "zhao.min", "count": 99_999}]});
    assert_eq!(house.put(BADGES, &both).await, (200, json!({"accepted": 2, "invalid": []})));
    let (status, shown) = house.put(&format!("{BADGES}/wang.lei"), &json!({"count": 4})).await;
    assert_eq!((status, &shown["count"]), (200, &json!(4)));
    let id = shown["person"].as_str().unwrap();
    assert_eq!(house.badge(id).await, 4, "the id of the directory is as good");
    let none = json!({"badges": [{"person": id, "count": 0}]});
    assert_eq!(house.put(BADGES, &none).await.1["accepted"], 1);
    assert_eq!((house.badge("wang.lei").await, house.badge("zhao.min").await), (json!(0), json!(99_999)));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_application_has_its_own_numbers_within_the_reach_of_its_key() {
    let house = House::without_gateway().await;
    let erp = application(&house.server, "erp", &["--department", "总部/财务部"]).await;
    let all = json!({"badges": [
        {"person": "wang.lei", "count": 1}, {"person": "zhao.min", "count": 1}, {"person": "nobody", "count": 1},
        {"person": "a b@c", "count": 1}
    ]});
    let answer = erp.ask("PUT", BADGES, Some(&all.to_string())).await.unwrap();
    assert_eq!((answer.status, &answer.body["accepted"]), (200, &json!(1)), "{}", answer.text);
    let invalid = answer.body["invalid"].as_array().unwrap();
    for (person, reason) in [("zhao.min", "not_allowed"), ("nobody", "unknown"), ("a b@c", "unknown")] {
        assert!(invalid.contains(&json!({"person": person, "reason": reason})), "{invalid:?}");
    }
    assert_eq!(house.badge("wang.lei").await, 0, "another application's number");
    for (person, status) in [("zhao.min", 403), ("nobody", 404), ("wang.lei", 200)] {
        let answer = erp.ask("PUT", &format!("{BADGES}/{person}"), Some("{\"count\": 2}")).await.unwrap();
        assert_eq!(answer.status, status, "{person}: {}", answer.text);
        let shown = erp.get(&format!("{BADGES}/{person}")).await.unwrap();
        assert_eq!(shown.status, status, "{person}: {}", shown.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_lists_have_limits() {
    let house = House::without_gateway().await;
    let one = |count: i64| json!({"badges": [{"person": "wang.lei", "count": count}]});
    let many: Vec<Value> = (0..1_001).map(|_| json!({"person": "wang.lei", "count": 1})).collect();
    for (body, field) in [
        (one(100_000), "badges[0].count"),
        (one(-1), "badges[0].count"),
        (json!({"badges": many}), "badges"),
        (json!({"badges": [{"person": "wang.lei"}]}), "badges[0]"),
        (json!({"badges": [], "more": 1}), "more"),
    ] {
        let (status, answer) = house.put(BADGES, &body).await;
        assert_eq!((status, &answer["field"]), (400, &json!(field)), "{answer}");
    }
    assert_eq!(house.badge("wang.lei").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_badge_that_was_answered_survives_a_kill() {
    let mut house = House::without_gateway().await;
    for count in 1..=5 {
        assert_eq!(house.put(&format!("{BADGES}/wang.lei"), &json!({"count": count})).await.0, 200);
        house.server.kill().await.unwrap();
        house.server.run().await.unwrap();
        assert_eq!(house.badge("wang.lei").await, count);
    }
}
