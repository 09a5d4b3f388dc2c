//! Notices decided with clients that know nothing of them: by commands (XEP-0050) and forms (XEP-0004).

use posthouse_tests::element::Element;
use posthouse_tests::raw_client::Person;
use posthouse_tests::server_process::DOMAIN;
use serde_json::{Value, json};

use crate::house::{House, MESSAGES, OA, PATIENCE, events};
use crate::webhooks::{hearing, taken};

const SPACE: &str = "urn:posthouse:notice:1";
const COMMANDS: &str = "http://jabber.org/protocol/commands";
const ITEMS: &str = "http://jabber.org/protocol/disco#items";
const DATA: &str = "jabber:x:data";

fn leave() -> Value {
    json!({
        "to": {"people": ["wang.lei"]}, "title": "请假待审批", "text": "陈静 <a&b>",
        "fields": [{"label": "天数", "value": "3"}],
        "actions": [
            {"id": "reject", "label": "驳回", "inputs": [{"name": "why", "label": "理由", "required": true}]},
            {"id": "approve", "label": "同意", "style": "primary", "inputs": [{"name": "why", "label": "意见"}]},
        ],
    })
}

/// Nodes and names of what the server offers.
async fn offered(person: &mut Person) -> Vec<(String, String)> {
    let query = format!("<query xmlns='{ITEMS}' node='{COMMANDS}'/>");
    let answer = person.ask_at(DOMAIN, "get", &query).await.unwrap();
    let items = &answer.child("query", ITEMS).unwrap().children;
    let word = |item: &Element, name: &str| item.attribute(name).unwrap().to_owned();
    items.iter().map(|item| (word(item, "node"), word(item, "name"))).collect()
}

/// Sends a form back, or asks for one.
async fn run(person: &mut Person, node: &str, fields: &[(&str, &str)]) -> Element {
    let values =
        fields.iter().map(|(name, value)| format!("<field var='{name}'><value>{value}</value></field>"));
    let form = if fields.is_empty() {
        String::new()
    } else {
        format!("<x xmlns='{DATA}' type='submit'>{}</x>", values.collect::<String>())
    };
    let command = format!("<command xmlns='{COMMANDS}' node='{node}'>{form}</command>");
    person.ask_at(DOMAIN, "set", &command).await.unwrap()
}

/// What the person is told in the end.
fn note(answer: &Element) -> &str {
    let command = answer.child("command", COMMANDS).unwrap();
    assert_eq!(command.attribute("status"), Some("completed"), "{answer:?}");
    &command.child("note", COMMANDS).unwrap().text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_in_a_form_counts_once_and_the_application_and_the_other_clients_have_it() {
    let house = House::without_gateway().await;
    let (receiver, _) = hearing(&house).await;
    let mut app = house.person_at("wang.lei", "app").await;
    app.ask("set", "<enable xmlns='urn:xmpp:carbons:2'/>").await.unwrap();
    let mut gajim = house.person("wang.lei").await;
    assert!(offered(&mut gajim).await.is_empty());
    let id = house.send(leave()).await;
    let message = gajim.next_where(|it| it.has("notice", SPACE)).await.unwrap();
    let name = message.attribute("id").unwrap();

    let listed = offered(&mut gajim).await;
    assert_eq!(listed, [(format!("{SPACE}#{name}"), "办公自动化：请假待审批".to_owned())]);
    let node = &listed[0].0;
    let asked = run(&mut gajim, node, &[]).await;
    let form = asked.find("x", DATA).unwrap();
    assert_eq!(form.child("instructions", DATA).unwrap().text, "陈静 <a&b>\n天数：3");
    let fields: Vec<&str> = form.children.iter().filter_map(|field| field.attribute("var")).collect();
    assert_eq!(fields, ["FORM_TYPE", "action", "reject/why", "approve/why"]);
    assert_eq!(run(&mut gajim, node, &[("action", "reject")]).await.condition(), "not-acceptable");
    assert_eq!(run(&mut gajim, node, &[("action", "burn")]).await.condition(), "not-acceptable");

    let done = run(&mut gajim, node, &[("action", "approve"), ("approve/why", "好")]).await;
    assert!(note(&done).contains("同意"), "{done:?}");
    let copy = app.next_where(|it| it.find("act", SPACE).is_some()).await.unwrap();
    let said = copy.find("act", SPACE).unwrap();
    assert_eq!((said.attribute("message"), said.attribute("action")), (Some(name), Some("approve")));
    assert!(copy.find("sent", "urn:xmpp:carbons:2").is_some(), "{copy:?}");
    let again = run(&mut gajim, node, &[("action", "reject"), ("reject/why", "不行")]).await;
    assert!(note(&again).contains("您已经处理过了"), "{again:?}");
    let late = format!(
        "<message id='late' to='{OA}'><body>驳回</body><act xmlns='{SPACE}' message='{name}' action='reject'/></message>"
    );
    app.send(&late).await.unwrap();
    let refused = app.next_where(|it| it.attribute("id") == Some("late")).await.unwrap();
    assert_eq!(refused.condition(), "conflict", "nor does one in another client count");
    assert!(offered(&mut gajim).await.is_empty());

    let shown = house.becomes(&id, "acted").await;
    assert_eq!(events(&shown), ["accepted", "pushed", "acted"]);
    let heard = receiver.wait(PATIENCE, |heard| taken(heard).iter().any(|it| it.event == "acted")).await;
    let told = taken(&heard.unwrap());
    let acted: Vec<_> = told.iter().filter(|it| it.event == "acted").collect();
    assert_eq!((acted.len(), acted[0].message.as_str()), (1, id.as_str()));
    assert!(acted[0].detail.contains("approve") && acted[0].detail.contains('好'), "{acted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_says_so_and_nobody_decides_for_somebody_else() {
    let house = House::without_gateway().await;
    let mut wang = house.person("wang.lei").await;
    let mut zhao = house.person("zhao.min").await;
    let approve = [("action", "approve")];
    for (change, sentence) in [("PATCH", "别人已经处理过了"), ("DELETE", "已被撤回")] {
        let id = house.send(leave()).await;
        wang.next_where(|it| it.has("notice", SPACE)).await.unwrap();
        let node = offered(&mut wang).await.remove(0).0;
        assert!(offered(&mut zhao).await.is_empty());
        assert_eq!(run(&mut zhao, &node, &approve).await.condition(), "item-not-found");
        let body = (change == "PATCH").then(|| json!({"status": "handled"}).to_string());
        let answer = house.oa.ask(change, &format!("{MESSAGES}/{id}"), body.as_deref()).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        let late = run(&mut wang, &node, &approve).await;
        assert!(note(&late).contains(sentence), "{late:?}");
        wang.next_where(|it| it.has("notice", SPACE)).await.unwrap();
    }
    assert_eq!(run(&mut wang, &format!("{SPACE}#notice-999"), &approve).await.condition(), "item-not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_application_opens_again_may_be_decided_again() {
    let house = House::without_gateway().await;
    let mut wang = house.person("wang.lei").await;
    let id = house.send(leave()).await;
    wang.next_where(|it| it.has("notice", SPACE)).await.unwrap();
    let node = offered(&mut wang).await.remove(0).0;
    note(&run(&mut wang, &node, &[("action", "approve")]).await);
    let body = json!({"status": "open", "text": "还缺一天"}).to_string();
    house.oa.ask("PATCH", &format!("{MESSAGES}/{id}"), Some(&body)).await.unwrap();
    let done = run(&mut wang, &node, &[("action", "reject"), ("reject/why", "太久")]).await;
    assert!(note(&done).contains("驳回"), "{done:?}");
}
