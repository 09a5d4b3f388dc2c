//! What became of notices, told to the system that sent them.

use std::collections::BTreeMap;

use posthouse_tests::webhook_receiver::{Event, Heard, WebhookReceiver};
use serde_json::json;

use crate::house::{House, OA, PATIENCE};

/// A receiver that the system hears through, and the secret.
pub(crate) async fn hearing(house: &House) -> (WebhookReceiver, String) {
    let receiver = WebhookReceiver::open().await.unwrap();
    let words = ["application", "set", "oa", "--webhook", &receiver.url(), "--webhook-loopback"];
    let said = house.server.administer(&words, None).await.unwrap();
    (receiver, said.lines().next().unwrap().to_owned())
}

/// What was told and taken, in the order in which it came.
pub(crate) fn taken(heard: &[Heard]) -> Vec<Event> {
    heard.iter().filter(|one| one.status < 300).flat_map(Heard::events).collect()
}

fn words(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.event.as_str()).collect()
}

async fn list(house: &House) -> String {
    house.server.administer(&["application", "list"], None).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_happens_to_a_notice_is_told_in_order_and_signed() {
    let house = House::without_gateway().await;
    let (receiver, secret) = hearing(&house).await;
    let mut wang = house.person("wang.lei").await;
    let id = house.send(json!({"to": {"people": ["wang.lei"]}, "title": "t"})).await;
    let name = wang.next_message().await.unwrap().attribute("id").unwrap().to_owned();
    for said in [
        format!("<received xmlns='urn:xmpp:receipts' id='{name}'/>"),
        format!("<displayed xmlns='urn:xmpp:chat-markers:0' id='{name}'/>"),
        format!("<act xmlns='urn:posthouse:notice:1' message='{name}' action='approve'/>"),
    ] {
        wang.send(&format!("<message to='{OA}'>{said}</message>")).await.unwrap();
    }
    let heard = receiver.wait(PATIENCE, |heard| taken(heard).len() >= 4).await.unwrap();
    let events = taken(&heard);
    assert_eq!(words(&events), ["pushed", "delivered", "read", "acted"]);
    assert!(events.iter().all(|event| event.message == id && event.login == "wang.lei"));
    assert!(events[3].detail.contains("approve"));
    for one in &heard {
        assert!(one.is_signed_with(&secret).unwrap());
        assert!(!one.is_signed_with("whsec_AAAA").unwrap());
        assert_eq!(one.header("content-type"), "application/json");
    }
    assert!(!house.server.log().contains(&secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_taken_is_told_again_under_the_same_id_and_no_redirect_is_followed() {
    let house = House::without_gateway().await;
    let (receiver, _) = hearing(&house).await;
    receiver.answer(&[500, 302], 200);
    let mut zhao = house.person("zhao.min").await;
    house.send(json!({"to": {"people": ["zhao.min"]}, "title": "t"})).await;
    zhao.next_message().await.unwrap();
    let heard = receiver.wait(PATIENCE, |heard| heard.iter().any(|one| one.status == 200)).await.unwrap();
    assert!(heard.iter().all(|one| one.path == "/hook"), "{heard:?}");
    assert_eq!(heard.iter().map(|one| one.status).collect::<Vec<_>>(), [500, 302, 200]);
    assert!(heard.iter().all(|one| one.header("webhook-id") == heard[0].header("webhook-id")));
    assert!(heard.iter().all(|one| one.events() == heard[0].events()), "and it says the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_to_be_told_is_lost_when_the_server_is_killed() {
    let mut house = House::open().await;
    let (receiver, _) = hearing(&house).await;
    receiver.answer(&[], 503);
    let mut sent = Vec::new();
    for number in 0..20 {
        let title = format!("n{number}");
        sent.push(house.send(json!({"to": {"people": ["wang.lei", "zhao.min"]}, "title": title})).await);
        if number == 10 {
            receiver.wait(PATIENCE, |heard| heard.len() > 3).await.unwrap();
            house.server.kill().await.unwrap();
            house.server.run().await.unwrap();
        }
    }
    for id in &sent {
        house.all_are(id, &["smsReported", "pushed"]).await;
    }
    assert!(list(&house).await.contains("webhook failing since"), "{}", list(&house).await);
    receiver.answer(&[], 200);
    // For each notice 赵敏's client, and the phone of 王磊 with three steps.
    let heard = receiver.wait(PATIENCE, |heard| distinct(heard).len() >= sent.len() * 4).await.unwrap();
    let events = distinct(&heard);
    assert_eq!(events.len(), sent.len() * 4);
    for id in &sent {
        let of: Vec<Event> =
            taken(&heard).into_iter().filter(|it| it.message == *id && it.login == "wang.lei").collect();
        assert_eq!(words(&of), ["smsQueued", "smsSent", "smsReported"], "in order, whatever was killed");
    }
    assert!(!list(&house).await.contains("webhook failing"), "{}", list(&house).await);
}

/// What was taken, each once.
fn distinct(heard: &[Heard]) -> BTreeMap<String, Event> {
    taken(heard).into_iter().map(|event| (event.id.clone(), event)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_wants_to_hear_nothing_more_hears_nothing_until_it_is_set_up_again() {
    let house = House::without_gateway().await;
    let (receiver, _) = hearing(&house).await;
    receiver.answer(&[], 410);
    let notice = json!({"to": {"people": ["zhao.min"]}, "title": "t"});
    let id = house.send(notice.clone()).await;
    house.becomes(&id, "pushed").await;
    receiver.wait(PATIENCE, |heard| heard.len() == 1).await.unwrap();
    let end = tokio::time::Instant::now() + PATIENCE;
    while !list(&house).await.contains("webhook disabled since") {
        assert!(tokio::time::Instant::now() < end, "{}", list(&house).await);
    }
    let id = house.send(notice.clone()).await;
    house.becomes(&id, "pushed").await;
    let (again, _) = hearing(&house).await;
    let id = house.send(notice).await;
    let heard = again.wait(PATIENCE, |heard| !heard.is_empty()).await.unwrap();
    assert!(taken(&heard).iter().all(|event| event.message == id), "only what happened since");
    assert_eq!(receiver.heard().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_without_tls_is_refused_unless_it_is_this_computer_and_that_is_allowed() {
    let house = House::without_gateway().await;
    for words in [
        vec!["http://127.0.0.1:1/hook"],
        vec!["http://oa.example.org/hook", "--webhook-loopback"],
        vec!["https://user:word@oa.example.org/"],
    ] {
        let words = [vec!["application", "set", "oa", "--webhook"], words].concat();
        assert!(house.server.administer(&words, None).await.is_err(), "{words:?}");
    }
    let words = ["application", "set", "oa", "--webhook", "https://oa.example.org/hook"];
    assert!(house.server.administer(&words, None).await.unwrap().starts_with("whsec_"));
    let said = house.server.administer(&["application", "list", "--json"], None).await.unwrap();
    assert!(said.contains("oa.example.org") && !said.contains("whsec_"), "{said}");
    house.server.administer(&["application", "set", "oa", "--no-webhook"], None).await.unwrap();
    let said = house.server.administer(&["application", "list", "--json"], None).await.unwrap();
    assert!(!said.contains("oa.example.org"), "{said}");
}
