//! Signing in: what goes wrong is one code each, and what went right once goes on by itself.

use posthouse_engine::error::EngineErrorCode;
use posthouse_engine::model::{ConnectionState, SignIn};
use posthouse_tests::people::{Computer, address, with_trust};

use crate::office::{self, ALICE, BOB};

#[tokio::test]
async fn an_unknown_authority_is_shown_by_its_fingerprint_and_accepted_once() {
    let server = office::open().await.unwrap();
    let computer = Computer::new().unwrap();
    let mut alice = computer.start().unwrap();
    let careful = SignIn { accept_fingerprint: None, ..with_trust(&server, ALICE).unwrap() };

    let refused = alice.sign_in(&careful).await.unwrap_err();
    assert_eq!(refused.code, EngineErrorCode::CertificateUnknownAuthority);
    assert_eq!(refused.detail, server.fingerprint().unwrap());

    let account = alice.sign_in(&with_trust(&server, ALICE).unwrap()).await.unwrap();
    assert_eq!(account.person, address(ALICE));
    alice.is_online().await.unwrap();
    alice.engine().sign_out().await.unwrap();
    alice.sign_in(&careful).await.expect("the authority was accepted before");
}

#[tokio::test]
async fn another_fingerprint_than_the_accepted_one_is_no_trust() {
    let server = office::open().await.unwrap();
    let mut alice = Computer::new().unwrap().start().unwrap();
    let wrong = SignIn { accept_fingerprint: Some("ab".repeat(32)), ..with_trust(&server, ALICE).unwrap() };
    let refused = alice.sign_in(&wrong).await.unwrap_err();
    assert!(
        matches!(
            refused.code,
            EngineErrorCode::CertificateChanged | EngineErrorCode::CertificateUnknownAuthority
        ),
        "{refused}"
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_id_look_the_same() {
    let server = office::open().await.unwrap();
    let mut alice = Computer::new().unwrap().start().unwrap();
    let form = with_trust(&server, ALICE).unwrap();
    let wrong = alice.sign_in(&SignIn { password: "falsch".to_owned(), ..form.clone() }).await.unwrap_err();
    let unknown = alice.sign_in(&SignIn { login: "nobody".to_owned(), ..form.clone() }).await.unwrap_err();
    assert_eq!(wrong.code, EngineErrorCode::NotAuthorized);
    assert_eq!(unknown.code, wrong.code);
    alice.sign_in(&form).await.expect("the right password works at the next try");
}

#[tokio::test]
async fn a_disabled_account_is_told_so_and_a_running_session_ends() {
    let server = office::open().await.unwrap();
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    server.administer(&["user", "disable", ALICE], None).await.unwrap();
    alice.is_cut_off().await.unwrap();
    let mut again = Computer::new().unwrap().start().unwrap();
    let refused = again.sign_in(&with_trust(&server, ALICE).unwrap()).await.unwrap_err();
    assert_eq!(refused.code, EngineErrorCode::AccountDisabled);
}

#[tokio::test]
async fn nobody_listening_and_no_such_name_are_told_apart() {
    let mut server = office::open().await.unwrap();
    let form = with_trust(&server, ALICE).unwrap();
    server.stop().await.unwrap();
    let mut alice = Computer::new().unwrap().start().unwrap();
    let refused = alice.sign_in(&form).await.unwrap_err();
    assert_eq!(refused.code, EngineErrorCode::ServerUnreachable);
    let nowhere = SignIn { server: "no-such-host.invalid".to_owned(), ..form };
    let refused = alice.sign_in(&nowhere).await.unwrap_err();
    assert_eq!(refused.code, EngineErrorCode::ServerNotFound);
}

#[tokio::test]
async fn the_next_start_goes_on_without_asking_and_without_the_server() {
    let mut server = office::open().await.unwrap();
    let computer = Computer::new().unwrap();
    let mut alice = computer.signed_in(&server, ALICE).await.unwrap();
    alice.writes(BOB, "明天见").await.unwrap();
    alice.reads(BOB, &["明天见"]).await.unwrap();
    let tree = alice.tree().await.unwrap();
    assert_eq!(tree.1.len(), 3, "three people");
    alice.leaves().await;
    server.stop().await.unwrap();

    let mut alice = computer.start().unwrap();
    let account = alice.engine().resume().await.unwrap().expect("somebody was signed in");
    assert_eq!(account.name, "陈静", "the name is known before the network answers");
    assert_eq!(alice.tree().await.unwrap(), tree);
    alice.reads(BOB, &["明天见"]).await.unwrap();

    server.run().await.unwrap();
    alice.engine().reconnect_now().await.unwrap();
    alice.is_online().await.unwrap();
}

#[tokio::test]
async fn signing_out_forgets_the_password_and_keeps_the_form() {
    let server = office::open().await.unwrap();
    let computer = Computer::new().unwrap();
    let alice = computer.signed_in(&server, ALICE).await.unwrap();
    assert!(alice.engine().saved_sign_in().await.unwrap().unwrap().has_password);
    alice.engine().sign_out().await.unwrap();
    assert_eq!(alice.engine().connection().await, ConnectionState::SignedOut);
    let form = alice.engine().saved_sign_in().await.unwrap().unwrap();
    assert_eq!((form.login.as_str(), form.has_password), (ALICE, false));
    alice.leaves().await;
    let alice = computer.start().unwrap();
    assert_eq!(alice.engine().resume().await.unwrap(), None);
}

#[tokio::test]
async fn the_test_of_the_connection_tells_each_step() {
    let server = office::open().await.unwrap();
    let alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let mut steps = Vec::new();
    alice.engine().test_connection(&server.address().unwrap(), ALICE, |step| steps.push(step)).await.unwrap();
    let names: Vec<_> = steps.iter().map(|step| step.step.as_str()).collect();
    assert_eq!(names, ["resolve", "connect", "tls", "stream", "login", "roundTrip"]);
    assert!(steps.iter().all(|step| step.passed), "{steps:?}");
}
