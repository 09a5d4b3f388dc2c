//! One person at two computers.

use posthouse_engine::model::MessageState;
use posthouse_tests::people::{Computer, address};

use crate::office::{self, ALICE, BOB};

#[tokio::test]
async fn both_computers_show_both_sides_of_the_talk() {
    let server = office::open().await.unwrap();
    let mut office = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let mut home = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let mut bob = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    office.writes(BOB, "从办公室").await.unwrap();
    bob.reads(ALICE, &["从办公室"]).await.unwrap();
    bob.writes(ALICE, "收到").await.unwrap();
    for alice in [&mut office, &mut home] {
        alice.reads(BOB, &["从办公室", "收到"]).await.unwrap();
    }
    let copied = home.conversation(BOB).await.unwrap();
    assert_eq!(copied[0].author, address(ALICE));
    assert_ne!(copied[0].state, MessageState::Received);
}

#[tokio::test]
async fn what_was_read_at_one_computer_is_read_at_the_other() {
    let server = office::open().await.unwrap();
    let bob = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    let mut office = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let mut home = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    bob.writes(ALICE, "一").await.unwrap();
    bob.writes(ALICE, "二").await.unwrap();
    office.reads(BOB, &["一", "二"]).await.unwrap();
    home.reads(BOB, &["一", "二"]).await.unwrap();
    assert_eq!(home.unread(BOB).await.unwrap(), 2);
    office.looks_at(BOB).await.unwrap();
    let bob_address = address(BOB);
    home.until("read elsewhere", async |engine: &posthouse_engine::engine::Engine| {
        let rows = engine.conversations().await?;
        Ok(rows.iter().any(|row| row.peer == bob_address && row.unread == 0).then_some(()))
    })
    .await
    .unwrap();

    let mut third = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    third.reads(BOB, &["一", "二"]).await.unwrap();
    assert_eq!(third.unread(BOB).await.unwrap(), 0, "a new computer does not count it as news");
}
