//! Codes that people ask with, by text and in a chat, answered by a business system over HTTP: a real server, a real
//! gateway, a simulated modem.

mod chat;
mod system;

use posthouse_tests::gateway_process::GatewayProcess;
use posthouse_tests::modem_simulator::{Habits, SentText};

use crate::house::House;
use crate::office::PHONE;
use crate::world::PATIENCE;
use system::System;

/// Nobody's phone.
const STRANGER: &str = "+8613700000007";
const MODEM: &str = "modem1";

/// A house whose gateway is a program of its own, and its office system.
struct Scene {
    house: House,
    gateway: GatewayProcess,
    system: System,
}

impl Scene {
    /// `settings`: what the gateway knows about codes, made with the address of the system.
    async fn open(settings: impl Fn(&str) -> String) -> Self {
        let house = House::without_gateway("").await;
        let system = System::open().await;
        let address = house.server.component_address().unwrap();
        let mut gateway = GatewayProcess::prepare(1, Habits::default(), Some(&address)).await.unwrap();
        gateway.add_settings(&settings(&system.address)).unwrap();
        write_secrets(&gateway, 0o600);
        gateway.run().unwrap();
        gateway.is_connected().await.unwrap();
        Self { house, gateway, system }
    }

    fn texts(&self, from: &str, said: &str) {
        self.gateway.network.write(from, MODEM, said);
    }

    /// All that phones have got, once it is so much.
    async fn sent(&self, count: usize) -> Vec<SentText> {
        self.gateway.network.wait_for(count, PATIENCE).await.unwrap()
    }

    /// What the phone reads next.
    async fn reads(&self, said: &str) -> String {
        let before = self.gateway.network.sent().len();
        self.texts(PHONE, said);
        let sent = self.sent(before + 1).await;
        assert_eq!(sent[before].number, PHONE);
        sent[before].text.clone()
    }

