//! The password that the administrator chose, and the one its owner chooses.

use posthouse_engine::error::EngineErrorCode;
use posthouse_engine::events::EngineEvent;
use posthouse_engine::model::{ConnectionState, SignIn};
use posthouse_tests::people::{Computer, PASSWORD, with_trust};

use crate::office::{self, ALICE, BOB};

#[tokio::test]
async fn a_password_that_the_administrator_chose_is_to_be_changed_and_the_new_one_counts() {
    let mut server = office::open().await.unwrap();
    let words = ["user", "password", ALICE, "--password-stdin", "--must-change"];
    server.administer(&words, Some("anfang-2026")).await.unwrap();
    let computer = Computer::new().unwrap();
    let mut alice = computer.start().unwrap();
    let first = SignIn { password: "anfang-2026".to_owned(), ..with_trust(&server, ALICE).unwrap() };
    alice.sign_in(&first).await.unwrap();
    let wanted = |event: &EngineEvent| matches!(event, EngineEvent::PasswordMustChange).then_some(());
    alice.next("the wish for another password", wanted).await.unwrap();

    let refused = alice.engine().change_password(None, "anfang-2026".to_owned()).await.unwrap_err();
    assert_eq!(refused.code, EngineErrorCode::WeakPassword, "the same one again");
    let refused = alice.engine().change_password(None, format!("my-{ALICE}")).await.unwrap_err();
    assert_eq!(refused.code, EngineErrorCode::WeakPassword, "the ID in it");
    alice.engine().change_password(None, "我的新密码-2026".to_owned()).await.unwrap();

    // The line goes on with the new one by itself, after the server has forgotten the session.
    server.stop().await.unwrap();
    alice.is_cut_off().await.unwrap();
    server.run().await.unwrap();
    alice.engine().reconnect_now().await.unwrap();
    alice.is_online().await.unwrap();
    alice.leaves().await;

    let mut again = computer.start().unwrap();
    assert!(again.engine().resume().await.unwrap().is_some(), "the keyring has the new one");
    again.is_online().await.unwrap();
    let old = Computer::new().unwrap().start().unwrap().sign_in(&first).await.unwrap_err();
    assert_eq!(old.code, EngineErrorCode::NotAuthorized);
}

#[tokio::test]
async fn other_clients_of_the_account_end_and_the_one_that_changed_the_password_goes_on() {
    let server = office::open().await.unwrap();
    let mut here = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let mut there = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    here.engine().change_password(Some(PASSWORD.to_owned()), "another-2026".to_owned()).await.unwrap();
    let ended = |event: &EngineEvent| match event {
        EngineEvent::ConnectionChanged { connection: ConnectionState::Stopped { reason } } => Some(*reason),
        _ => None,
    };
    assert_eq!(there.next("the end", ended).await.unwrap(), EngineErrorCode::NotAuthorized);
    here.writes(BOB, "还在").await.unwrap();
    here.reads(BOB, &["还在"]).await.unwrap();
    let lost = |event: &EngineEvent| {
        matches!(event, EngineEvent::ConnectionChanged { connection: ConnectionState::Waiting { .. } })
    };
    assert!(!here.heard().iter().any(lost), "the line of the changer has not been cut");
}

#[tokio::test]
async fn whoever_finds_an_open_window_cannot_change_the_password() {
    let server = office::open().await.unwrap();
    let bob = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    let guess = Some("guess".to_owned());
    let refused = bob.engine().change_password(guess, "another-2026".to_owned()).await.unwrap_err();
    assert_eq!(refused.code, EngineErrorCode::NotAuthorized);
    bob.engine().change_password(Some(PASSWORD.to_owned()), "another-2026".to_owned()).await.unwrap();
}
