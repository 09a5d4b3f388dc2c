//! What the server keeps, read on a computer that has nothing.

use posthouse_engine::model::MessageState;
use posthouse_tests::people::Computer;

use crate::office::{self, ALICE, BOB};

#[tokio::test]
async fn a_new_computer_finds_a_long_conversation_whole_and_in_order() {
    let server = office::open().await.unwrap();
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let mut bob = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    let mut texts = Vec::new();
    for number in 0..130 {
        let text = format!("第 {number} 条");
        let (writer, reader) = if number % 3 == 0 { (&bob, ALICE) } else { (&alice, BOB) };
        let message = writer.writes(reader, &text).await.unwrap();
        texts.push(text);
        // The order between two writers is the server's: each waits for the other's words to be taken.
        let writer = if number % 3 == 0 { &mut bob } else { &mut alice };
        writer
            .sees_own(&message, &[MessageState::Sent, MessageState::Delivered, MessageState::Read])
            .await
            .unwrap();
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut elsewhere = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    elsewhere.reads(BOB, &texts).await.unwrap();
}

#[tokio::test]
async fn nothing_is_missing_and_nothing_is_doubled_after_a_cut_in_the_middle() {
    let server = office::open().await.unwrap();
    let computer = Computer::new().unwrap();
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let mut bob = computer.signed_in(&server, BOB).await.unwrap();
    alice.writes(BOB, "一").await.unwrap();
    bob.reads(ALICE, &["一"]).await.unwrap();
    bob.leaves().await;
    alice.writes(BOB, "二").await.unwrap();
    let third = alice.writes(BOB, "三").await.unwrap();
    alice.sees_own(&third, &[MessageState::Sent]).await.unwrap();

    // Another computer of Bob's takes what was stored for him; the first one still gets it from the archive.
    let mut elsewhere = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    elsewhere.reads(ALICE, &["一", "二", "三"]).await.unwrap();
    let mut bob = computer.signed_in(&server, BOB).await.unwrap();
    bob.reads(ALICE, &["一", "二", "三"]).await.unwrap();
}
