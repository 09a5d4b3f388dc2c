//! The organisation in the window.

use posthouse_tests::desktop::Desktop;

use crate::office::{self, ALICE, BOB};

#[tokio::test]
async fn a_double_click_on_a_colleague_opens_the_conversation_with_the_cursor_in_the_composer() {
    let server = office::open().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let window = office::signed_in(&server, &desktop, ALICE).await.unwrap();
    window.open_the_whole_tree().await.unwrap();
    window.double_click_in_tree(&office::address(BOB)).await.unwrap();
    window.can_write_at_once().await.unwrap();
}
