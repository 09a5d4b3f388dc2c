use tokio_xmpp::xmlstream::XmppStreamElement;
use xmpp_parsers::sm;

use super::toy_server::ToyServer;
use super::{Desk, text};
use crate::connection::AskError;
use crate::connection::IqPayload;

async fn until_asked(client: &mut super::toy_server::Client) {
    loop {
        match client.next().await {
            Some(XmppStreamElement::SM(sm::Nonza::Req(_))) => return,
            Some(_) => {}
            None => panic!("the client is gone"),
        }
    }
}

#[tokio::test]
async fn a_broken_connection_without_resumption_is_survived() {
    let server = ToyServer::start(|number, guest| async move {
        let mut client = guest.welcome(true).await;
        client.bind_managed(None).await;
        until_asked(&mut client).await;
        if number == 1 {
            client.manage(sm::Nonza::Ack(sm::A::new(1))).await;
            while client.next().await.is_some() {}
        }
    })
    .await;
    let mut desk = Desk::open(&server);
    assert!(!desk.online().await);
    let lost = desk.line.send(text("lost")).await.unwrap();
    assert!(!lost.acknowledged().await, "the sender learns that it has to send it again");
    assert!(!desk.online().await);
    let again = desk.line.send(text("again")).await.unwrap();
    assert!(again.acknowledged().await);
}

#[tokio::test]
async fn a_resumed_session_sends_again_what_the_server_does_not_have() {
    let server = ToyServer::start(|number, guest| async move {
        let mut client = guest.welcome(true).await;
        if number == 0 {
            client.bind_managed(Some("token")).await;
            client.send(text("hello")).await;
            assert_eq!(client.next_text().await.as_deref(), Some("one"));
            assert_eq!(client.next_text().await.as_deref(), Some("two"));
            return;
        }
        assert_eq!(client.asked_to_resume("token").await, 1);
        client
            .manage(sm::Nonza::Resumed(sm::Resumed { h: 1, previd: sm::StreamId("token".to_owned()) }))
            .await;
        assert_eq!(client.next_text().await.as_deref(), Some("two"));
        until_asked(&mut client).await;
        client.manage(sm::Nonza::Ack(sm::A::new(2))).await;
        assert_eq!(client.next_text().await.as_deref(), Some("three"));
        client.send(text("done")).await;
        while client.next().await.is_some() {}
    })
    .await;
    let mut desk = Desk::open(&server);
    desk.online().await;
    assert_eq!(desk.next_text().await, "hello");
    let one = desk.line.send(text("one")).await.unwrap();
    let two = desk.line.send(text("two")).await.unwrap();
    assert!(desk.online().await, "resumed");
    assert!(one.acknowledged().await && two.acknowledged().await);
    desk.line.send(text("three")).await.unwrap();
    assert_eq!(desk.next_text().await, "done");
}

#[tokio::test]
async fn a_session_that_cannot_be_resumed_tells_how_far_it_came() {
    let server = ToyServer::start(|number, guest| async move {
        let mut client = guest.welcome(true).await;
        if number == 0 {
            client.bind_managed(Some("token")).await;
            until_asked(&mut client).await;
            assert_eq!(client.next_text().await.as_deref(), Some("two"));
            return;
        }
        client.asked_to_resume("token").await;
        client.manage(sm::Nonza::Failed(sm::Failed { h: Some(1), error: None })).await;
        client.bind_managed(Some("other")).await;
        while client.next().await.is_some() {}
    })
    .await;
    let mut desk = Desk::open(&server);
    desk.online().await;
    let one = desk.line.send(text("one")).await.unwrap();
    let two = desk.line.send(text("two")).await.unwrap();
    assert!(!desk.online().await);
    assert!(one.acknowledged().await, "it need not be sent again");
    assert!(!two.acknowledged().await);
}

#[tokio::test]
async fn a_refusal_without_a_count_loses_everything_and_nothing_else() {
    let server = ToyServer::start(|number, guest| async move {
        let mut client = guest.welcome(true).await;
        if number == 0 {
            client.bind_managed(Some("token")).await;
            until_asked(&mut client).await;
            return;
        }
        client.asked_to_resume("token").await;
        use futures_util::SinkExt;
        client.stream.send(&NoCount).await.unwrap();
        client.bind_managed(None).await;
        while client.next().await.is_some() {}
    })
    .await;
    let mut desk = Desk::open(&server);
    desk.online().await;
    let line = desk.line.clone();
    let asking = tokio::spawn(async move { line.ask(None, IqPayload::get(xmpp_parsers::ping::Ping)).await });
    assert!(!desk.online().await);
    assert_eq!(asking.await.unwrap(), Err(AskError::Lost));
}

/// `<failed/>` as XEP-0198 allows it and the library does not.
#[derive(xso::AsXml, Debug)]
#[xml(namespace = xmpp_parsers::ns::SM, name = "failed")]
struct NoCount;
