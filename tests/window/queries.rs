//! The contact that answers codes.

use posthouse_tests::desktop::Desktop;
use posthouse_tests::gateway_process::{GatewayProcess, server_settings};
use posthouse_tests::modem_simulator::Habits;
use posthouse_tests::office_automation::{OfficeAutomation, Task};
use posthouse_tests::server_process::ServerProcess;

use crate::office::{self, ALICE, PASSWORD};

#[tokio::test]
async fn a_button_asks_with_a_code_and_the_answer_stands_in_the_chat() {
    let server = ServerProcess::start_with(&server_settings()).await.unwrap();
    server.add_person(ALICE.0, ALICE.1, "总部/财务部", PASSWORD).await.unwrap();
    let (person, title, applicant) = (ALICE.0.to_owned(), "请假".to_owned(), "王磊".to_owned());
    let system = OfficeAutomation::start(vec![Task { number: 1, person, title, applicant }]).await.unwrap();
    let door = server.component_address().unwrap();
    let mut gateway = GatewayProcess::prepare(1, Habits::default(), Some(&door)).await.unwrap();
    let url = format!("{}/todo-count?person={{person}}", system.address());
    for (code, help) in [("001", "待办任务数"), ("002", "报销进度"), ("003", "剩余年假")] {
        let block = format!(
            "[[query_codes]]\ncode = \"{code}\"\nhelp = \"{help}\"\nurl = \"{url}\"\n\
             reply = \"在办公自动化系统中，您有{{count}}个待办任务。\"\n"
        );
        gateway.add_settings(&block).unwrap();
    }
    gateway.run().unwrap();
    gateway.is_connected().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let alice = office::signed_in(&server, &desktop, ALICE).await.unwrap();
    alice.click("[data-testid=query-entry]").await.unwrap();
    alice.click("[data-testid=query-code]").await.unwrap();
    alice.reads(&["001", "在办公自动化系统中，您有1个待办任务。"]).await.unwrap();
}
