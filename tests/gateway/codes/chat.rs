//! The contact that answers codes in a chat, for every client.

use std::time::Duration;

use posthouse_tests::element::Element;
use posthouse_tests::raw_client::Person;

use super::{Scene, todo};
use crate::house::{SPACE, history};
use crate::office::{PHONE, SMS};
use crate::world::PATIENCE;

const CODES: &str = "urn:posthouse:codes:1";
const INFO: &str = "http://jabber.org/protocol/disco#info";
const ITEMS: &str = "http://jabber.org/protocol/disco#items";

fn contact() -> String {
    format!("query@{SMS}")
}

async fn reads(person: &mut Person, said: &str) -> String {
    let id = format!("q-{}", said.len());
    let request = "<request xmlns='urn:xmpp:receipts'/>";
    let message =
        format!("<message type='chat' to='{}' id='{id}'><body>{said}</body>{request}</message>", contact());
    person.send(&message).await.unwrap();
    let from_contact = |it: &Element| it.attribute("from") == Some(&contact());
    let is_receipt = |it: &Element| {
        let received = it.child("received", "urn:xmpp:receipts");
        from_contact(it) && received.is_some_and(|received| received.attribute("id") == Some(&id))
    };
    person.next_where(is_receipt).await.unwrap();
    person.next_where(|it| from_contact(it) && !it.body().is_empty()).await.unwrap().body().to_owned()
}

fn settings(address: &str) -> String {
    todo(address)
        + &format!(
            "[[query_codes]]\ncode = \"002\"\nhelp = \"手机\"\nurl = \"{address}/todo?n={{number}}\"\n\
             reply = \"{{count}}\"\n[[query_codes]]\ncode = \"003\"\nurl = \"{address}/todo\"\n\
             reply = \"x\"\npeople = [\"zhao.min\"]\n"
        )
}

