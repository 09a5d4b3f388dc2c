//! The connection test against servers that let it come so far and no further.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_xmpp::xmlstream::XmppStreamElement;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::stanza::Stanza;

use super::Desk;
use super::toy_server::{DOMAIN, Refusal, ToyServer, Verdict};
use crate::clock::Clock;
use crate::connection::{Environment, Target};
use crate::connection_test::run;
use crate::error::EngineErrorCode;
use crate::model::ConnectionTestStep;

async fn server(verdict: Verdict) -> ToyServer {
    ToyServer::start(move |_, guest| async move {
        let Some(mut client) = guest.sign_in(&["SCRAM-SHA-256"], verdict, true).await else { return };
        client.bind_managed(Some("token")).await;
        while let Some(element) = client.next().await {
            if let XmppStreamElement::Stanza(Stanza::Iq(Iq::Get { id, payload, .. })) = element {
                assert_eq!(payload.name(), "ping");
                let from = Some(DOMAIN.parse().unwrap());
                client.send(Iq::Result { from, to: None, id, payload: None }).await;
            }
        }
    })
    .await
}

async fn tested(target: Target) -> Vec<ConnectionTestStep> {
    let environment = Arc::new(Environment::of_this_computer(Clock::system()));
    let mut steps = Vec::new();
    run(target, &environment, |step| steps.push(step)).await;
    steps
}

/// Each step with its fact, or the code of its failure.
fn told(steps: &[ConnectionTestStep]) -> Vec<(&str, Result<&str, EngineErrorCode>)> {
    let outcome = |step: &ConnectionTestStep| step.failure.map_or(Ok(()), Err);
    steps.iter().for_each(|step| assert_eq!(step.passed, outcome(step).is_ok()));
    let told = steps.iter().map(|step| {
        let fact = if step.step == "roundTrip" { "" } else { step.detail.as_str() };
        (step.step.as_str(), outcome(step).map(|()| fact))
    });
    told.collect()
}

#[tokio::test]
async fn every_step_of_a_way_that_works_says_what_it_found() {
    let server = server(Verdict::Welcome).await;
    let steps = tested(Desk::target(&server)).await;
    let expected = [
        ("resolve", Ok("127.0.0.1")),
        ("connect", Ok(server.address.as_str())),
        ("tls", Ok("TLS 1.3")),
        ("stream", Ok(DOMAIN)),
        ("login", Ok("SCRAM-SHA-256")),
        ("roundTrip", Ok("")),
    ];
    assert_eq!(told(&steps), expected);
    assert!(steps[5].detail.ends_with(" ms"), "{}", steps[5].detail);
}

#[tokio::test]
async fn behind_a_wrong_password_nothing_is_tried() {
    let server = server(Verdict::Refuse(Refusal::WrongPassword)).await;
    let steps = tested(Desk::target(&server)).await;
    assert_eq!(told(&steps).last(), Some(&("login", Err(EngineErrorCode::NotAuthorized))));
    assert_eq!(steps.len(), 5);
    assert_eq!(server.mechanisms(), ["ScramSha256"]);
}

#[tokio::test]
async fn without_a_password_no_login_is_tried() {
    let server = server(Verdict::Welcome).await;
    let steps = tested(Target { password: String::new(), ..Desk::target(&server) }).await;
    assert_eq!(told(&steps).last(), Some(&("login", Err(EngineErrorCode::NoPassword))));
    assert_eq!(server.mechanisms(), [""; 0]);
}

#[tokio::test]
async fn an_unknown_certificate_ends_the_way_with_its_fingerprint() {
    let server = server(Verdict::Welcome).await;
    let steps = tested(Target { trusted: Vec::new(), ..Desk::target(&server) }).await;
    let last = steps.last().unwrap();
    assert_eq!((last.step.as_str(), last.detail.as_str()), ("tls", server.fingerprint.as_str()));
    assert_eq!(last.failure, Some(EngineErrorCode::CertificateUnknownAuthority));
    assert_eq!(steps.len(), 3);
}

#[tokio::test]
async fn a_server_that_has_bound_logins_before_has_to_do_so_in_the_test_as_well() {
    let server = server(Verdict::Welcome).await;
    let steps = tested(Target { must_bind: true, ..Desk::target(&server) }).await;
    assert_eq!(told(&steps).last(), Some(&("login", Err(EngineErrorCode::BindingGone))));
    assert_eq!(server.mechanisms(), [""; 0], "nothing is proved to somebody in between");
}

#[tokio::test]
async fn a_web_server_is_told_from_silence() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap().to_string();
    let web = tokio::spawn(async move {
        while let Ok((mut guest, _)) = listener.accept().await {
            let _ = guest.read(&mut [0; 4_096]).await;
            let _ = guest.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n<html>No.</html>").await;
            // Until the other side has had enough.
            while guest.read(&mut [0; 4_096]).await.is_ok_and(|bytes| bytes > 0) {}
        }
    });
    let target = |server: &str| Target {
        server: server.to_owned(),
        login: "a".to_owned(),
        password: "b".to_owned(),
        trusted: Vec::new(),
        must_bind: false,
    };
    let steps = tested(target(&server)).await;
    let expected = [
        ("resolve", Ok("127.0.0.1")),
        ("connect", Ok(server.as_str())),
        ("tls", Err(EngineErrorCode::NotAnXmppServer)),
    ];
    assert_eq!(told(&steps), expected);

    web.abort();
    let _ = web.await;
    let steps = tested(target(&server)).await;
    let expected = [("resolve", Ok("127.0.0.1")), ("connect", Err(EngineErrorCode::ServerUnreachable))];
    assert_eq!(told(&steps), expected);

    let steps = tested(target("no address")).await;
    assert_eq!(told(&steps), [("resolve", Err(EngineErrorCode::ServerNotFound))]);
}