    /// Waits until the audit log has so many texts that were ignored.
    async fn ignored(&self, count: usize) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while self.audit().await.matches("text ignored").count() < count {
            assert!(tokio::time::Instant::now() < deadline, "{}", self.audit().await);
            // It is another process: nothing tells but its log.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }

    async fn audit(&self) -> String {
        self.house.server.administer(&["audit", "--action", "text ignored"], None).await.unwrap()
    }
}

fn todo(address: &str) -> String {
    format!(
        "[[query_codes]]\ncode = \"001\"\naliases = [\"待办\"]\nhelp = \"待办任务数\"\n\
         url = \"{address}/todo?person={{person}}\"\nreply = \"在办公自动化系统中，您有{{count}}个待办任务。\"\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registered_phone_reads_how_many_tasks_it_has_and_an_unregistered_one_nothing() {
    let scene = Scene::open(todo).await;
    scene.system.answers("/todo", 200, "{\"count\": 3}");

    scene.texts(PHONE, "001");
    let sent = scene.sent(1).await;
    assert_eq!(sent[0].number, PHONE);
    assert_eq!(sent[0].text.as_bytes(), "在办公自动化系统中，您有3个待办任务。".as_bytes());
    let asked = scene.system.asked();
    assert!(asked.len() == 1 && asked[0].starts_with("GET /todo?person=wang.lei HTTP/1.1\r\n"), "{asked:?}");
    assert_eq!(scene.audit().await.matches("text ignored").count(), 0);

    scene.house.server.administer(&["user", "disable", "wang.lei"], None).await.unwrap();
    // Whoever signs in finds what was changed before.
    scene.house.person("chen.jing").await;
    scene.texts(PHONE, "001");
    scene.ignored(1).await;
    scene.house.server.administer(&["user", "enable", "wang.lei"], None).await.unwrap();
    scene.house.person("chen.jing").await;

    scene.texts(STRANGER, "001");
    scene.ignored(2).await;
    // Texts keep their order: when this one is answered, the stranger's has been dealt with.
    assert_eq!(scene.reads("001").await, "在办公自动化系统中，您有3个待办任务。");
    assert_eq!(scene.system.asked().len(), 2, "nobody asks for a stranger");
    assert!(scene.sent(2).await.iter().all(|text| text.number == PHONE), "a stranger is not answered");
    let audit = scene.audit().await;
    assert!(audit.contains("+86*******0007") && audit.contains("+86*******0001"), "{audit}");
    assert!(!audit.contains(STRANGER) && !audit.contains(PHONE), "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_widths_aliases_and_the_list_are_understood_and_other_texts_stay_texts() {
    let scene = Scene::open(|address| {
        todo(address)
            + &format!(
                "[[query_codes]]\ncode = \"002\"\nhelp = \"技术部设备\"\nurl = \"{address}/todo\"\n\
                 reply = \"x\"\ndepartments = [\"总部/技术部\"]\n\
                 [[query_codes]]\ncode = \"003\"\nhelp = \"报销进度\"\nurl = \"{address}/todo\"\n\
                 reply = \"y\"\ndepartments = [\"总部\"]\n"
            )
    })
    .await;
    scene.system.answers("/todo", 200, "{\"count\": 0}");
    for said in ["００１", " 001 ", "待办"] {
        assert_eq!(scene.reads(said).await, "在办公自动化系统中，您有0个待办任务。", "{said}");
    }
    let list = "可用的代码：\n001 待办任务数\n003 报销进度";
    for said in ["帮助", "000", "Help"] {
        assert_eq!(scene.reads(said).await, list, "{said}");
    }
    assert_eq!(scene.reads("002").await, "您不能使用代码“002”。发送“帮助”查看可用的代码。");
    assert_eq!(scene.reads("009").await, "没有代码“009”。发送“帮助”查看可用的代码。");
    assert_eq!(scene.system.asked().len(), 3);
    let mut chen = scene.house.person("chen.jing").await;
    scene.texts(PHONE, "@陈静 001 是什么？");
    chen.next_where(|it| it.body() == "001 是什么？").await.unwrap();
}

/// A code that shows a secret and names the person by every id.
fn with_secret(address: &str) -> String {
    format!(
        "[queries]\nsecrets = \"secrets.toml\"\n\
         [[query_codes]]\ncode = \"001\"\nmethod = \"POST\"\nurl = \"{address}/todo?id={{id}}\"\n\
         body = '{{\"who\": \"{{employee_number}}\", \"phone\": \"{{number}}\", \"code\": \"{{code}}\"}}'\n\
         headers = {{ Authorization = \"Bearer {{secret:oa}}\" }}\n\
         reply = \"{{items, plural, =0 {{没有待办}} other {{有#个待办：{{items.0.title}}}}}}。\"\n\
         failures = {{ not_known = \"请先登记工号。\" }}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_names_the_person_by_every_stable_id_and_its_secret_is_shown_nowhere() {
    let scene = Scene::open(with_secret).await;
    assert_eq!(scene.reads("001").await, "请先登记工号。", "the directory has no employee number");
    assert!(scene.system.asked().is_empty());
    let set = ["user", "set", "wang.lei", "--employee-number", "工 7"];
    scene.house.server.administer(&set, None).await.unwrap();
    scene.system.answers("/todo", 200, "{\"items\": [{\"title\": \"请假\"}, {}]}");
    assert_eq!(scene.reads("001").await, "有2个待办：请假。");
    let asked = scene.system.asked();
    let (head, body) = asked[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /todo?id=") && !head.starts_with("POST /todo?id= "), "{head}");
    assert!(head.to_ascii_lowercase().contains("authorization: bearer geheim-7"), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body, serde_json::json!({ "code": "001", "phone": PHONE, "who": "工 7" }));

    scene.system.answers("/todo", 500, "{}");
    assert_eq!(scene.reads("001").await, "系统拒绝了查询，请联系管理员。");
    scene.system.answers("/todo", 302, "{}");
    assert_eq!(scene.reads("001").await, "系统拒绝了查询，请联系管理员。");
    scene.system.answers("/todo", 200, "geheim-7");
    assert_eq!(scene.reads("001").await, "系统的答复无法读取，请联系管理员。");
    assert_eq!(scene.system.asked().len(), 4, "a redirect is not followed");
    let log = scene.gateway.log();
    assert!(log.contains("status 302; redirects are not followed") && !log.contains("geheim-7"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_of_a_gateway_that_was_killed_is_answered_once() {
    let mut scene = Scene::open(|address| todo(address) + "seconds = 30\n").await;
    scene.system.keeps_silent("/todo");
    scene.texts(PHONE, "001");
    scene.system.is_asked().await;
    scene.gateway.kill().await.unwrap();
    scene.system.answers("/todo", 200, "{\"count\": 3}");
    scene.gateway.run().unwrap();
    assert_eq!(scene.sent(1).await[0].text, "在办公自动化系统中，您有3个待办任务。");
    scene.system.answers("/todo", 200, "{\"count\": 4}");
    assert_eq!(scene.reads("001").await, "在办公自动化系统中，您有4个待办任务。");
    assert_eq!(scene.gateway.network.sent().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_too_often_is_told_so_once() {
    let scene =
        Scene::open(|address| format!("[queries]\nper_minute = 2\nlanguage = \"en\"\n{}", todo(address)))
            .await;
    scene.system.answers("/todo", 200, "{\"count\": 1}");
    for _ in 0..6 {
        scene.texts(PHONE, "001");
    }
    let sent = scene.sent(3).await;
    let excuses = sent.iter().filter(|text| text.text == "You ask too often. Please wait a minute.").count();
    assert_eq!((sent.len(), excuses), (3, 1), "{sent:?}");
    // Texts keep their order: when this message is there, the six have been dealt with.
    let mut chen = scene.house.person("chen.jing").await;
    scene.texts(PHONE, "@陈静 好");
    chen.next_where(|it| it.body() == "好").await.unwrap();
    assert_eq!(scene.gateway.network.sent().len(), 3);
    assert_eq!(scene.system.asked().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_tried_out_from_the_command_line_and_nothing_is_sent() {
    let system = System::open().await;
    system.answers("/todo", 200, "{\"items\": [], \"you_said\": \"geheim-7\"}");
    let gateway = GatewayProcess::prepare(1, Habits::default(), None).await.unwrap();
    gateway.add_settings(&with_secret(&system.address)).unwrap();
    let (is_right, said) = gateway.administer(&["check"]).await.unwrap();
    assert!(!is_right && said.contains("secrets.toml cannot be read"), "{said}");
    write_secrets(&gateway, 0o644);
    let (is_right, said) = gateway.administer(&["check"]).await.unwrap();
    assert!(!is_right && said.contains("can be read by others; run: chmod 600"), "{said}");
    write_secrets(&gateway, 0o600);
    let (is_right, said) = gateway.administer(&["check"]).await.unwrap();
    assert!(is_right && said.contains("Code 001: asks 127.0.0.1, for everyone"), "{said}");

    let ask = ["ask", "--code", "００１", "--person", "wang.lei", "--number", "13800000001"];
    let (is_right, said) = gateway.administer(&ask).await.unwrap();
    assert!(!is_right && said.contains("the server does not tell this person's id"), "{said}");
    let known = [&ask[..], &["--directory-id", "p7", "--employee-number", "7"]].concat();
    let (is_right, said) = gateway.administer(&known).await.unwrap();
    assert!(is_right, "{said}");
    for expected in [
        &format!("POST {}/todo?id=p7", system.address),
        "Authorization: Bearer ***",
        "\"phone\":\"+8613800000001\"",
        "\"you_said\": \"***\"",
        "Text (not sent):\n  没有待办。",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(!said.contains("geheim-7"), "{said}");
    system.answers("/todo", 200, "{}");
    let (is_right, said) = gateway.administer(&known).await.unwrap();
    assert!(
        !is_right && said.contains("It failed (missing_field): the answer has no field \"items\"."),
        "{said}"
    );
    assert_eq!(gateway.network.sent(), []);
    let (_, said) = gateway.administer(&["ask", "--code", "9", "--person", "x"]).await.unwrap();
    assert!(said.contains("There is no code \"9\". There are:\nCode 001"), "{said}");
}

fn write_secrets(gateway: &GatewayProcess, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    let file = gateway.data().join("secrets.toml");
    std::fs::write(&file, "oa = \"geheim-7\"\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
}
