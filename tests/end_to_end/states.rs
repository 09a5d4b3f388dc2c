//! What becomes of a message, as its writer sees it.

use posthouse_engine::error::EngineErrorCode;
use posthouse_engine::events::EngineEvent;
use posthouse_engine::model::MessageState;
use posthouse_tests::people::{Computer, address};

use crate::office::{self, ALICE, BOB};

#[tokio::test]
async fn a_message_is_sent_then_delivered_then_read() {
    let server = office::open().await.unwrap();
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let message = alice.writes(BOB, "看到请回").await.unwrap();
    assert_eq!(message.state, MessageState::Queued);
    alice.sees_own(&message, &[MessageState::Sent]).await.unwrap();
    let mut bob = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    bob.reads(ALICE, &["看到请回"]).await.unwrap();
    alice.sees_own(&message, &[MessageState::Delivered]).await.unwrap();
    bob.looks_at(ALICE).await.unwrap();
    alice.sees_own(&message, &[MessageState::Read]).await.unwrap();
    assert_eq!(bob.unread(ALICE).await.unwrap(), 0);
}

#[tokio::test]
async fn typing_is_seen_and_ends_with_the_message() {
    let server = office::open().await.unwrap();
    let alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let mut bob = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    alice.engine().set_typing(&address(BOB), true).await.unwrap();
    let typing = |wanted: bool| {
        move |event: &EngineEvent| match event {
            EngineEvent::TypingChanged { peer, typing } if *peer == address(ALICE) && *typing == wanted => {
                Some(())
            }
            _ => None,
        }
    };
    bob.next("typing", typing(true)).await.unwrap();
    alice.writes(BOB, "好了").await.unwrap();
    bob.next("the end of typing", typing(false)).await.unwrap();
}

#[tokio::test]
async fn a_message_to_nobody_fails_with_a_reason() {
    let server = office::open().await.unwrap();
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let message = alice.writes("no.such.person", "有人吗").await.unwrap();
    alice.sees_own(&message, &[MessageState::Failed]).await.unwrap();
    let shown = alice.conversation("no.such.person").await.unwrap();
    assert!(shown.iter().all(|message| message.failure.is_some()), "{shown:?}");
}

#[tokio::test]
async fn an_empty_text_and_a_text_too_long_are_refused_before_they_are_queued() {
    let server = office::open().await.unwrap();
    let alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    for text in [" \n ".to_owned(), "长".repeat(10_001)] {
        let refused = alice.engine().send_message(&address(BOB), &text).await.unwrap_err();
        assert_eq!(refused.code, EngineErrorCode::BadInput);
    }
    assert!(alice.conversation(BOB).await.unwrap().is_empty());
}

#[tokio::test]
async fn texts_arrive_letter_by_letter_as_they_were_written() {
    let server = office::open().await.unwrap();
    let alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let mut bob = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    let texts = [
        "三点开会，<b>别忘了</b> & 带上\"报表\"'",
        "first line\nsecond line\n\n  indented",
        "👩‍👩‍👧‍👦 𠮷野家 e\u{301} \u{202e}abc\u{202c} ]]> &amp; &#65;",
    ];
    for text in texts {
        alice.writes(BOB, text).await.unwrap();
    }
    bob.reads(ALICE, &texts).await.unwrap();
}
