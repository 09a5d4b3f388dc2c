//! Notices of business systems in the app.

mod marks;
mod timelines;

use std::time::Duration;

use posthouse_engine::engine::Engine;
use posthouse_engine::events::EngineEvent;
use posthouse_engine::model::{Availability, Message, Notice, NoticeFilter, NoticeState, NoticeValue};
use posthouse_tests::business_system::BusinessSystem;
use posthouse_tests::people::{Computer, PASSWORD, Person};
use posthouse_tests::server_process::ServerProcess;
use serde_json::{Value, json};

use crate::office::{ALICE, BOB};

const OA: &str = "oa@notices.posthouse.test";
const MESSAGES: &str = "/api/v1/messages";

/// A server with Alice and Bob, and the key of a business system.
async fn house() -> (ServerProcess, String) {
    let mut server = ServerProcess::prepare().await.unwrap();
    server.configure(&[("http", "[\"127.0.0.1:0\"]")]).unwrap();
    server.run().await.unwrap();
    for (id, name) in [(ALICE, "陈静"), (BOB, "王磊")] {
        server.add_person(id, name, "总部/财务部", PASSWORD).await.unwrap();
    }
    let words = ["application", "create", "oa", "--title", "办公自动化", "--everyone"];
    let key = server.administer(&words, None).await.unwrap();
    (server, key.lines().next().unwrap().to_owned())
}

/// The business system, at the address that the server has now.
fn system(server: &ServerProcess, key: &str) -> BusinessSystem {
    BusinessSystem::at(&server.address_of("http").unwrap()).with_key(key)
}

async fn says(oa: &BusinessSystem, to: &[&str], title: &str) -> String {
    let notice = json!({
        "to": {"people": to}, "delivery": "client", "title": title, "text": "王磊，3天", "priority": "high",
        "fields": [{"label": "天数", "value": "3"}],
        "actions": [{"id": "approve", "label": "同意", "style": "primary", "inputs": [{"name": "why", "label": "意见"}]}],
    });
    let answer = oa.post(MESSAGES, &notice).await.unwrap();
    assert_eq!(answer.status, 202, "{}", answer.text);
    answer.body["id"].as_str().unwrap().to_owned()
}

