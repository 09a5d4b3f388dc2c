//! The phone is a colleague: from the window to the phone and back, with a real server in between.

use posthouse_engine::engine::Engine;
use posthouse_engine::events::EngineEvent;
use posthouse_engine::model::{DeliveryWish, MessageState, Sms, SmsState};
use posthouse_gateway::outbox::Policy;
use posthouse_gateway::pool::Limits;
use posthouse_tests::modem_simulator::Habits;
use posthouse_tests::people::{Computer, PASSWORD, Person};
use posthouse_tests::server_process::ServerProcess;

use crate::house::{self, WANG};
use crate::office::{Office, PHONE, SECRET, SMS, Yard};
use crate::world::PATIENCE;

async fn server() -> ServerProcess {
    house::server("[visibility.texts]\nstrangers = true\n").await
}

async fn gateway(folder: &std::path::Path, yard: &Yard, server: &ServerProcess) -> Office {
    let mut office = Office::open(folder, yard, Policy::default(), Limits::default()).await;
    let link = office.connect(server.component_address().unwrap());
    let mut connected = link.connected();
    tokio::time::timeout(PATIENCE, connected.wait_for(|is| *is)).await.unwrap().unwrap();
    tokio::time::timeout(PATIENCE, office.route.all_ready()).await.unwrap();
    office
}

