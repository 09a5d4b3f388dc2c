//! The office automation system writes to people and answers their phones.

use anyhow::Context;
use posthouse_tests::desktop::Window;
use serde_json::json;

use super::{PHONE_PATIENCE, Stage};
use crate::office;

/// A number that nobody in the organisation has.
const STRANGER: &str = "+8613700000007";

impl Stage<'_> {
    /// Alice sits at her computer and gets the notice there; Bob is away and reads it on his phone.
    pub(super) async fn the_office_writes_to_both(&self, _alice: &Window) -> anyhow::Result<()> {
        let (alice, bob) = (&self.demo.alice, &self.demo.bob);
        let notice = json!({
            "to": { "people": [alice.id] }, "title": "请假待审批", "text": format!("{}，3 天，下周一起", bob.name),
            "link": { "app": office::NAME, "path": "/todo/17" }, "priority": "high",
        });
        let to_alice = self.office.writes(&notice).await?;
        let timeline = self.office.sees(&to_alice, "delivered").await?;
        self.tells(&format!("the notice is on Alice's computer: {timeline}"));

        let notice = json!({ "to": { "people": [bob.id] }, "title": "采购已批准", "text": "服务器 2 台，请联系供应商" });
        let to_bob = self.office.writes(&notice).await?;
        let read = self.phone_reads(2).await?;
        anyhow::ensure!(read.contains("采购已批准"), "the phone reads {read:?}");
        let timeline = self.office.sees(&to_bob, "smsReported").await?;
        self.tells(&format!("Bob is away, his phone reads it: {read}"));
        self.tells(&format!("the timeline of that notice: {timeline}"));
        Ok(())
    }

    /// From the notice straight to the task, in a tab that is signed in.
    pub(super) async fn alice_opens_the_task(&self, alice: &Window) -> anyhow::Result<()> {
        alice.opens_notices_of(office::NAME, 1).await?;
        alice.sees_notice("请假待审批").await?;
        self.office.waits(&self.demo.alice.id, 3).await?;
        self.picture(alice, "notice").await?;
        alice.open_from_notice().await?;
        let place = alice.tab_says(office::NAME, "location.pathname").await?;
        anyhow::ensure!(place == "/todo/17", "the tab is at {place}");
        let who = alice.tab_says(office::NAME, "document.getElementById('who').innerText").await?;
        anyhow::ensure!(who.contains(&self.demo.alice.name), "the tab is for {who}");
        self.tells(&format!(
            "one click on the notice opens its task in a tab; it says: {who} (no second sign-in)"
        ));
        alice.tab_is_drawn(office::NAME).await?;
        alice.sees("[data-testid=system-badge]", "3").await?;
        self.tells("the tab and the system's entry say that 3 things wait");
        self.screen(alice, "business-tab").await?;
        let (_, bob) = self.addresses();
        alice.back_to_the_chat_with(&bob).await
    }

    /// A registered phone gets an answer, an unknown one gets none.
    pub(super) async fn bobs_phone_asks_for_tasks(&self) -> anyhow::Result<()> {
        let sent = self.gateway.network.wait_for(1, PHONE_PATIENCE).await?;
        let text = sent.first().context("no text")?;
        self.gateway.network.write(STRANGER, &text.modem, "001");
        self.gateway.network.write(&text.number, &text.modem, "001");
        let answer = self.phone_reads(3).await?;
        anyhow::ensure!(answer == "在办公自动化系统中，您有3个待办任务。", "the phone reads {answer:?}");
        self.tells(&format!("Bob's phone asks 001 and reads: {answer}"));
        let audit = self.server.administer(&["audit", "--action", "text ignored"], None).await?;
        let line = audit.lines().last().context("the stranger does not stand in the audit log")?;
        self.tells(&format!("a stranger's phone has asked the same and got nothing; the audit log: {line}"));
        Ok(())
    }

    /// The same question from the chat with 查询, where a button stands for each code.
    pub(super) async fn alice_asks_with_a_button(&self, alice: &Window) -> anyhow::Result<()> {
        let (_, bob) = self.addresses();
        alice.click("[data-testid=query-entry]").await?;
        alice.click("[data-testid=query-code]").await?;
        alice.sees("[data-testid=message-text]", "在办公自动化系统中，您有").await?;
        self.tells("Alice asks the same with a button in the chat with 查询");
        self.picture(alice, "query").await?;
        alice.click("[data-testid=open-gateway]").await?;
        alice.sees("[data-testid=gateway-sent]", "").await?;
        self.tells("Alice looks at how the gateway is");
        self.picture(alice, "gateway").await?;
        alice.click("[data-testid=dialog-close]").await?;
        alice.back_to_the_chat_with(&bob).await
    }

    /// The newest text when so many have reached phones.
    async fn phone_reads(&self, count: usize) -> anyhow::Result<String> {
        let sent = self.gateway.network.wait_for(count, PHONE_PATIENCE).await?;
        anyhow::ensure!(sent.len() == count, "{} texts instead of {count}", sent.len());
        Ok(sent.into_iter().last().context("no text")?.text)
    }
}