async fn handles(oa: &BusinessSystem, id: &str) {
    let patch = json!({"status": "handled", "text": "王磊已处理"}).to_string();
    let answer = oa.ask("PATCH", &format!("{MESSAGES}/{id}"), Some(&patch)).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// Waits until a list of all systems has exactly these titles, the newest first.
async fn lists(person: &mut Person, filter: NoticeFilter, titles: &[&str]) -> Vec<Message> {
    let looking = async |engine: &Engine| {
        let page = engine.notices("", filter, None, 50).await?;
        let is_it =
            page.notices.iter().map(|message| notice(message).title.as_str()).eq(titles.iter().copied());
        Ok(is_it.then_some(page.notices))
    };
    person.until("the list", looking).await.unwrap()
}

/// Waits until the notice of that message is as wanted.
async fn becomes(person: &mut Person, id: i64, what: &str, is_wanted: fn(&Notice) -> bool) -> Notice {
    let looking = async |engine: &Engine| {
        let page = engine.notices(OA, NoticeFilter::All, None, 50).await?;
        let found =
            page.notices.into_iter().find(|message| message.id == id).and_then(|message| message.notice);
        Ok(found.filter(is_wanted))
    };
    person.until(what, looking).await.unwrap()
}

fn notice(message: &Message) -> &Notice {
    message.notice.as_ref().unwrap()
}

/// Waits until the system knows this of its first receiver.
async fn knows(oa: &BusinessSystem, id: &str, wanted: &str) -> Value {
    let end = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        let answer = oa.get(&format!("{MESSAGES}/{id}")).await.unwrap();
        let events = answer.body["recipients"][0]["events"].as_array().unwrap();
        if let Some(event) = events.iter().find(|event| event["event"] == wanted) {
            return event.clone();
        }
        assert!(tokio::time::Instant::now() < end, "no {wanted}: {}", answer.text);
        // The interface has no way to wait.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_notice_that_comes_live_is_listed_read_and_acted_upon() {
    let (server, key) = house().await;
    let oa = system(&server, &key);
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let id = says(&oa, &[ALICE], "请假待审批").await;
    let message = lists(&mut alice, NoticeFilter::Open, &["请假待审批"]).await.remove(0);
    assert_eq!((notice(&message).system_name.as_str(), notice(&message).unread), ("办公自动化", true));
    let rows = alice.engine().conversations().await.unwrap();
    let row = rows.iter().find(|row| row.peer == OA).unwrap();
    assert_eq!((row.name.as_str(), row.system.as_deref(), row.unread), ("办公自动化", Some("oa"), 1));
    let name = alice.next("the notification", |event| match event {
        EngineEvent::Notify { name, .. } => Some(name.clone()),
        _ => None,
    });
    assert_eq!(name.await.unwrap(), "办公自动化");

    alice.engine().notices_seen(vec![message.id]).await.unwrap();
    knows(&oa, &id, "read").await;
    lists(&mut alice, NoticeFilter::Unread, &[]).await;

    let value = NoticeValue { name: "why".to_owned(), text: "好".to_owned() };
    alice.engine().choose(message.id, "approve", vec![value]).await.unwrap();
    let acted = knows(&oa, &id, "acted").await;
    assert!(acted.to_string().contains("approve") && acted.to_string().contains("好"), "{acted}");
    becomes(&mut alice, message.id, "the server has it", |it| it.chosen.is_some() && !it.under_way).await;
    lists(&mut alice, NoticeFilter::Open, &[]).await;
    lists(&mut alice, NoticeFilter::Done, &["请假待审批"]).await;
}

#[tokio::test]
async fn what_came_while_nobody_was_there_is_listed_and_unread_at_the_next_login() {
    let (server, key) = house().await;
    let oa = system(&server, &key);
    let computer = Computer::new().unwrap();
    computer.signed_in(&server, ALICE).await.unwrap().leaves().await;
    let first = says(&oa, &[ALICE], "第一件").await;
    says(&oa, &[ALICE], "第二件").await;
    let mut alice = computer.signed_in(&server, ALICE).await.unwrap();
    let all = lists(&mut alice, NoticeFilter::Unread, &["第二件", "第一件"]).await;
    // The newest alone was seen: nobody says that the older one was.
    alice.engine().notices_seen(vec![all[0].id]).await.unwrap();
    lists(&mut alice, NoticeFilter::Unread, &["第一件"]).await;
    let timeline = oa.get(&format!("{MESSAGES}/{first}")).await.unwrap();
    assert!(!timeline.text.contains("\"read\""), "{}", timeline.text);
    alice.engine().notices_seen(vec![all[1].id]).await.unwrap();
    knows(&oa, &first, "read").await;
}

#[tokio::test]
async fn what_somebody_else_handled_changes_in_its_place_at_all_computers() {
    let (server, key) = house().await;
    let oa = system(&server, &key);
    let mut office = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let mut home = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let id = says(&oa, &[ALICE, BOB], "请假待审批").await;
    for alice in [&mut office, &mut home] {
        let message = lists(alice, NoticeFilter::Open, &["请假待审批"]).await.remove(0);
        assert!(notice(&message).unread);
    }
    handles(&oa, &id).await;
    for alice in [&mut office, &mut home] {
        let done = lists(alice, NoticeFilter::Done, &["请假待审批"]).await.remove(0);
        assert_eq!((notice(&done).state, notice(&done).text.as_str()), (NoticeState::Handled, "王磊已处理"));
        assert!(!notice(&done).unread, "nothing is left to see to");
        lists(alice, NoticeFilter::Open, &[]).await;
    }
}

#[tokio::test]
async fn what_was_read_or_chosen_at_one_computer_is_so_at_the_other() {
    let (server, key) = house().await;
    let oa = system(&server, &key);
    let mut office = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let mut home = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    says(&oa, &[ALICE], "请假待审批").await;
    let here = lists(&mut office, NoticeFilter::Unread, &["请假待审批"]).await.remove(0);
    let there = lists(&mut home, NoticeFilter::Unread, &["请假待审批"]).await.remove(0);
    office.engine().notices_seen(vec![here.id]).await.unwrap();
    lists(&mut home, NoticeFilter::Unread, &[]).await;
    office.engine().choose(here.id, "approve", Vec::new()).await.unwrap();
    becomes(&mut home, there.id, "the choice", |it| it.chosen.as_deref() == Some("approve")).await;
    lists(&mut home, NoticeFilter::Open, &[]).await;
}

#[tokio::test]
async fn a_second_computer_gets_notices_from_the_archive_as_they_stand_now() {
    let (server, key) = house().await;
    let oa = system(&server, &key);
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let first = says(&oa, &[ALICE], "第一件").await;
    says(&oa, &[ALICE], "第二件").await;
    lists(&mut alice, NoticeFilter::Open, &["第二件", "第一件"]).await;
    handles(&oa, &first).await;
    lists(&mut alice, NoticeFilter::Open, &["第二件"]).await;
    let mut elsewhere = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    lists(&mut elsewhere, NoticeFilter::All, &["第二件", "第一件"]).await;
    lists(&mut elsewhere, NoticeFilter::Open, &["第二件"]).await;
    let done = lists(&mut elsewhere, NoticeFilter::Done, &["第一件"]).await.remove(0);
    assert_eq!(notice(&done).revision, 2);
}

#[tokio::test]
async fn a_choice_made_without_a_line_waits_and_is_sent_when_the_line_is_back() {
    let (mut server, key) = house().await;
    let oa = system(&server, &key);
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let id = says(&oa, &[ALICE], "请假待审批").await;
    let message = lists(&mut alice, NoticeFilter::Open, &["请假待审批"]).await.remove(0);
    server.stop().await.unwrap();
    alice.is_cut_off().await.unwrap();
    alice.engine().choose(message.id, "approve", Vec::new()).await.unwrap();
    becomes(&mut alice, message.id, "it waits", |it| it.under_way).await;
    server.run().await.unwrap();
    alice.engine().reconnect_now().await.unwrap();
    knows(&system(&server, &key), &id, "acted").await;
    becomes(&mut alice, message.id, "the server has it", |it| it.chosen.is_some() && !it.under_way).await;
}

#[tokio::test]
async fn who_does_not_want_to_be_disturbed_gets_notices_without_a_notification() {
    let (server, key) = house().await;
    let oa = system(&server, &key);
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    alice.engine().set_own_presence(Availability::DoNotDisturb, None).await.unwrap();
    for title in ["第一件", "第二件"] {
        says(&oa, &[ALICE], title).await;
    }
    // Notices are taken one by one: the first is dealt with when the second is there.
    lists(&mut alice, NoticeFilter::Unread, &["第二件", "第一件"]).await;
    alice.engine().set_own_presence(Availability::Online, None).await.unwrap();
    says(&oa, &[ALICE], "第三件").await;
    let text = alice.next("the notification", |event| match event {
        EngineEvent::Notify { text, .. } => Some(text.clone()),
        _ => None,
    });
    assert!(!text.await.unwrap().starts_with("第一件"));
}
