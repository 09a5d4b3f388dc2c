//! What became of a notice, as the app shows it.

use posthouse_engine::engine::Engine;
use posthouse_engine::error::EngineErrorCode;
use posthouse_engine::model::{NoticeFilter, NoticeStep, NoticeStepKind};
use posthouse_tests::gateway_process::{GatewayProcess, server_settings};
use posthouse_tests::modem_simulator::Habits;
use posthouse_tests::people::{Computer, PASSWORD};
use posthouse_tests::server_process::ServerProcess;
use serde_json::json;

use super::{MESSAGES, knows, lists, system};
use crate::office::ALICE;

/// A server with Alice, who has a phone, and the key of a business system.
async fn house_with_phones() -> (ServerProcess, String) {
    let mut server = ServerProcess::prepare().await.unwrap();
    server.configure(&[("http", "[\"127.0.0.1:0\"]")]).unwrap();
    let file = server.data().join("server.toml");
    let settings = std::fs::read_to_string(&file).unwrap() + &server_settings();
    std::fs::write(&file, settings).unwrap();
    server.run().await.unwrap();
    server.add_person(ALICE, "陈静", "总部/财务部", PASSWORD).await.unwrap();
    server.administer(&["user", "set", ALICE, "--mobile", "+8613800000001"], None).await.unwrap();
    let words = ["application", "create", "oa", "--title", "办公自动化", "--everyone"];
    let key = server.administer(&words, None).await.unwrap();
    (server, key.lines().next().unwrap().to_owned())
}

fn kinds(steps: &[NoticeStep]) -> Vec<NoticeStepKind> {
    steps.iter().map(|step| step.kind).collect()
}

#[tokio::test]
async fn a_notice_that_went_to_the_phone_and_was_read_later_shows_its_steps_while_there_is_a_line() {
    let (mut server, key) = house_with_phones().await;
    let oa = system(&server, &key);
    // A computer that was never signed in takes what is old as read.
    let computer = Computer::new().unwrap();
    computer.signed_in(&server, ALICE).await.unwrap().leaves().await;
    let door = server.component_address().unwrap();
    let mut gateway = GatewayProcess::prepare(1, Habits::default(), Some(&door)).await.unwrap();
    gateway.run().unwrap();
    gateway.is_connected().await.unwrap();
    let notice = json!({
        "to": {"people": [ALICE]}, "title": "请假待审批",
        "actions": [{"id": "approve", "label": "同意", "style": "primary"}],
    });
    let answer = oa.post(MESSAGES, &notice).await.unwrap();
    assert_eq!(answer.status, 202, "{}", answer.text);
    let id = answer.body["id"].as_str().unwrap().to_owned();
    knows(&oa, &id, "smsReported").await;

    let mut alice = computer.signed_in(&server, ALICE).await.unwrap();
    let message = lists(&mut alice, NoticeFilter::Open, &["请假待审批"]).await.remove(0);
    alice.engine().notices_seen(vec![message.id]).await.unwrap();
    knows(&oa, &id, "read").await;
    alice.engine().choose(message.id, "approve", Vec::new()).await.unwrap();
    knows(&oa, &id, "acted").await;

    let steps = alice.engine().notice_timeline(message.id).await.unwrap();
    assert_eq!(
        kinds(&steps),
        [
            NoticeStepKind::Accepted,
            NoticeStepKind::SmsQueued,
            NoticeStepKind::SmsSent,
            NoticeStepKind::SmsReported,
            NoticeStepKind::Delivered,
            NoticeStepKind::Read,
            NoticeStepKind::Acted,
        ]
    );
    assert!(steps.is_sorted_by_key(|step| step.time), "{steps:?}");
    assert_eq!(steps[6].action.as_deref(), Some("approve"));

    let code = async |engine: &Engine, id| engine.notice_timeline(id).await.unwrap_err().code;
    assert_eq!(code(alice.engine(), message.id + 1_000).await, EngineErrorCode::NotFound);
    server.stop().await.unwrap();
    alice.is_cut_off().await.unwrap();
    assert_eq!(code(alice.engine(), message.id).await, EngineErrorCode::ConnectionLost);
}
