//! Somebody is away while others write.

use posthouse_engine::events::EngineEvent;
use posthouse_engine::model::MessageState;
use posthouse_tests::people::Computer;

use crate::office::{self, ALICE, BOB, CAROL};

#[tokio::test]
async fn what_was_written_while_bob_was_away_comes_in_order_after_the_tree() {
    let server = office::open().await.unwrap();
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let texts: Vec<String> = (1..=30).map(|number| format!("第 {number} 条")).collect();
    let mut last = None;
    for text in &texts {
        last = Some(alice.writes(BOB, text).await.unwrap());
    }
    let last = last.unwrap();
    alice.sees_own(&last, &[MessageState::Sent]).await.unwrap();

    let mut bob = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    bob.reads(ALICE, &texts).await.unwrap();
    assert_eq!(bob.unread(ALICE).await.unwrap(), 30);
    let heard = bob.heard();
    let tree = heard.iter().position(|event| matches!(event, EngineEvent::OrganizationChanged));
    let message = heard.iter().position(|event| {
        matches!(event, EngineEvent::MessageAdded { .. } | EngineEvent::ConversationChanged { .. })
    });
    assert!(tree.unwrap() < message.unwrap(), "the tree comes first: {tree:?}, {message:?}");
    alice.sees_own(&last, &[MessageState::Delivered, MessageState::Read]).await.unwrap();
}

#[tokio::test]
async fn two_writers_are_each_read_in_their_order() {
    let server = office::open().await.unwrap();
    let alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let carol = Computer::new().unwrap().signed_in(&server, CAROL).await.unwrap();
    for number in 1..=10 {
        alice.writes(BOB, &format!("陈静 {number}")).await.unwrap();
        carol.writes(BOB, &format!("欧阳娜 {number}")).await.unwrap();
    }
    let mut bob = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    for (colleague, name) in [(ALICE, "陈静"), (CAROL, "欧阳娜")] {
        let texts: Vec<String> = (1..=10).map(|number| format!("{name} {number}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        bob.reads(colleague, &texts).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_is_killed_loses_nothing_that_it_took() {
    let mut server = office::open().await.unwrap();
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let mut bob = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    let mut texts = Vec::new();
    for round in 1..=3 {
        for number in 1..=5 {
            let text = format!("第 {round} 轮第 {number} 条");
            alice.writes(BOB, &text).await.unwrap();
            texts.push(text);
        }
        server.kill().await.unwrap();
        alice.is_cut_off().await.unwrap();
        server.run().await.unwrap();
        alice.engine().reconnect_now().await.unwrap();
        // Bob may not have noticed yet; then his line tries by itself.
        let _ = bob.engine().reconnect_now().await;
        alice.is_online().await.unwrap();
        bob.is_online().await.unwrap();
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    bob.reads(ALICE, &texts).await.unwrap();
    alice.reads(BOB, &texts).await.unwrap();
}
