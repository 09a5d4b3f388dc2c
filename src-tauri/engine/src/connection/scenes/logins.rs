use super::Desk;
use super::toy_server::{PASSWORD, Refusal, ToyServer, Verdict};
use crate::connection::LineEvent;
use crate::error::{EngineError, EngineErrorCode};

async fn server(mechanisms: &'static [&'static str], verdict: Verdict) -> ToyServer {
    ToyServer::start(move |_, guest| async move {
        if let Some(mut client) = guest.sign_in(mechanisms, verdict, false).await {
            client.bind().await;
            while client.next().await.is_some() {}
        }
    })
    .await
}

#[tokio::test]
async fn the_password_is_never_sent_even_if_the_server_would_like_it() {
    let server = server(&["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"], Verdict::Welcome).await;
    let mut desk = Desk::open(&server);
    desk.online().await;
    let tries = server.tries.lock().clone();
    assert_eq!(tries.len(), 1);
    assert_eq!(tries[0].0, "ScramSha256");
    assert!(tries[0].1.starts_with("y,,n=a,r="), "{}", tries[0].1);
    assert!(!tries[0].1.contains(PASSWORD));
}

#[tokio::test]
async fn a_server_that_wants_nothing_but_the_password_gets_nothing() {
    let server = server(&["PLAIN"], Verdict::Welcome).await;
    let error = Desk::open(&server).stopped().await;
    assert_eq!(error, EngineError::new(EngineErrorCode::NoSafeLogin, "PLAIN"));
    assert_eq!(server.mechanisms(), [""; 0]);
}

#[tokio::test]
async fn who_has_bound_a_login_gets_none_without_a_binding_any_more() {
    let bound = &["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"][..];
    let server = ToyServer::start(move |number, guest| async move {
        let mechanisms = if number == 0 { bound } else { &bound[..1] };
        // The connection breaks when the resource is bound.
        if let Some(mut client) = guest.sign_in(mechanisms, Verdict::Welcome, false).await {
            client.bind().await;
        }
    })
    .await;
    let mut desk = Desk::open(&server);
    desk.online().await;
    let Some(LineEvent::Waiting { .. }) = desk.next().await else { panic!("the connection did not break") };
    let gone = EngineError::new(EngineErrorCode::BindingGone, "SCRAM-SHA-256");
    assert_eq!(desk.stopped().await, gone);
    assert_eq!(server.mechanisms(), ["ScramSha256Plus"]);
    let mut target = Desk::target(&server);
    target.must_bind = true;
    assert_eq!(Desk::with(target, |_| {}).stopped().await, gone, "nor after a restart");
    assert_eq!(server.mechanisms().len(), 1);
}

#[tokio::test]
async fn a_server_that_does_not_know_the_password_is_not_believed() {
    let server = server(&["SCRAM-SHA-256"], Verdict::Impostor).await;
    let error = Desk::open(&server).stopped().await;
    assert_eq!(error.code, EngineErrorCode::ServerNotAuthentic);
}

#[tokio::test]
async fn a_wrong_password_is_reported_at_once_and_tried_once() {
    let server = server(&["SCRAM-SHA-256", "SCRAM-SHA-1"], Verdict::Refuse(Refusal::WrongPassword)).await;
    let error = Desk::open(&server).stopped().await;
    assert_eq!(error.code, EngineErrorCode::NotAuthorized);
    assert_eq!(server.mechanisms(), ["ScramSha256"]);
}

#[tokio::test]
async fn a_disabled_account_is_told_from_a_wrong_password() {
    let server = server(&["SCRAM-SHA-256"], Verdict::Refuse(Refusal::Disabled)).await;
    assert_eq!(Desk::open(&server).stopped().await.code, EngineErrorCode::AccountDisabled);
}

#[tokio::test]
async fn after_too_many_tries_the_line_waits_a_minute_or_more() {
    let server = server(&["SCRAM-SHA-256"], Verdict::Refuse(Refusal::Later)).await;
    let mut desk = Desk::open(&server);
    assert!(matches!(desk.next().await, Some(LineEvent::Connecting)));
    let Some(LineEvent::Waiting { retry_in, reason, .. }) = desk.next().await else { panic!("no wait") };
    assert_eq!(reason, EngineErrorCode::LockedOut);
    assert!(retry_in.as_secs() >= 60);
}

#[tokio::test]
async fn an_unknown_certificate_is_shown_and_accepted_by_its_fingerprint_only() {
    let server = server(&["SCRAM-SHA-256"], Verdict::Welcome).await;
    let with = |trusted: Vec<String>| {
        let mut target = Desk::target(&server);
        target.trusted = trusted;
        Desk::with(target, |_| {})
    };
    let unknown = EngineError::new(EngineErrorCode::CertificateUnknownAuthority, server.fingerprint.clone());
    assert_eq!(with(Vec::new()).stopped().await, unknown);
    let changed = EngineError::new(EngineErrorCode::CertificateChanged, server.fingerprint.clone());
    assert_eq!(with(vec!["00".repeat(32)]).stopped().await, changed);
    with(vec![server.fingerprint.clone()]).online().await;
    assert_eq!(server.mechanisms().len(), 1, "the password goes to nobody before");
}
