//! Notices of business systems.

use posthouse_tests::business_system::BusinessSystem;
use posthouse_tests::desktop::Desktop;
use posthouse_tests::server_process::ServerProcess;
use serde_json::json;

use crate::office::{self, ALICE};

const MESSAGES: &str = "/api/v1/messages";

/// A server with Alice, and a business system that may write to her.
async fn house() -> anyhow::Result<(ServerProcess, BusinessSystem)> {
    let mut server = ServerProcess::prepare().await?;
    server.configure(&[("http", "[\"127.0.0.1:0\"]")])?;
    server.run().await?;
    server.add_person(ALICE.0, ALICE.1, "总部/财务部", office::PASSWORD).await?;
    let words = ["application", "create", "oa", "--title", "办公自动化", "--everyone"];
    let key = server.administer(&words, None).await?;
    let oa = BusinessSystem::at(&server.address_of("http")?).with_key(key.lines().next().unwrap_or_default());
    Ok((server, oa))
}

async fn says(oa: &BusinessSystem, title: &str) -> anyhow::Result<String> {
    let notice = json!({
        "to": {"people": [ALICE.0]}, "delivery": "client", "title": title, "text": "王磊，3 天，下周一起",
        "fields": [{"label": "天数", "value": "3"}], "priority": "high",
        "actions": [{"id": "approve", "label": "同意", "style": "primary"}],
    });
    let answer = oa.post(MESSAGES, &notice).await?;
    anyhow::ensure!(answer.status == 202, "{}", answer.text);
    let id = answer.body.get("id").and_then(serde_json::Value::as_str);
    Ok(id.unwrap_or_default().to_owned())
}

#[tokio::test]
async fn notices_are_listed_read_acted_upon_and_changed_in_their_place() {
    let (server, oa) = house().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let alice = office::signed_in(&server, &desktop, ALICE).await.unwrap();
    let first = says(&oa, "请假待审批").await.unwrap();
    says(&oa, "采购待审批").await.unwrap();

    alice.opens_notices_of("oa", 2).await.unwrap();
    alice.sees_notices(&["采购待审批", "请假待审批"]).await.unwrap();
    alice.has_read_all_notices_of("oa").await.unwrap();

    alice.press_on_notice("同意").await.unwrap();
    alice.sees_outcome("同意").await.unwrap();
    alice.lists_notices("open").await.unwrap();
    alice.sees_notices(&["请假待审批"]).await.unwrap();

    let patch = json!({"status": "handled"}).to_string();
    oa.ask("PATCH", &format!("{MESSAGES}/{first}"), Some(&patch)).await.unwrap();
    alice.sees_outcome("已处理").await.unwrap();
    alice.sees_notices(&["请假待审批"]).await.unwrap();
    alice.lists_notices("done").await.unwrap();
    alice.sees_notices(&["采购待审批", "请假待审批"]).await.unwrap();
}

#[tokio::test]
async fn a_notification_names_the_system_and_a_click_on_it_opens_the_notice() {
    let (server, oa) = house().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let service = desktop.notification_service().await.unwrap();
    let alice = office::signed_in(&server, &desktop, ALICE).await.unwrap();
    alice.minimise().await.unwrap();
    says(&oa, "请假待审批").await.unwrap();
    let shown = service.next().await.unwrap();
    assert_eq!(shown.summary, "办公自动化");
    assert!(shown.body.starts_with("请假待审批"), "{}", shown.body);
    service.click(shown.number).await.unwrap();
    alice.sees_notice("请假待审批").await.unwrap();
}

#[tokio::test]
async fn a_card_shows_what_became_of_its_notice_and_goes_on_when_something_is_chosen() {
    let (server, oa) = house().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let alice = office::signed_in(&server, &desktop, ALICE).await.unwrap();
    says(&oa, "请假待审批").await.unwrap();
    alice.opens_notices_of("oa", 1).await.unwrap();
    alice.click("[data-testid=notice-story-button]").await.unwrap();
    let steps = "[data-testid=notice-step]";
    alice.sees(steps, "已发出").await.unwrap();
    alice.press_on_notice("同意").await.unwrap();
    alice.sees(steps, "已选择：同意").await.unwrap();
}
