//! Closing, killing and opening again.

use posthouse_tests::desktop::Desktop;

use crate::office::{self, ALICE, BOB};

#[tokio::test]
async fn the_first_view_comes_from_the_store_while_the_server_is_down() {
    let mut server = office::open().await.unwrap();
    let desktop = Desktop::with_keyring().await.unwrap();
    let window = desktop.open_app(&[]).await.unwrap();
    window.remember_the_password().await.unwrap();
    window.sign_in(&server.address().unwrap(), ALICE.0, office::PASSWORD).await.unwrap();
    window.trust_the_server().await.unwrap();
    window.is_online().await.unwrap();
    window.open_the_whole_tree().await.unwrap();
    window.double_click_in_tree(&office::address(BOB)).await.unwrap();
    window.write("明天见").await.unwrap();
    window.sees_own_message("明天见", &["sent"]).await.unwrap();
    window.close().await.unwrap();
    server.stop().await.unwrap();

    let window = desktop.open_app(&[]).await.unwrap();
    window.open_the_whole_tree().await.unwrap();
    window.double_click_in_tree(&office::address(BOB)).await.unwrap();
    window.reads(&["明天见"]).await.unwrap();
}

#[tokio::test]
async fn a_message_written_while_the_server_was_down_survives_the_end_of_the_app() {
    let mut server = office::open().await.unwrap();
    let (here, there) = (Desktop::start().await.unwrap(), Desktop::start().await.unwrap());
    let alice = office::signed_in(&server, &here, ALICE).await.unwrap();
    alice.open_the_whole_tree().await.unwrap();
    alice.double_click_in_tree(&office::address(BOB)).await.unwrap();
    server.stop().await.unwrap();
    alice.write("断网时写的").await.unwrap();
    alice.sees_own_message("断网时写的", &["queued"]).await.unwrap();
    alice.kill().await.unwrap();

    server.run().await.unwrap();
    let alice = office::signed_in(&server, &here, ALICE).await.unwrap();
    let bob = office::signed_in(&server, &there, BOB).await.unwrap();
    bob.opens_unread(&office::address(ALICE), 1).await.unwrap();
    bob.reads(&["断网时写的"]).await.unwrap();
    alice.close().await.unwrap();
}

#[tokio::test]
async fn closing_the_window_ends_the_app_where_no_tray_offers_a_way_back() {
    let desktop = Desktop::start().await.unwrap();
    let window = desktop.open_app(&[]).await.unwrap();
    window.close().await.unwrap();
}

#[tokio::test]
async fn a_start_that_asked_an_app_which_hung_until_it_was_killed_becomes_the_app() {
    let desktop = Desktop::start().await.unwrap();
    let hanging = desktop.open_app(&[]).await.unwrap();
    let window = desktop.open_app_instead_of(hanging).await.unwrap();
    window.find("input").await.unwrap();
    window.close().await.unwrap();
}