#[tokio::test(flavor = "multi_thread")]
async fn any_client_finds_the_contact_and_the_codes_it_may_use() {
    let scene = Scene::open(settings).await;
    let mut wang = scene.house.person("wang.lei").await;
    let services = wang.ask_at("posthouse.test", "get", &format!("<query xmlns='{ITEMS}'/>")).await.unwrap();
    assert!(services.find("item", ITEMS).is_some_and(|item| item.attribute("jid") == Some(SMS)));
    let items = wang.ask_at(SMS, "get", &format!("<query xmlns='{ITEMS}'/>")).await.unwrap();
    let item = items.find("item", ITEMS).unwrap();
    assert_eq!((item.attribute("jid"), item.attribute("name")), (Some(&*contact()), Some("查询")));
    let info = wang.ask_at(&contact(), "get", &format!("<query xmlns='{INFO}'/>")).await.unwrap();
    let identity = info.find("identity", INFO).unwrap();
    assert_eq!((identity.attribute("category"), identity.attribute("type")), (Some("client"), Some("bot")));
    assert_eq!(identity.attribute("name"), Some("查询"));
    let features = &info.child("query", INFO).unwrap().children;
    assert!(features.iter().any(|feature| feature.attribute("var") == Some(CODES)));

    let ask = format!("<codes xmlns='{CODES}'/>");
    let codes = wang.ask_at(&contact(), "get", &ask).await.unwrap();
    let offered: Vec<(Option<&str>, Option<&str>)> = codes
        .child("codes", CODES)
        .unwrap()
        .children
        .iter()
        .map(|code| (code.attribute("name"), code.attribute("help")))
        .collect();
    let expected = [("001", "待办任务数"), ("002", "手机")];
    assert_eq!(offered, expected.map(|(name, help)| (Some(name), Some(help))));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_answers_come_in_a_chat_and_stand_in_the_history() {
    let scene = Scene::open(settings).await;
    scene.system.answers("/todo", 200, "{\"count\": 3}");
    let mut wang = scene.house.person("wang.lei").await;
    assert_eq!(reads(&mut wang, "００１").await, "在办公自动化系统中，您有3个待办任务。");
    assert!(scene.system.asked()[0].starts_with("GET /todo?person=wang.lei "));
    assert_eq!(reads(&mut wang, "002").await, "3");
    let number = PHONE.replace('+', "%2B");
    assert!(scene.system.asked()[1].starts_with(&format!("GET /todo?n={number} ")));
    assert_eq!(reads(&mut wang, "帮助").await, "可用的代码：\n001 待办任务数\n002 手机");
    assert_eq!(reads(&mut wang, "003").await, "您不能使用代码“003”。发送“帮助”查看可用的代码。");
    let hint = reads(&mut wang, "我有几个任务？").await;
    assert!(hint.starts_with("没有代码“我有几个任务？”"), "{hint}");
    let history = history(&mut wang, &contact()).await;
    assert!(history.contains(&"００１".to_owned()), "{history:?}");
    assert!(history.contains(&"在办公自动化系统中，您有3个待办任务。".to_owned()), "{history:?}");
    // Whoever has no phone in the directory asks in the chat all the same.
    let mut zhao = scene.house.person("zhao.min").await;
    assert_eq!(reads(&mut zhao, "001").await, "在办公自动化系统中，您有3个待办任务。");
    assert_eq!(reads(&mut zhao, "002").await, "您的资料不全，无法查询，请联系管理员。");
    assert_eq!(reads(&mut zhao, "003").await, "x");
    assert_eq!(scene.gateway.network.sent(), [], "nothing goes to a phone");
}

/// Waits until the contact can be asked.
async fn is_there(person: &mut Person) {
    let end = tokio::time::Instant::now() + PATIENCE;
    let ask = format!("<codes xmlns='{CODES}'/>");
    while person.ask_at(&contact(), "get", &ask).await.unwrap().attribute("type") != Some("result") {
        assert!(tokio::time::Instant::now() < end, "the gateway does not come");
        // It is another process: nothing tells when it has a line.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Asks; the system has the question and keeps silent.
async fn is_asking(scene: &Scene, person: &mut Person) {
    let message = format!("<message type='chat' to='{}' id='m1'><body>001</body></message>", contact());
    person.send(&message).await.unwrap();
    scene.system.is_asked().await;
}

/// Waits for an answer of the contact.
async fn answer(person: &mut Person) -> String {
    let from_contact = |it: &Element| it.attribute("from") == Some(&contact()) && !it.body().is_empty();
    person.next_where(from_contact).await.unwrap().body().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_is_being_asked_when_the_gateway_is_killed_is_answered_once_it_is_back() {
    let mut scene = Scene::open(todo).await;
    scene.system.keeps_silent("/todo");
    let mut wang = scene.house.person("wang.lei").await;
    is_asking(&scene, &mut wang).await;
    scene.gateway.kill().await.unwrap();
    scene.system.answers("/todo", 200, "{\"count\": 3}");
    scene.gateway.run().unwrap();
    assert_eq!(answer(&mut wang).await, "在办公自动化系统中，您有3个待办任务。");

    // What was answered is not answered once more: the gateway has noted it before it listens again.
    is_there(&mut wang).await;
    scene.gateway.kill().await.unwrap();
    scene.gateway.run().unwrap();
    is_there(&mut wang).await;
    scene.system.answers("/todo", 200, "{\"count\": 4}");
    assert_eq!(reads(&mut wang, "待办").await, "在办公自动化系统中，您有4个待办任务。");
    assert_eq!(scene.system.asked().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_outlives_the_line_to_the_server() {
    let mut scene = Scene::open(todo).await;
    scene.system.keeps_silent("/todo");
    let mut wang = scene.house.person("wang.lei").await;
    is_asking(&scene, &mut wang).await;
    scene.house.server.kill().await.unwrap();
    scene.house.server.run().await.unwrap();
    let mut wang = scene.house.person("wang.lei").await;
    // The system gives no answer within the time that a code has.
    assert_eq!(answer(&mut wang).await, "系统没有及时回应，请稍后再试。");
    assert_eq!(scene.system.asked().len(), 1, "it was under way all the time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_without_codes_has_no_contact_and_one_that_is_away_says_so() {
    let mut scene = Scene::open(|_| String::new()).await;
    let mut wang = scene.house.person("wang.lei").await;
    let items = wang.ask_at(SMS, "get", &format!("<query xmlns='{ITEMS}'/>")).await.unwrap();
    assert!(items.find("item", ITEMS).is_none());
    let message = format!("<message type='chat' to='{}' id='m1'><body>001</body></message>", contact());
    wang.send(&message).await.unwrap();
    let refused = |it: &Element| it.attribute("type") == Some("error") && it.attribute("id") == Some("m1");
    assert_eq!(wang.next_where(refused).await.unwrap().condition(), "item-not-found");
    scene.gateway.kill().await.unwrap();
    wang.send(&message).await.unwrap();
    let error = wang.next_where(refused).await.unwrap();
    assert!(!error.condition().is_empty() && !error.has("sms", SPACE), "{error:?}");
}
