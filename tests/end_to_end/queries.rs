//! The contact that answers codes, as the client without a window knows it.

use posthouse_engine::error::EngineErrorCode;
use posthouse_engine::model::{MessageState, QueryCode, QueryContact};
use posthouse_tests::gateway_process::{GatewayProcess, SMS_DOMAIN, server_settings};
use posthouse_tests::modem_simulator::Habits;
use posthouse_tests::office_automation::{OfficeAutomation, Task};
use posthouse_tests::people::{Computer, PASSWORD};
use posthouse_tests::server_process::ServerProcess;

use crate::office::ALICE;

#[tokio::test]
async fn a_code_is_asked_in_the_chat_and_the_contact_is_found_when_the_gateway_is_there() {
    let server = ServerProcess::start_with(&server_settings()).await.unwrap();
    server.add_person(ALICE, "陈静", "总部/财务部", PASSWORD).await.unwrap();
    let task = |number| Task {
        number,
        person: ALICE.to_owned(),
        title: "请假".to_owned(),
        applicant: "王磊".to_owned(),
    };
    let system = OfficeAutomation::start(vec![task(1), task(2), task(3)]).await.unwrap();
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let away = alice.engine().query_contact().await.unwrap_err();
    assert_eq!(away.code, EngineErrorCode::GatewayAway);

    let door = server.component_address().unwrap();
    let mut gateway = GatewayProcess::prepare(1, Habits::default(), Some(&door)).await.unwrap();
    let code = format!(
        "[[query_codes]]\ncode = \"001\"\nhelp = \"待办任务数\"\n\
         url = \"{}/todo-count?person={{person}}\"\nreply = \"在办公自动化系统中，您有{{count}}个待办任务。\"\n",
        system.address()
    );
    gateway.add_settings(&code).unwrap();
    gateway.run().unwrap();
    gateway.is_connected().await.unwrap();
    let address = format!("query@{SMS_DOMAIN}");
    let codes = vec![QueryCode { name: "001".to_owned(), help: "待办任务数".to_owned() }];
    let contact = alice.engine().query_contact().await.unwrap();
    assert_eq!(contact, Some(QueryContact { address: address.clone(), codes }));

    let asked = alice.engine().send_message(&address, "001").await.unwrap();
    alice.sees_own(&asked, &[MessageState::Delivered]).await.unwrap();
    let answer = alice
        .next("the answer", |event| match event {
            posthouse_engine::events::EngineEvent::MessageAdded { message }
                if message.state == MessageState::Received =>
            {
                Some(message.clone())
            }
            _ => None,
        })
        .await
        .unwrap();
    assert_eq!(
        (answer.peer.as_str(), answer.text.as_str()),
        (address.as_str(), "在办公自动化系统中，您有3个待办任务。")
    );
    let rows = alice.engine().conversations().await.unwrap();
    assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["查询"]);
}
