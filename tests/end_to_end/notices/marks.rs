//! Notices that people mark as done by hand.

use posthouse_engine::model::NoticeFilter;
use posthouse_tests::business_system::BusinessSystem;
use posthouse_tests::people::Computer;
use serde_json::json;

use super::{MESSAGES, OA, becomes, house, lists, system};
use crate::office::ALICE;

/// A notice that says where it is seen to, and nothing to choose.
async fn points(oa: &BusinessSystem, title: &str) -> String {
    let notice = json!({
        "to": {"people": [ALICE]}, "delivery": "client", "title": title, "link": {"app": "oa", "path": "/todo/17"},
    });
    let answer = oa.post(MESSAGES, &notice).await.unwrap();
    assert_eq!(answer.status, 202, "{}", answer.text);
    answer.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_marked_by_hand_is_done_at_all_computers_and_its_system_hears_nothing() {
    let (server, key) = house().await;
    let oa = system(&server, &key);
    let mut office = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let mut home = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    points(&oa, "第一件").await;
    let id = points(&oa, "第二件").await;
    let here = lists(&mut office, NoticeFilter::Open, &["第二件", "第一件"]).await.remove(0);
    let there = lists(&mut home, NoticeFilter::Open, &["第二件", "第一件"]).await.remove(0);

    office.engine().mark_done(here.id, true).await.unwrap();
    lists(&mut office, NoticeFilter::Done, &["第二件"]).await;
    becomes(&mut home, there.id, "the mark", |it| it.marked && !it.unread).await;
    lists(&mut home, NoticeFilter::Open, &["第一件"]).await;
    lists(&mut home, NoticeFilter::Unread, &["第一件"]).await;

    home.engine().mark_done(there.id, false).await.unwrap();
    becomes(&mut office, here.id, "it is taken back", |it| !it.marked).await;
    lists(&mut office, NoticeFilter::Open, &["第二件", "第一件"]).await;

    office.engine().mark_done(here.id, true).await.unwrap();
    becomes(&mut home, there.id, "the mark once more", |it| it.marked).await;
    let mut third = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    lists(&mut third, NoticeFilter::Done, &["第二件"]).await;
    lists(&mut third, NoticeFilter::Open, &["第一件"]).await;

    // An answer in words, which comes behind the marks, is heard.
    office.engine().send_message(OA, "收到").await.unwrap();
    let said = super::knows(&oa, &id, "replied").await;
    assert_eq!(said["detail"], "收到");
    let timeline = oa.get(&format!("{MESSAGES}/{id}")).await.unwrap();
    assert_eq!(timeline.text.matches("\"event\":\"replied\"").count(), 1, "{}", timeline.text);
    assert!(!timeline.text.contains("acted"), "{}", timeline.text);
}

#[tokio::test]
async fn a_mark_made_without_a_line_outlives_the_app_and_reaches_the_other_computer() {
    let (mut server, key) = house().await;
    let oa = system(&server, &key);
    let computer = Computer::new().unwrap();
    let mut alice = computer.signed_in(&server, ALICE).await.unwrap();
    points(&oa, "请假待审批").await;
    let message = lists(&mut alice, NoticeFilter::Open, &["请假待审批"]).await.remove(0);
    server.stop().await.unwrap();
    alice.is_cut_off().await.unwrap();
    alice.engine().mark_done(message.id, true).await.unwrap();
    alice.leaves().await;
    server.run().await.unwrap();
    let mut elsewhere = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let there = lists(&mut elsewhere, NoticeFilter::Open, &["请假待审批"]).await.remove(0);

    let mut alice = computer.signed_in(&server, ALICE).await.unwrap();

    lists(&mut alice, NoticeFilter::Done, &["请假待审批"]).await;
    becomes(&mut elsewhere, there.id, "the mark", |it| it.marked).await;
}

#[tokio::test]
async fn what_its_system_says_later_counts_more_than_a_mark() {
    let (server, key) = house().await;
    let oa = system(&server, &key);
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let id = points(&oa, "请假待审批").await;
    let message = lists(&mut alice, NoticeFilter::Open, &["请假待审批"]).await.remove(0);
    alice.engine().mark_done(message.id, true).await.unwrap();
    // What waits for the line stands behind what comes; the other computer has it when the server has it.
    let mut elsewhere = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let there = lists(&mut elsewhere, NoticeFilter::Done, &["请假待审批"]).await.remove(0);
    let patch = json!({"text": "还差一个附件"}).to_string();
    let answer = oa.ask("PATCH", &format!("{MESSAGES}/{id}"), Some(&patch)).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
    becomes(&mut elsewhere, there.id, "it asks again", |it| !it.marked && it.revision == 2).await;
    lists(&mut elsewhere, NoticeFilter::Open, &["请假待审批"]).await;
    super::handles(&oa, &id).await;
    becomes(&mut elsewhere, there.id, "it is settled", |it| it.revision == 3).await;
    let late = elsewhere.engine().mark_done(there.id, true).await.unwrap_err();
    assert_eq!(late.code, posthouse_engine::error::EngineErrorCode::NotFound);
}
