//! Notices are seen to by an answer from the phone.

use serde_json::{Value, json};

use crate::house::{House, MESSAGES, PHONE, events};

const MODEM: &str = "modem1";
const ASKED: &str = "【办公自动化】请假待审批：王磊，三天。回复1同意，2驳回";

fn leave() -> Value {
    json!({
        "to": {"people": ["wang.lei"]}, "title": "请假待审批", "text": "王磊，三天",
        "actions": [{"id": "approve", "label": "同意"}, {"id": "reject", "label": "驳回"}],
    })
}

fn order() -> Value {
    json!({
        "to": {"people": ["wang.lei"]}, "title": "采购待审批",
        "actions": [{"id": "yes", "label": "同意"}, {"id": "no", "label": "驳回"},
            {"id": "ask", "label": "询问", "inputs": [{"name": "what", "label": "问题", "required": true}]}],
    })
}

impl House {
    /// What the phone reads after it wrote this, when it has so many texts then.
    async fn answers(&self, said: &str, count: usize) -> String {
        self.gateway.as_ref().unwrap().network.write(PHONE, MODEM, said);
        self.texts(count).await.pop().unwrap()
    }

    async fn chosen(&self, id: &str) -> Vec<String> {
        let shown = self.oa.get(&format!("{MESSAGES}/{id}")).await.unwrap();
        let events = shown.body["recipients"][0]["events"].as_array().unwrap().clone();
        let acted = events.into_iter().filter(|event| event["event"] == "acted");
        acted.map(|event| event["detail"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_answers_a_notice_with_its_number_and_the_first_answer_counts() {
    let house = House::open().await;
    let id = house.send(leave()).await;
    house.becomes(&id, "smsReported").await;
    assert_eq!(house.texts(1).await, [ASKED]);
    assert_eq!(house.answers("1同意", 2).await, "已收到：请假待审批，同意。");
    let shown = house.becomes(&id, "acted").await;
    assert_eq!(events(&shown), ["accepted", "smsQueued", "smsSent", "smsReported", "acted"]);
    assert_eq!(house.answers("２", 3).await, "您已经回复过：请假待审批，同意。");
    assert_eq!(house.answers("同意", 4).await, "已收到：请假待审批，同意。", "the same again is no mistake");
    assert_eq!(house.chosen(&id).await, [r#"{"action":"approve","values":{}}"#]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_notices_are_told_apart_and_one_that_is_seen_to_takes_no_answer() {
    let house = House::open().await;
    let first = house.send(leave()).await;
    house.becomes(&first, "smsReported").await;
    let second = house.send(order()).await;
    house.becomes(&second, "smsReported").await;
    assert_eq!(
        house.texts(2).await[1],
        "【办公自动化】采购待审批。回复3同意，4驳回",
        "what needs words is not offered"
    );
    assert_eq!(
        house.answers("同意", 3).await,
        "有几条通知等您回复，请回复数字。采购待审批：3同意，4驳回；请假待审批：1同意，2驳回"
    );
    assert_eq!(house.answers("4", 4).await, "已收到：采购待审批，驳回。");
    let done = json!({"status": "handled"}).to_string();
    house.oa.ask("PATCH", &format!("{MESSAGES}/{first}"), Some(&done)).await.unwrap();
    assert_eq!(house.answers("1同意", 5).await, "该通知已有人处理：请假待审批。");
    assert!(house.chosen(&first).await.is_empty());
    assert_eq!(house.chosen(&second).await, [r#"{"action":"no","values":{}}"#]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_whose_text_came_last_gets_what_might_be_for_them() {
    let house = House::open().await;
    let id = house.send(leave()).await;
    house.becomes(&id, "smsReported").await;
    let mut chen = house.person("chen.jing").await;
    chen.send(
        "<message type='chat' to='wang.lei@posthouse.test' id='c1'><body>1号还是2号去？</body>\
         <delivery xmlns='urn:posthouse:sms:1' wish='phone'/></message>",
    )
    .await
    .unwrap();
    house.texts(2).await;
    let network = &house.gateway.as_ref().unwrap().network;
    network.write(PHONE, MODEM, "1");
    assert_eq!(chen.next_where(|it| !it.body().is_empty()).await.unwrap().body(), "1");
    network.write(PHONE, MODEM, "同意");
    assert_eq!(chen.next_where(|it| !it.body().is_empty()).await.unwrap().body(), "同意");
    assert!(house.chosen(&id).await.is_empty(), "neither was for the notice");
    network.write(PHONE, MODEM, "2驳回");
    house.becomes(&id, "acted").await;
    assert_eq!(house.chosen(&id).await, [r#"{"action":"reject","values":{}}"#]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_while_the_server_is_down_counts_once_when_it_is_back() {
    let mut house = House::open().await;
    let id = house.send(leave()).await;
    house.becomes(&id, "smsReported").await;
    house.server.kill().await.unwrap();
    house.gateway.as_ref().unwrap().network.write(PHONE, MODEM, "1同意");
    house.server.run().await.unwrap();
    house.becomes(&id, "acted").await;
    assert_eq!(house.texts(2).await, [ASKED, "已收到：请假待审批，同意。"]);
    // The gateway is killed while the next answer is under way, wherever that is then.
    let second = house.send(order()).await;
    house.becomes(&second, "smsReported").await;
    let gateway = house.gateway.as_mut().unwrap();
    gateway.network.write(PHONE, MODEM, "1同意");
    gateway.network.write(PHONE, MODEM, "2驳回");
    gateway.kill().await.unwrap();
    gateway.run().unwrap();
    house.becomes(&second, "acted").await;
    assert_eq!(house.chosen(&id).await.len(), 1);
    assert_eq!(house.chosen(&second).await.len(), 1);
}
