//! Scenes in which somebody with our client and somebody with another one talk.

use posthouse_engine::engine::Engine;
use posthouse_engine::events::EngineEvent;
use posthouse_engine::model::{Availability, MessageState};
use posthouse_tests::people::{Computer, address};

use crate::dino::Dino;
use crate::house;
use crate::profanity::{Profanity, stands_under};
use crate::scripts::Script;

#[tokio::test]
#[ignore = "needs profanity: cargo xtask interop"]
async fn profanity_and_our_client_talk() {
    let server = house::open().await.unwrap();
    let mut li_na = Computer::new().unwrap().signed_in(&server, "li.na").await.unwrap();
    let wang_wei = Profanity::sign_in(&server, "wang.wei").await.unwrap();
    wang_wei.0.enter("/receipts send on").await.unwrap();
    li_na.sees("wang.wei", Availability::Online).await.unwrap();
    let is_there = |screen: &str| stands_under(screen, "Online", "李娜");
    wang_wei.0.shows("that the colleague is there", is_there).await.unwrap();

    let greeting = li_na.writes("wang.wei", "你好，三点开会").await.unwrap();
    wang_wei.reads("li.na", "你好，三点开会").await.unwrap();
    li_na.sees_own(&greeting, &[MessageState::Delivered]).await.unwrap();
    wang_wei.0.enter("收到").await.unwrap();
    li_na.reads("wang.wei", &["你好，三点开会", "收到"]).await.unwrap();

    wang_wei.0.enter("/status set dnd 开会").await.unwrap();
    li_na.sees("wang.wei", Availability::DoNotDisturb).await.unwrap();
    li_na.engine().set_own_presence(Availability::Away, None).await.unwrap();
    let is_away = |screen: &str| screen.contains("李娜 [away]");
    wang_wei.0.shows("that the colleague is away", is_away).await.unwrap();

    wang_wei.0.enter("/quit").await.unwrap();
    li_na.sees("wang.wei", Availability::Offline).await.unwrap();
    let late = li_na.writes("wang.wei", "明天也是").await.unwrap();
    li_na.sees_own(&late, &[MessageState::Sent]).await.unwrap();
    let wang_wei = Profanity::sign_in(&server, "wang.wei").await.unwrap();
    wang_wei.reads("li.na", "明天也是").await.unwrap();
}

#[tokio::test]
#[ignore = "needs Dino: cargo xtask interop"]
async fn dino_and_our_client_talk() {
    let server = house::open_at("127.83.5.23").await.unwrap();
    let mut li_na = Computer::new().unwrap().signed_in(&server, "li.na").await.unwrap();
    let early = li_na.writes("zhao.min", "请看一下报表").await.unwrap();
    li_na.sees_own(&early, &[MessageState::Sent]).await.unwrap();

    let mut dino = Dino::install(&server, "zhao.min").await.unwrap();
    dino.start().unwrap();
    dino.has_from("li.na", &["请看一下报表"]).await.unwrap();
    li_na.sees("zhao.min", Availability::Online).await.unwrap();
    // Dino may show the one conversation that it has by itself.
    li_na.sees_own(&early, &[MessageState::Delivered, MessageState::Read]).await.unwrap();
    dino.open_conversation("li.na").await.unwrap();
    li_na.sees_own(&early, &[MessageState::Read]).await.unwrap();

    dino.write("Yes, done at 3.").await.unwrap();
    li_na.reads("zhao.min", &["请看一下报表", "Yes, done at 3."]).await.unwrap();
    li_na.looks_at("zhao.min").await.unwrap();
    let marks = |connection: &rusqlite::Connection| {
        connection.query_row("SELECT marked FROM message WHERE direction = 1", [], |row| row.get(0))
    };
    // Dino's number for "read".
    dino.knows("that its message was read", marks, |mark: &i64| *mark == 2).await.unwrap();
    dino.photograph("dino-and-our-client.png").await.unwrap();
}

#[tokio::test]
#[ignore = "needs slixmpp: cargo xtask interop"]
async fn slixmpp_and_our_client_talk() {
    let server = house::open().await.unwrap();
    let mut li_na = Computer::new().unwrap().signed_in(&server, "li.na").await.unwrap();
    let script = Script::start(&server, "talks_with_our_client").unwrap();
    li_na.sees("wang.wei", Availability::Online).await.unwrap();
    let picture = async |engine: &Engine| Ok(engine.avatar(&address("wang.wei")).await?);
    let picture = li_na.until("the colleague's picture", picture).await.unwrap();
    assert_eq!(picture.media_type, "image/png");

    let question = li_na.writes("wang.wei", "三点可以吗？").await.unwrap();
    li_na.sees_own(&question, &[MessageState::Delivered, MessageState::Read]).await.unwrap();
    let is_typing = |event: &EngineEvent| match event {
        EngineEvent::TypingChanged { typing: true, peer } if *peer == address("wang.wei") => Some(()),
        _ => None,
    };
    script.signal("typing is watched").unwrap();
    li_na.next("typing", is_typing).await.unwrap();
    li_na.reads("wang.wei", &["三点可以吗？", "可以 👍"]).await.unwrap();
    li_na.sees_own(&question, &[MessageState::Read]).await.unwrap();
    li_na.looks_at("wang.wei").await.unwrap();

    li_na.sees("wang.wei", Availability::Offline).await.unwrap();
    let late = li_na.writes("wang.wei", "改到四点").await.unwrap();
    li_na.sees_own(&late, &[MessageState::Sent]).await.unwrap();
    script.signal("written").unwrap();
    script.ends().await.unwrap();
    li_na.sees_own(&late, &[MessageState::Delivered]).await.unwrap();
}

#[tokio::test]
#[ignore = "needs slixmpp: cargo xtask interop"]
async fn slixmpp_and_our_client_share_an_account() {
    let server = house::open().await.unwrap();
    let mut li_na = Computer::new().unwrap().signed_in(&server, "li.na").await.unwrap();
    let script = Script::start(&server, "shares_an_account_with_our_client").unwrap();
    li_na.reads("wang.wei", &["一"]).await.unwrap();
    let colleague = address("wang.wei");
    let is_read = async |engine: &Engine| {
        let rows = engine.conversations().await?;
        Ok(rows.iter().any(|row| row.peer == colleague && row.unread == 0).then_some(()))
    };
    script.signal("shown").unwrap();
    li_na.until("what was read elsewhere to be read here", is_read).await.unwrap();
    script.signal("read").unwrap();

    li_na.reads("wang.wei", &["一", "二"]).await.unwrap();
    li_na.looks_at("wang.wei").await.unwrap();
    li_na.reads("wang.wei", &["一", "二", "从手机"]).await.unwrap();
    li_na.writes("wang.wei", "从桌面").await.unwrap();
    script.ends().await.unwrap();
}
