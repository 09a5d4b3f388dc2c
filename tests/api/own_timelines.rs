//! What became of a notice, as people's own clients ask for it.

use posthouse_tests::element::Element;
use posthouse_tests::raw_client::Person;
use posthouse_tests::server_process::DOMAIN;
use serde_json::json;

use crate::house::{House, OA};

const SPACE: &str = "urn:posthouse:notice:1";

/// The answer to the question what became of the notice that this message brought.
async fn asks(person: &mut Person, message: &str) -> Element {
    let question = format!("<timeline xmlns='{SPACE}' message='{message}'/>");
    person.ask_at(DOMAIN, "get", &question).await.unwrap()
}

/// The kinds of its events, in their order.
fn kinds(answer: &Element) -> Vec<&str> {
    let timeline = answer.child("timeline", SPACE).unwrap_or_else(|| panic!("{answer:?}"));
    timeline.children.iter().filter_map(|event| event.attribute("kind")).collect()
}

/// Takes the next notice; answers the `id` of its message.
async fn notified(person: &mut Person) -> String {
    let message = person.next_where(|it| it.has("notice", SPACE)).await.unwrap();
    message.attribute("id").unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_learn_what_became_of_a_notice_for_themselves_and_for_nobody_else() {
    let house = House::without_gateway().await;
    let mut wang = house.person("wang.lei").await;
    let mut zhao = house.person("zhao.min").await;
    let id = house
        .send(json!({
            "to": {"people": ["wang.lei", "zhao.min"]}, "delivery": "client", "title": "请假待审批",
            "actions": [{"id": "approve", "label": "同意", "inputs": [{"name": "why", "label": "意见"}]}],
        }))
        .await;
    let (of_wang, of_zhao) = (notified(&mut wang).await, notified(&mut zhao).await);
    house.all_are(&id, &["pushed"]).await;
    let act = format!(
        "<message id='a1' to='{OA}'><body>同意</body><act xmlns='{SPACE}' message='{of_wang}' action='approve'>\
         <value name='why'>好</value></act></message>"
    );
    wang.send(&act).await.unwrap();

    // The choice is on the disk before the server reads on.
    let known = asks(&mut wang, &of_wang).await;
    assert_eq!(kinds(&known), ["accepted", "pushed", "acted"]);
    let timeline = known.child("timeline", SPACE).unwrap();
    assert_eq!(
        (timeline.attribute("message"), timeline.attribute("id"), timeline.attribute("state")),
        (Some(of_wang.as_str()), Some(id.as_str()), Some("acted"))
    );
    let chosen = timeline.find("chosen", SPACE).unwrap();
    let why = &chosen.child("value", SPACE).unwrap().text;
    assert_eq!((chosen.attribute("action"), why.as_str()), (Some("approve"), "好"));
    assert_eq!(kinds(&asks(&mut zhao, &of_zhao).await), ["accepted", "pushed"], "what 王磊 chose is his own");

    assert_eq!(asks(&mut zhao, &of_wang).await.condition(), "item-not-found");
    assert_eq!(asks(&mut wang, "notice-999").await.condition(), "item-not-found");
    assert_eq!(asks(&mut wang, "hello").await.condition(), "item-not-found");
    let question = format!("<timeline xmlns='{SPACE}' id='{id}'/>");
    let of_systems = wang.ask_at(DOMAIN, "get", &question).await.unwrap();
    assert_eq!(of_systems.condition(), "bad-request", "the whole timeline is for business systems");
    let set = format!("<timeline xmlns='{SPACE}' message='{of_wang}'/>");
    assert_eq!(wang.ask_at(DOMAIN, "set", &set).await.unwrap().condition(), "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_is_there_before_also_when_no_receipt_said_so() {
    let house = House::without_gateway().await;
    let mut wang = house.person("wang.lei").await;
    let id =
        house.send(json!({"to": {"people": ["wang.lei"]}, "delivery": "client", "title": "放假通知"})).await;
    let name = notified(&mut wang).await;
    let marker = format!(
        "<message id='r1' to='{OA}'><displayed xmlns='urn:xmpp:chat-markers:0' id='{name}'/></message>"
    );
    wang.send(&marker).await.unwrap();
    house.becomes(&id, "read").await;
    assert_eq!(kinds(&asks(&mut wang, &name).await), ["accepted", "pushed", "delivered", "read"]);
}
