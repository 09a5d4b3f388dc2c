//! Notices: to clients and phones, and what becomes of them.

use posthouse_tests::business_system::BusinessSystem;
use serde_json::{Value, json};

use crate::house::{House, MESSAGES, OA, application, events};

const SPACE: &str = "urn:posthouse:notice:1";

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_to_somebody_who_is_there_reaches_the_client_and_its_timeline_is_complete() {
    let house = House::open().await;
    let mut wang = house.person("wang.lei").await;
    let id = house
        .send(json!({
            "to": {"people": ["wang.lei"]}, "title": "请假待审批", "text": "陈静，3天 <a&b>",
            "priority": "high", "link": {"app": "oa", "path": "/todo/17"},
            "fields": [{"label": "天数", "value": "3"}],
            "actions": [{"id": "approve", "label": "同意", "style": "primary"}],
        }))
        .await;
    let message = wang.next_where(|it| it.has("notice", SPACE)).await.unwrap();
    assert_eq!(message.attribute("from"), Some(OA));
    assert_eq!(message.body(), "请假待审批\n陈静，3天 <a&b>\n天数：3", "every client can show it");
    let notice = message.child("notice", SPACE).unwrap();
    assert_eq!((notice.attribute("id"), notice.attribute("priority")), (Some(id.as_str()), Some("high")));
    assert_eq!(notice.child("link", SPACE).unwrap().attribute("path"), Some("/todo/17"));
    let name = message.attribute("id").unwrap().to_owned();
    for said in [
        format!("<received xmlns='urn:xmpp:receipts' id='{name}'/>"),
        format!("<displayed xmlns='urn:xmpp:chat-markers:0' id='{name}'/>"),
        format!("<act xmlns='{SPACE}' message='{name}' action='approve'/>"),
    ] {
        wang.send(&format!("<message to='{OA}'>{said}</message>")).await.unwrap();
    }
    let shown = house.becomes(&id, "acted").await;
    assert_eq!(events(&shown), ["accepted", "pushed", "delivered", "read", "acted"]);
    assert_eq!(shown.body["recipients"][0]["name"], "王磊");
    assert!(house.gateway.as_ref().unwrap().network.sent().is_empty(), "and no phone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_to_somebody_who_is_away_goes_to_the_phone_once_and_stands_in_the_history() {
    let house = House::open().await;
    let id = house.send(json!({"to": {"people": ["wang.lei"]}, "title": "待审批", "text": "3天"})).await;
    let shown = house.becomes(&id, "smsReported").await;
    assert_eq!(events(&shown), ["accepted", "smsQueued", "smsSent", "smsReported"]);
    assert_eq!(house.texts(1).await, ["【办公自动化】待审批：3天"]);
    let mut wang = house.person_before_messages("wang.lei").await;
    assert!(wang.all_messages().await.unwrap().is_empty(), "it does not wait for the client as well");
    wang.ask("set", "<query xmlns='urn:xmpp:mam:2'/>").await.unwrap();
    let history = wang.all_messages().await.unwrap();
    assert!(history.iter().any(|it| it.find("notice", SPACE).is_some()), "{history:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_phone_a_notice_waits_for_the_client() {
    let house = House::open().await;
    let id = house.send(json!({"to": {"people": ["zhao.min"]}, "title": "waits"})).await;
    house.becomes(&id, "pushed").await;
    let mut zhao = house.person_before_messages("zhao.min").await;
    assert_eq!(zhao.next_message().await.unwrap().body(), "waits");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_may_name_the_way() {
    let house = House::open().await;
    let mut wang = house.person("wang.lei").await;
    let phone = house.send(json!({"to": {"people": ["wang.lei"]}, "title": "p", "delivery": "phone"})).await;
    house.becomes(&phone, "smsReported").await;
    let both = house.send(json!({"to": {"people": ["wang.lei"]}, "title": "b", "delivery": "both"})).await;
    let shown = house.becomes(&both, "smsReported").await;
    assert!(events(&shown).contains(&"pushed".to_owned()));
    assert_eq!(wang.next_message().await.unwrap().body(), "b", "and not what was for the phone");
    assert_eq!(house.texts(2).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_read_in_time_goes_to_the_phone() {
    let house = House::open().await;
    let mut wang = house.person("wang.lei").await;
    let notice =
        |title: &str| json!({"to": {"people": ["wang.lei"]}, "title": title, "escalateAfterSeconds": 2});
    let read = house.send(notice("read")).await;
    let name = wang.next_message().await.unwrap().attribute("id").unwrap().to_owned();
    let marker = format!("<displayed xmlns='urn:xmpp:chat-markers:0' id='{name}'/>");
    wang.send(&format!("<message to='{OA}'>{marker}</message>")).await.unwrap();
    house.becomes(&read, "read").await;
    let unread = house.send(notice("unread")).await;
    let shown = house.becomes(&unread, "smsReported").await;
    assert_eq!(events(&shown), ["accepted", "pushed", "escalated", "smsQueued", "smsSent", "smsReported"]);
    assert_eq!(house.texts(1).await, ["【办公自动化】unread"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_is_all_below_it_or_its_own_members() {
    let house = House::without_gateway().await;
    for (department, accepted) in [
        (json!({"department": "总部"}), 3),
        (json!({"department": "总部/财务部"}), 2),
        (json!({"department": "总部/财务部", "withSubDepartments": false}), 2),
    ] {
        let notice = json!({"to": {"departments": [department]}, "title": "t", "delivery": "client"});
        let answer = house.oa.post(MESSAGES, &notice).await.unwrap();
        assert_eq!(
            (answer.status, answer.body["accepted"].as_u64()),
            (202, Some(accepted)),
            "{}",
            answer.text
        );
    }
    let own =
        json!({"to": {"departments": [{"department": "总部", "withSubDepartments": false}]}, "title": "t"});
    assert_eq!(house.oa.post(MESSAGES, &own).await.unwrap().status, 400, "nobody sits at the top itself");
    let all = json!({"to": {"everyone": true, "people": ["wang.lei"]}, "title": "t", "delivery": "client"});
    let answer = house.oa.post(MESSAGES, &all).await.unwrap();
    let everybody = answer.body["accepted"].as_u64().unwrap();
    let id = answer.body["id"].as_str().unwrap();
    let first = house.oa.get(&format!("{MESSAGES}/{id}?limit=2")).await.unwrap();
    let next = first.body["next"].as_i64().unwrap();
    let rest = house.oa.get(&format!("{MESSAGES}/{id}?limit=500&after={next}")).await.unwrap();
    let count = |answer: &Value| answer["recipients"].as_array().unwrap().len() as u64;
    assert_eq!(count(&first.body) + count(&rest.body), everybody, "each once, in parts");
    assert!(rest.body["next"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_everybody_who_has_it_as_far_as_the_key_reaches() {
    let house = House::without_gateway().await;
    for words in
        [["chen.jing", "--tag", "司机"], ["zhao.min", "--tag", "司机"], ["zhao.min", "--tag", "出纳"]]
    {
        house.server.administer(&[&["user", "set"], words.as_slice()].concat(), None).await.unwrap();
    }
    let finance = application(&house.server, "fin", &["--department", "总部/财务部"]).await;
    let accepted = async |system: &BusinessSystem, to: Value| {
        let notice = json!({"to": to, "title": "t", "delivery": "client"});
        let answer = system.post(MESSAGES, &notice).await.unwrap();
        (answer.status, answer.body["accepted"].as_u64().unwrap_or_default(), answer.body["invalid"].clone())
    };
    assert_eq!(accepted(&house.oa, json!({"tags": ["司机"]})).await, (202, 2, json!([])));
    assert_eq!(
        accepted(&house.oa, json!({"tags": ["出纳", "司机"]})).await,
        (202, 2, json!([])),
        "each once"
    );
    let both = json!({"tags": [" 出纳 ", "没有", "a,b"], "people": ["wang.lei"]});
    let nobody = json!([
        {"recipient": "没有", "reason": "unknown"}, {"recipient": "a,b", "reason": "unknown"}
    ]);
    assert_eq!(accepted(&house.oa, both).await, (202, 2, nobody));
    assert_eq!(accepted(&finance, json!({"tags": ["司机"]})).await, (202, 1, json!([])), "only in reach");
    assert_eq!(accepted(&finance, json!({"tags": ["出纳"]})).await.0, 400, "nobody in reach");
    house.server.administer(&["user", "set", "chen.jing", "--no-tag", "司机"], None).await.unwrap();
    assert_eq!(accepted(&house.oa, json!({"tags": ["司机"]})).await, (202, 1, json!([])));
    let mut zhao = house.person_before_messages("zhao.min").await;
    assert_eq!(zhao.next_message().await.unwrap().body(), "t");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_reached_is_listed_with_the_reason() {
    let house = House::without_gateway().await;
    let notice = json!({
        "to": {"people": ["wang.lei", "zhao.min", "nobody"]}, "title": "t", "delivery": "phone"
    });
    let answer = house.oa.post(MESSAGES, &notice).await.unwrap();
    assert_eq!((answer.status, answer.body["accepted"].as_u64()), (202, Some(1)));
    let invalid = answer.body["invalid"].as_array().unwrap();
    assert!(invalid.contains(&json!({"recipient": "nobody", "reason": "unknown"})));
    assert!(invalid.contains(&json!({"recipient": "zhao.min", "reason": "no_phone"})));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_the_same_message_and_another_message_under_it_is_refused() {
    let house = House::without_gateway().await;
    let mut wang = house.person("wang.lei").await;
    let notice = json!({"to": {"people": ["wang.lei"]}, "title": "once", "idempotencyKey": "k1"});
    let first = house.oa.post(MESSAGES, &notice).await.unwrap();
    let again = house.oa.post(MESSAGES, &notice).await.unwrap();
    assert_eq!((first.status, again.status), (202, 200));
    assert_eq!((&again.body["id"], &again.body["replayed"]), (&first.body["id"], &json!(true)));
    let other = json!({"to": {"people": ["wang.lei"]}, "title": "other", "idempotencyKey": "k1"});
    let refused = house.oa.post(MESSAGES, &other).await.unwrap();
    assert_eq!((refused.status, refused.code()), (409, "conflict"));
    house.send(json!({"to": {"people": ["wang.lei"]}, "title": "last"})).await;
    assert_eq!(wang.next_message().await.unwrap().body(), "once");
    assert_eq!(wang.next_message().await.unwrap().body(), "last");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_writes_to_whom_it_may_and_the_way_it_may() {
    let house = House::without_gateway().await;
    let words = ["--department", "总部/技术部", "--delivery", "client"];
    let erp = application(&house.server, "erp", &words).await;
    let to =
        |people: Value, delivery: &str| json!({"to": {"people": people}, "title": "t", "delivery": delivery});
    let answer = erp.post(MESSAGES, &to(json!(["zhao.min", "wang.lei"]), "client")).await.unwrap();
    assert_eq!((answer.status, answer.body["accepted"].as_u64()), (202, Some(1)));
    assert_eq!(answer.body["invalid"], json!([{"recipient": "wang.lei", "reason": "not_allowed"}]));
    let answer = erp.post(MESSAGES, &to(json!(["zhao.min"]), "auto")).await.unwrap();
    assert_eq!((answer.status, answer.body["field"].as_str()), (403, Some("delivery")));
    let all = json!({"to": {"everyone": true}, "title": "t", "delivery": "client"});
    assert_eq!(erp.post(MESSAGES, &all).await.unwrap().status, 403);
    let id = house.send(to(json!(["wang.lei"]), "client")).await;
    assert_eq!(erp.get(&format!("{MESSAGES}/{id}")).await.unwrap().status, 404, "another one's message");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_limited_by_the_day_and_the_caller_learns_when_there_are_more() {
    let house = House::without_gateway().await;
    let erp = application(&house.server, "erp", &["--everyone", "--texts-a-day", "1"]).await;
    let notice = json!({"to": {"people": ["wang.lei"]}, "title": "t", "delivery": "phone"});
    assert_eq!(erp.post(MESSAGES, &notice).await.unwrap().status, 202);
    let refused = erp.post(MESSAGES, &notice).await.unwrap();
    assert_eq!((refused.status, refused.code()), (429, "too_many_requests"));
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!(wait > 0 && wait <= 86_400);
    let me = erp.get("/api/v1/application").await.unwrap();
    assert_eq!(me.body["textsToday"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_updated_in_place_and_taken_back() {
    let house = House::without_gateway().await;
    let mut wang = house.person("wang.lei").await;
    let id = house.send(json!({"to": {"people": ["wang.lei"]}, "title": "t"})).await;
    let first = wang.next_message().await.unwrap().attribute("id").unwrap().to_owned();
    let path = format!("{MESSAGES}/{id}");
    let patch = json!({"status": "handled", "text": "陈静已处理"}).to_string();
    let changed = house.oa.ask("PATCH", &path, Some(&patch)).await.unwrap();
    assert_eq!((changed.status, changed.body["revision"].as_u64()), (200, Some(2)), "{}", changed.text);
    let update = wang.next_message().await.unwrap();
    assert_eq!(update.body(), "[已处理] t\n陈静已处理");
    let replaced = update.child("replace", "urn:xmpp:message-correct:0").unwrap();
    assert_eq!(replaced.attribute("id"), Some(first.as_str()));
    assert_eq!(update.child("notice", SPACE).unwrap().attribute("state"), Some("handled"));
    assert_eq!(house.oa.ask("DELETE", &path, None).await.unwrap().body["status"], "withdrawn");
    let gone = wang.next_message().await.unwrap();
    assert_eq!(
        gone.child("retract", "urn:xmpp:message-retract:1").unwrap().attribute("id"),
        Some(first.as_str())
    );
    let late = house.oa.ask("PATCH", &path, Some(&patch)).await.unwrap();
    assert_eq!((late.status, late.code()), (409, "conflict"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_the_gateway_has_not_taken_is_never_sent_once_taken_back() {
    let mut house = House::without_gateway().await;
    let id = house.send(json!({"to": {"people": ["wang.lei"]}, "title": "no"})).await;
    house.becomes(&id, "smsQueued").await;
    house.oa.ask("DELETE", &format!("{MESSAGES}/{id}"), None).await.unwrap();
    let shown = house.becomes(&id, "withdrawn").await;
    assert_eq!(events(&shown), ["accepted", "smsQueued", "withdrawn"]);
    house.start_gateway().await;
    let yes = house.send(json!({"to": {"people": ["wang.lei"]}, "title": "yes"})).await;
    house.becomes(&yes, "smsReported").await;
    assert_eq!(house.texts(1).await, ["【办公自动化】yes"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_named_by_its_field() {
    let house = House::without_gateway().await;
    for (body, field) in [
        (json!({"to": {"people": []}, "title": "t"}), "to"),
        (json!({"to": {"everyone": true}, "title": ""}), "title"),
        (json!({"to": {"everyone": true}, "title": "t", "colour": 1}), "colour"),
        (json!({"to": {"everyone": "yes"}, "title": "t"}), "to.everyone"),
    ] {
        let answer = house.oa.post(MESSAGES, &body).await.unwrap();
        assert_eq!((answer.status, answer.code()), (400, "bad_request"), "{}", answer.text);
        assert_eq!(answer.body["field"], field, "{}", answer.text);
    }
    let empty = house.oa.post(MESSAGES, &json!({})).await.unwrap();
    assert_eq!((empty.status, &empty.body["field"]), (400, &json!(null)), "{}", empty.text);
    assert!(empty.text.contains("`to`"), "{}", empty.text);
    let long = "x".repeat(2_000_000);
    let answer = house.oa.ask("POST", MESSAGES, Some(&long)).await.unwrap();
    assert_eq!((answer.status, answer.code()), (413, "too_large"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_reaches_the_application_that_wrote_and_no_other() {
    let house = House::without_gateway().await;
    let mut wang = house.person("wang.lei").await;
    let id = house.send(json!({"to": {"people": ["wang.lei"]}, "title": "t"})).await;
    wang.next_message().await.unwrap();
    wang.write_to(OA, "收到").await.unwrap();
    let shown = house.becomes(&id, "replied").await;
    let last = shown.body["recipients"][0]["events"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["event"], &last["detail"]), (&json!("replied"), &json!("收到")));
    wang.send("<message type='chat' id='r' to='hr@notices.posthouse.test'><body>hi</body></message>")
        .await
        .unwrap();
    let refused = wang.next_where(|it| it.attribute("id") == Some("r")).await.unwrap();
    assert_eq!(refused.condition(), "item-not-found");
}
