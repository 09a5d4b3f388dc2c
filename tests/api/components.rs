//! A business system that speaks XMPP: its component sends, asks, and is told what became of its notices.

use std::time::Duration;

use posthouse_tests::component::{Component, Happened, NOTICE, happened};
use posthouse_tests::element::Element;
use posthouse_tests::server_process::DOMAIN;
use serde_json::json;

use crate::house::{COMPONENT, House, MESSAGES, OA, PATIENCE, SECRET};

/// A notice to 赵敏, whose request has this in its start tag.
fn leave(more: &str) -> String {
    format!(
        "<send xmlns='{NOTICE}' title='请假待审批' {more}><to><person>zhao.min</person></to><text>陈静，3天</text>\
         <action id='approve' label='同意' style='primary'><input name='why' label='意见'/></action></send>"
    )
}

async fn set(house: &House, words: &[&str]) {
    let words = [&["application", "set", "oa"], words].concat();
    house.server.administer(&words, None).await.unwrap();
}

/// The component, once the server lets it in: it may have to notice first that the one before is gone.
async fn connected(house: &House) -> Component {
    let address = house.server.component_address().unwrap();
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        match Component::connect(&address, COMPONENT, SECRET, DOMAIN).await {
            Ok(component) => return component,
            Err(error) => assert!(tokio::time::Instant::now() < end, "{error:?}\n{}", house.server.log()),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The component that stands for the business system.
async fn tied(house: &House) -> Component {
    set(house, &["--component", COMPONENT]).await;
    connected(house).await
}

fn kinds(known: &[Happened]) -> Vec<&str> {
    known.iter().map(|one| one.kind.as_str()).collect()
}

/// What an error says beside its condition.
fn refusal(answer: &Element) -> &Element {
    answer.find("refusal", NOTICE).unwrap_or_else(|| panic!("{answer:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_sends_for_its_system_as_the_systems_key_does() {
    let house = House::without_gateway().await;
    let mut oa = tied(&house).await;
    let mut zhao = house.person("zhao.min").await;
    let notice = format!(
        "<send xmlns='{NOTICE}' title='请假待审批' priority='high' idempotency-key='leave-17'>\
         <to><person>zhao.min</person><person>nobody</person><department>总部/财务部</department></to>\
         <text>陈静，3天</text><link app='oa' path='/todo/17'/><field label='天数'>3</field></send>"
    );
    let answer = oa.ask("set", &notice).await.unwrap();
    let sent = answer.child("sent", NOTICE).unwrap_or_else(|| panic!("{answer:?}"));
    assert_eq!(sent.attribute("accepted"), Some("3"), "and who is in the department");
    let invalid = sent.child("invalid", NOTICE).unwrap();
    assert_eq!(
        (invalid.attribute("recipient"), invalid.attribute("reason")),
        (Some("nobody"), Some("unknown"))
    );
    let message = zhao.next_message().await.unwrap();
    assert_eq!(message.attribute("from"), Some(OA));
    assert_eq!(message.body(), "请假待审批\n陈静，3天\n天数：3");

    let again = oa.ask("set", &notice).await.unwrap();
    let again = again.child("sent", NOTICE).unwrap();
    assert_eq!((again.attribute("id"), again.attribute("replayed")), (sent.attribute("id"), Some("true")));
    let same = json!({
        "to": {"people": ["zhao.min", "nobody"], "departments": [{"department": "总部/财务部"}]},
        "title": "请假待审批", "text": "陈静，3天", "priority": "high", "idempotencyKey": "leave-17",
        "link": {"app": "oa", "path": "/todo/17"}, "fields": [{"label": "天数", "value": "3"}],
    });
    let over_http = house.oa.post(MESSAGES, &same).await.unwrap();
    assert_eq!(
        (over_http.status, over_http.body["id"].as_str()),
        (200, sent.attribute("id")),
        "at either door"
    );
    let other = oa.ask("set", &notice.replace("3天", "4天")).await.unwrap();
    assert_eq!((other.condition(), refusal(&other).attribute("field")), ("conflict", Some("idempotencyKey")));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_stand_for_a_system_sends_nothing() {
    let house = House::without_gateway().await;
    let mut stranger = connected(&house).await;
    assert_eq!(stranger.ask("set", &leave("")).await.unwrap().condition(), "forbidden", "nobody has tied it");
    let mut chen = house.person("chen.jing").await;
    let refused = chen.ask_at(DOMAIN, "set", &leave("")).await.unwrap();
    assert_eq!(refused.condition(), "forbidden", "a person is no component");

    set(&house, &["--component", COMPONENT]).await;
    stranger.send(&leave("")).await.unwrap();
    set(&house, &["--network", "192.0.2.0/24"]).await;
    assert_eq!(
        stranger.ask("set", &leave("")).await.unwrap().condition(),
        "forbidden",
        "from another network"
    );
    set(&house, &["--network", "127.0.0.0/8"]).await;
    stranger.send(&leave("")).await.unwrap();
    house.server.administer(&["application", "disable", "oa"], None).await.unwrap();
    assert_eq!(stranger.ask("set", &leave("")).await.unwrap().condition(), "forbidden", "disabled");
    house.server.administer(&["application", "enable", "oa"], None).await.unwrap();
    set(&house, &["--no-component"]).await;
    assert_eq!(
        stranger.ask("set", &leave("")).await.unwrap().condition(),
        "forbidden",
        "it does not any more"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_may_what_its_system_may_and_learns_what_is_wrong() {
    let house = House::without_gateway().await;
    set(&house, &["--everyone", "false", "--person", "zhao.min", "--delivery", "client"]).await;
    let mut oa = tied(&house).await;
    let to = |inside: &str, more: &str| {
        format!("<send xmlns='{NOTICE}' title='t' delivery='client' {more}><to>{inside}</to></send>")
    };
    let reached =
        oa.ask("set", &to("<person>zhao.min</person><person>chen.jing</person>", "")).await.unwrap();
    let sent = reached.child("sent", NOTICE).unwrap();
    assert_eq!(sent.attribute("accepted"), Some("1"));
    assert_eq!(sent.child("invalid", NOTICE).unwrap().attribute("reason"), Some("not_allowed"));
    let zhao = "<person>zhao.min</person>";
    for (request, condition, field) in [
        (to("<everyone/>", ""), "forbidden", "to.everyone"),
        (to(zhao, "").replace("client", "phone"), "forbidden", "delivery"),
        (to(zhao, "").replace("client", "pigeon"), "bad-request", "delivery"),
        (to("<person>chen.jing</person>", ""), "bad-request", "to"),
        (to(zhao, "expires='tomorrow'"), "bad-request", "expiresAt"),
        (to(zhao, "escalate-after='soon'"), "bad-request", "escalateAfterSeconds"),
        (to(zhao, "idempotency-key=''"), "bad-request", "idempotencyKey"),
        (to(zhao, "").replace("title='t'", "title=''"), "bad-request", "title"),
        (
            to(zhao, "").replace("</send>", "<action id='a b' label='x'/></send>"),
            "bad-request",
            "actions[0].id",
        ),
        (
            to(zhao, "").replace("</send>", "<link app='oa' path='//evil'/></send>"),
            "bad-request",
            "link.path",
        ),
    ] {
        let answer = oa.ask("set", &request).await.unwrap();
        assert_eq!(answer.condition(), condition, "{request}");
        assert_eq!(refusal(&answer).attribute("field"), Some(field), "{request}");
    }
    for (kind, request, condition) in [
        ("get", to(zhao, ""), "feature-not-implemented"),
        ("set", format!("<fly xmlns='{NOTICE}'/>"), "feature-not-implemented"),
        ("set", format!("<withdraw xmlns='{NOTICE}'/>"), "bad-request"),
        ("set", format!("<withdraw xmlns='{NOTICE}' id='m-0'/>"), "item-not-found"),
        ("set", format!("<change xmlns='{NOTICE}' id='m-0' status='handled'/>"), "item-not-found"),
        ("get", format!("<timeline xmlns='{NOTICE}' id='m-0' max='101'/>"), "bad-request"),
        ("get", format!("<timeline xmlns='{NOTICE}' id='m-0'/>"), "item-not-found"),
    ] {
        assert_eq!(oa.ask(kind, &request).await.unwrap().condition(), condition, "{request}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_say_when_to_come_back() {
    let mut house = House::without_gateway().await;
    // Two a second: twenty may come at once.
    house.server.stop().await.unwrap();
    house.server.configure(&[("http_requests_per_second", "2")]).unwrap();
    house.server.run().await.unwrap();
    set(&house, &["--texts-a-day", "0"]).await;
    let mut oa = tied(&house).await;
    let text = leave("delivery='phone'").replace("zhao.min", "wang.lei");
    let spent = oa.ask("set", &text).await.unwrap();
    assert_eq!(spent.condition(), "resource-constraint");
    assert!(refusal(&spent).attribute("retry-after").unwrap().parse::<u64>().unwrap() <= 86_400);
    let question = format!("<timeline xmlns='{NOTICE}' id='m-0'/>");
    let mut refused = None;
    for _ in 0..200 {
        let answer = oa.ask("get", &question).await.unwrap();
        if answer.condition() != "item-not-found" {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.unwrap();
    assert_eq!(refused.condition(), "policy-violation");
    assert_eq!(refused.find("error", "jabber:component:accept").unwrap().attribute("type"), Some("wait"));
    assert_eq!(refusal(&refused).attribute("retry-after"), Some("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_happens_is_told_to_the_component_in_order_and_what_it_has_taken_is_not_told_again() {
    let house = House::without_gateway().await;
    let mut oa = tied(&house).await;
    let mut zhao = house.person("zhao.min").await;
    let id = oa.send(&leave("")).await.unwrap();
    let name = zhao.next_message().await.unwrap().attribute("id").unwrap().to_owned();
    for said in [
        format!("<received xmlns='urn:xmpp:receipts' id='{name}'/>"),
        format!("<displayed xmlns='urn:xmpp:chat-markers:0' id='{name}'/>"),
        format!(
            "<act xmlns='{NOTICE}' message='{name}' action='approve'><value name='why'>好 &amp; gut</value></act>"
        ),
        "<body>谢谢 &lt;3</body>".to_owned(),
    ] {
        zhao.send(&format!("<message to='{OA}'>{said}</message>")).await.unwrap();
    }
    let mut known = Vec::new();
    oa.hears(&mut known, 5).await.unwrap();
    assert_eq!(kinds(&known), ["pushed", "delivered", "read", "acted", "replied"]);
    assert!(known.iter().all(|one| one.notice == id && one.login == "zhao.min"));
    let chosen = known[3].element.child("chosen", NOTICE).unwrap();
    assert_eq!(chosen.attribute("action"), Some("approve"));
    assert_eq!(chosen.child("value", NOTICE).unwrap().text, "好 & gut");
    assert_eq!(known[4].element.child("detail", NOTICE).unwrap().text, "谢谢 <3");

    // What comes next is news alone, also over a new connection.
    drop(oa);
    let mut oa = connected(&house).await;
    let second = oa.send(&leave("")).await.unwrap();
    let mut later = Vec::new();
    oa.hears(&mut later, 1).await.unwrap();
    assert_eq!((later[0].notice.as_str(), later[0].kind.as_str()), (second.as_str(), "pushed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_while_the_component_is_away_waits_and_what_it_did_not_take_comes_again() {
    let house = House::without_gateway().await;
    let mut oa = tied(&house).await;
    let id = oa.send(&leave("")).await.unwrap();
    let first = oa.next_told().await.unwrap();
    oa.answer(&first, "error").await.unwrap();
    let again = oa.next_told().await.unwrap();
    assert_eq!(again, first, "under the same id, and it says the same");
    drop(oa);
    let mut zhao = house.person_before_messages("zhao.min").await;
    let name = zhao.next_message().await.unwrap().attribute("id").unwrap().to_owned();
    let act = format!("<act xmlns='{NOTICE}' message='{name}' action='approve'/>");
    zhao.send(&format!("<message to='{OA}'>{act}</message>")).await.unwrap();
    house.becomes(&id, "acted").await;
    let list = house.server.administer(&["application", "list"], None).await.unwrap();
    assert!(list.contains(&format!("component {COMPONENT} failing since")), "{list}");
    let mut oa = connected(&house).await;
    let third = oa.next_told().await.unwrap();
    assert_eq!(third, first, "over a new connection at once");
    oa.answer(&third, "result").await.unwrap();
    let mut known = happened(&first);
    oa.hears(&mut known, 2).await.unwrap();
    assert_eq!(kinds(&known), ["pushed", "acted"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_the_server_is_killed_between_what_happened_and_its_acknowledgement() {
    let mut house = House::without_gateway().await;
    let mut oa = tied(&house).await;
    let mut sent = Vec::new();
    let mut known = Vec::new();
    for round in 0..3 {
        for number in 0..5 {
            let key = format!("n{round}-{number}");
            sent.push(oa.send(&leave(&format!("idempotency-key='{key}'"))).await.unwrap());
        }
        // Told and, but for one, not acknowledged.
        let told = oa.next_told().await.unwrap();
        oa.answer(&told, "result").await.unwrap();
        known.extend(happened(&told));
        oa.next_told().await.unwrap();
        house.server.kill().await.unwrap();
        house.server.run().await.unwrap();
        oa = connected(&house).await;
    }
    let mut zhao = house.person_before_messages("zhao.min").await;
    for _ in 0..sent.len() {
        let name = zhao.next_message().await.unwrap().attribute("id").unwrap().to_owned();
        let act = format!("<act xmlns='{NOTICE}' message='{name}' action='approve'/>");
        zhao.send(&format!("<message to='{OA}'>{act}</message>")).await.unwrap();
    }
    // The acknowledgement of one that came just before a kill may be lost: then it comes again, with the same id.
    known.sort_by(|one, other| one.id.cmp(&other.id));
    known.dedup_by(|one, other| one.id == other.id);
    oa.hears(&mut known, sent.len() * 2).await.unwrap();
    for id in &sent {
        let of: Vec<&str> =
            known.iter().filter(|one| one.notice == *id).map(|one| one.kind.as_str()).collect();
        assert_eq!(of, ["pushed", "acted"], "in order, whatever was killed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_changes_takes_back_and_looks_up_its_notices() {
    let house = House::without_gateway().await;
    let mut oa = tied(&house).await;
    let mut zhao = house.person("zhao.min").await;
    let id = oa.send(&leave("")).await.unwrap();
    zhao.next_message().await.unwrap();
    let change = format!(
        "<change xmlns='{NOTICE}' id='{id}' status='handled' title='请假已批'><text>王磊</text><no-actions/></change>"
    );
    let answer = oa.ask("set", &change).await.unwrap();
    let changed = answer.child("changed", NOTICE).unwrap_or_else(|| panic!("{answer:?}"));
    assert_eq!((changed.attribute("status"), changed.attribute("revision")), (Some("handled"), Some("2")));
    assert_eq!(zhao.next_message().await.unwrap().body(), "[已处理] 请假已批\n王磊");
    house.becomes(&id, "pushed").await;

    let question = format!("<timeline xmlns='{NOTICE}' id='{id}'/>");
    let answer = oa.ask("get", &question).await.unwrap();
    let timeline = answer.child("timeline", NOTICE).unwrap_or_else(|| panic!("{answer:?}"));
    assert_eq!((timeline.attribute("status"), timeline.attribute("next")), (Some("handled"), None));
    let content = timeline.child("content", NOTICE).unwrap();
    assert_eq!(content.attribute("title"), Some("请假已批"));
    assert!(!content.has("action", NOTICE), "the actions are gone");
    let receiver = timeline.child("receiver", NOTICE).unwrap();
    assert_eq!((receiver.attribute("login"), receiver.attribute("name")), (Some("zhao.min"), Some("赵敏")));
    let first = receiver.child("event", NOTICE).unwrap();
    assert_eq!(first.attribute("kind"), Some("accepted"));

    let answer = oa.ask("set", &format!("<withdraw xmlns='{NOTICE}' id='{id}'/>")).await.unwrap();
    let changed = answer.child("changed", NOTICE).unwrap_or_else(|| panic!("{answer:?}"));
    assert_eq!(changed.attribute("status"), Some("withdrawn"));
    assert_eq!(zhao.next_message().await.unwrap().body(), "[已撤回] 请假已批");
    assert_eq!(oa.ask("set", &change).await.unwrap().condition(), "conflict", "it has been taken back");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_component_stands_for_one_system_and_a_system_hears_in_one_place() {
    let house = House::without_gateway().await;
    let refused = async |words: &[&str]| {
        let words = [&["application", "set"], words].concat();
        house.server.administer(&words, None).await.unwrap_err().to_string()
    };
    assert!(refused(&["oa", "--component", "a b"]).await.contains("is no domain"));
    assert!(refused(&["oa", "--component", DOMAIN]).await.contains("not for business systems"));
    assert!(
        refused(&["oa", "--component", &format!("sms.{DOMAIN}")]).await.contains("not for business systems")
    );
    set(&house, &["--webhook", "https://oa.example.org/hook"]).await;
    assert!(refused(&["oa", "--component", COMPONENT]).await.contains("--no-webhook"));
    set(&house, &["--component", COMPONENT, "--no-webhook"]).await;
    assert!(refused(&["oa", "--webhook", "https://oa.example.org/hook"]).await.contains("--no-component"));
    crate::house::application(&house.server, "hr", &["--everyone"]).await;
    assert!(refused(&["hr", "--component", COMPONENT]).await.contains("stands for oa already"));
    let list = house.server.administer(&["application", "list", "--json"], None).await.unwrap();
    assert!(list.contains(COMPONENT), "{list}");
}
