//! Signing in by hand.

use posthouse_tests::desktop::Desktop;

use crate::office::{self, ALICE, PASSWORD};

#[tokio::test]
async fn a_wrong_password_is_one_clear_line_and_the_next_try_works() {
    let server = office::open().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let window = desktop.open_app(&[]).await.unwrap();

    window.sign_in(&server.address().unwrap(), ALICE.0, "falsch").await.unwrap();
    assert_eq!(window.shown_fingerprint().await.unwrap(), server.fingerprint().unwrap());
    window.trust_the_server().await.unwrap();
    let problem = window.sign_in_problem().await.unwrap();
    assert!(!problem.contains('\n'), "one line: {problem}");

    window.sign_in_again(PASSWORD).await.unwrap();
    window.is_online().await.unwrap();
}

#[tokio::test]
async fn a_remembered_password_signs_in_without_asking() {
    let server = office::open().await.unwrap();
    let desktop = Desktop::with_keyring().await.unwrap();
    let window = desktop.open_app(&[]).await.unwrap();
    window.remember_the_password().await.unwrap();
    window.sign_in(&server.address().unwrap(), ALICE.0, PASSWORD).await.unwrap();
    window.trust_the_server().await.unwrap();
    window.is_online().await.unwrap();
    window.close().await.unwrap();

    let window = desktop.open_app(&[]).await.unwrap();
    window.is_online().await.unwrap();
    assert!(!desktop.stored_anywhere(PASSWORD).unwrap(), "the password lies in a file of the app");
}