async fn reads(person: &mut Person, peer: &str, texts: &[&str]) {
    person
        .until("the conversation", async |engine: &Engine| {
            let page = engine.open_conversation(peer, None).await?;
            let there = page.messages.iter().map(|message| message.text.as_str());
            Ok(there.eq(texts.iter().copied()).then_some(()))
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_goes_to_the_phone_and_the_answer_stands_in_the_same_chat() {
    let folder = tempfile::tempdir().unwrap();
    let server = server().await;
    let yard = Yard::with(2, Habits::default()).await;
    let office = gateway(folder.path(), &yard, &server).await;
    let computer = Computer::new().unwrap();
    let mut chen = computer.signed_in(&server, "chen.jing").await.unwrap();
    let wang = format!("wang.lei@{SMS}");

    let message = chen.engine().send_message(&wang, "会议改到下午3点").await.unwrap();
    let sent = yard.network.wait_for(1, PATIENCE).await.unwrap().remove(0);
    assert_eq!(sent.number, PHONE);
    assert_eq!(sent.text, "陈静：会议改到下午3点\n（直接回复即可）");
    chen.sees_own(&message, &[MessageState::Delivered]).await.unwrap();

    yard.network.write(PHONE, &sent.modem, "收到😀");
    reads(&mut chen, &wang, &["会议改到下午3点", "收到😀"]).await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_to_client_and_phone_shows_how_far_its_text_is_and_the_answer_is_marked() {
    let folder = tempfile::tempdir().unwrap();
    let server = server().await;
    let yard = Yard::with(2, Habits::default()).await;
    let office = gateway(folder.path(), &yard, &server).await;
    let computer = Computer::new().unwrap();
    let mut chen = computer.signed_in(&server, "chen.jing").await.unwrap();
    let sms = async |chen: &mut Person, text: &str| {
        let wanted = chen.until("the text's state", async |engine: &Engine| {
            let page = engine.open_conversation(WANG, None).await?;
            let message = page.messages.into_iter().find(|message| message.text == text);
            let is_there = |sms: &Sms| matches!(sms.state, SmsState::Delivered | SmsState::Received);
            Ok(message.and_then(|message| message.sms).filter(is_there))
        });
        wanted.await.unwrap()
    };

    chen.engine().send_as(WANG, "会议改到下午3点", DeliveryWish::Both).await.unwrap();
    assert_eq!(sms(&mut chen, "会议改到下午3点").await, Sms::new(SmsState::Delivered));
    let modem = yard.network.sent().remove(0).modem;
    yard.network.write(PHONE, &modem, "收到😀");
    assert_eq!(sms(&mut chen, "收到😀").await, Sms::new(SmsState::Received));
    reads(&mut chen, WANG, &["会议改到下午3点", "收到😀"]).await;
    let mut wang = computer.signed_in(&server, "wang.lei").await.unwrap();
    reads(&mut wang, "chen.jing@posthouse.test", &["会议改到下午3点", "收到😀"]).await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_is_not_there_comes_back_as_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let server = server().await;
    let yard = Yard::with(1, Habits::default()).await;
    let office = gateway(folder.path(), &yard, &server).await;
    yard.network.switch_off("+8613700000007");
    let computer = Computer::new().unwrap();
    let mut chen = computer.signed_in(&server, "chen.jing").await.unwrap();
    let message = chen.engine().send_message(&format!("+8613700000007@{SMS}"), "hello").await.unwrap();
    chen.sees_own(&message, &[MessageState::Failed]).await.unwrap();
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_phones_write_while_the_server_is_away_comes_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = server().await;
    let yard = Yard::with(1, Habits::default()).await;
    let office = gateway(folder.path(), &yard, &server).await;
    let computer = Computer::new().unwrap();
    let mut chen = computer.signed_in(&server, "chen.jing").await.unwrap();
    let wang = format!("wang.lei@{SMS}");
    chen.engine().send_message(&wang, "在吗").await.unwrap();
    yard.network.wait_for(1, PATIENCE).await.unwrap();

    server.stop().await.unwrap();
    for text in ["一", "二", "三"] {
        yard.network.write(PHONE, "modem1", text);
    }
    office.received(3).await;
    server.run().await.unwrap();
    reads(&mut chen, &wang, &["在吗", "一", "二", "三"]).await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_offers_texts_from_when_the_server_has_a_gateway() {
    let mut server = ServerProcess::start().await.unwrap();
    server.add_person("chen.jing", "陈静", "总部/财务部", PASSWORD).await.unwrap();
    let computer = Computer::new().unwrap();
    let mut chen = computer.signed_in(&server, "chen.jing").await.unwrap();
    chen.is_online().await.unwrap();
    let offered = |event: &EngineEvent| match event {
        EngineEvent::AccountChanged { account: Some(account) } => Some(account.can_text),
        _ => None,
    };
    assert!(chen.heard().iter().filter_map(offered).all(|can_text| !can_text), "{:?}", chen.heard());

    server.stop().await.unwrap();
    let file = server.data().join("server.toml");
    let settings = std::fs::read_to_string(&file).unwrap();
    let component = format!("\n[[components]]\ndomain = \"{SMS}\"\nsecret = \"{SECRET}\"\n");
    std::fs::write(&file, settings + &component).unwrap();
    server.run().await.unwrap();
    let is_offered =
        chen.next("an offer of texts", |event| offered(event).filter(|can_text| *can_text)).await;
    assert!(is_offered.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_waited_too_long_for_the_gateway_shows_as_failed_in_the_chat() {
    let mut server = ServerProcess::prepare().await.unwrap();
    server.configure(&[("phone_wait_hours", "0")]).unwrap();
    let file = server.data().join("server.toml");
    let settings = std::fs::read_to_string(&file).unwrap();
    let component = format!("\n[[components]]\ndomain = \"{SMS}\"\nsecret = \"{SECRET}\"\n");
    std::fs::write(&file, settings + &component).unwrap();
    server.run().await.unwrap();
    for (login, name) in [("chen.jing", "陈静"), ("wang.lei", "王磊")] {
        server.add_person(login, name, "总部/财务部", PASSWORD).await.unwrap();
    }
    server.administer(&["user", "set", "wang.lei", "--mobile", PHONE], None).await.unwrap();
    let computer = Computer::new().unwrap();
    let mut chen = computer.signed_in(&server, "chen.jing").await.unwrap();
    chen.is_online().await.unwrap();
    chen.engine().send_as(WANG, "会议改到下午3点", DeliveryWish::Phone).await.unwrap();
    let failed = chen.until("the failure", async |engine: &Engine| {
        let page = engine.open_conversation(WANG, None).await?;
        let sms = page.messages.into_iter().find_map(|message| message.sms);
        Ok(sms.filter(|sms| sms.state == SmsState::Failed))
    });
    assert_eq!(failed.await.unwrap().failure.as_deref(), Some("expired"));
}
