use std::time::Duration;

use futures_util::SinkExt;
use tokio_xmpp::xmlstream::XmppStreamElement;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::ping::Ping;
use xmpp_parsers::sm;
use xmpp_parsers::stanza::Stanza;
use xmpp_parsers::stanza_error::{DefinedCondition as StanzaCondition, ErrorType, StanzaError};
use xmpp_parsers::stream_error::{DefinedCondition, StreamError};

use super::toy_server::{Client, ToyServer};
use super::{Desk, text};
use crate::connection::{AskError, IqPayload, LineEvent};
use crate::error::EngineErrorCode;

async fn end_with(client: &mut Client, condition: DefinedCondition) {
    client.stream.send(&StreamError::new(condition, "en", "")).await.unwrap();
    let _ = client.stream.shutdown().await;
}

#[tokio::test]
async fn a_client_that_was_replaced_does_not_come_back_by_itself() {
    let server = ToyServer::start(|number, guest| async move {
        assert_eq!(number, 0);
        let mut client = guest.welcome(true).await;
        client.bind_managed(Some("token")).await;
        end_with(&mut client, DefinedCondition::Conflict).await;
    })
    .await;
    assert_eq!(Desk::open(&server).stopped().await.code, EngineErrorCode::Replaced);
}

#[tokio::test]
async fn a_server_that_goes_down_is_given_time() {
    let server = ToyServer::start(|_, guest| async move {
        let mut client = guest.welcome(false).await;
        client.bind().await;
        end_with(&mut client, DefinedCondition::SystemShutdown).await;
    })
    .await;
    let mut desk = Desk::with(Desk::target(&server), |environment| {
        environment.random = crate::connection::environment::Random::new(|bytes| bytes.fill(255));
    });
    desk.online().await;
    let Some(LineEvent::Waiting { retry_in, reason, .. }) = desk.next().await else { panic!("no wait") };
    assert_eq!(reason, EngineErrorCode::ConnectionLost);
    assert!(retry_in > Duration::from_secs(7), "{retry_in:?}");
}

#[tokio::test]
async fn a_dead_connection_is_noticed_and_the_user_need_not_wait_for_it() {
    let server = ToyServer::start(|number, guest| async move {
        let mut client = guest.welcome(true).await;
        if number == 0 {
            client.bind_managed(None).await;
            // It takes everything and says nothing.
            while client.next().await.is_some() {}
        } else {
            client.bind_managed(None).await;
            while client.next().await.is_some() {}
        }
    })
    .await;
    let mut desk = Desk::with(Desk::target(&server), |environment| {
        environment.patience.quick_sign_of_life = Duration::from_millis(200);
    });
    desk.online().await;
    desk.line.reconnect_now();
    let Some(LineEvent::Waiting { reason, .. }) = desk.next().await else { panic!("not noticed") };
    assert_eq!(reason, EngineErrorCode::ConnectionLost);
    desk.online().await;
}

#[tokio::test]
async fn silence_makes_the_line_ask_and_an_answer_keeps_it_up() {
    let server = ToyServer::start(|number, guest| async move {
        let mut client = guest.welcome(number == 0).await;
        client.bind_managed(None).await;
        let mut asked = 0;
        while let Some(element) = client.next().await {
            assert!(matches!(element, XmppStreamElement::SM(sm::Nonza::Req(_))), "{element:?}");
            asked += 1;
            if asked == 3 {
                client.send(text("asked three times")).await;
            } else if asked < 3 {
                client.manage(sm::Nonza::Ack(sm::A::new(0))).await;
            }
        }
    })
    .await;
    let mut desk = Desk::with(Desk::target(&server), |environment| {
        environment.patience.silence = Duration::from_millis(200);
        environment.patience.sign_of_life = Duration::from_millis(400);
    });
    desk.online().await;
    assert_eq!(desk.next_text().await, "asked three times");
    // From now on it is silent.
    assert!(matches!(
        desk.next().await,
        Some(LineEvent::Waiting { reason: EngineErrorCode::ConnectionLost, .. })
    ));
}

#[tokio::test]
async fn without_stream_management_the_answer_to_a_ping_acknowledges() {
    let server = ToyServer::start(|_, guest| async move {
        let mut client = guest.welcome(false).await;
        client.bind().await;
        while let Some(element) = client.next().await {
            if let XmppStreamElement::Stanza(Stanza::Iq(Iq::Get { id, .. })) = element {
                // Not every server knows the ping; any answer will do.
                let unknown =
                    StanzaError::new(ErrorType::Cancel, StanzaCondition::ServiceUnavailable, "en", "");
                client.send(Iq::from_error(id, unknown)).await;
            }
        }
    })
    .await;
    let mut desk = Desk::open(&server);
    desk.online().await;
    let delivery = desk.line.send(text("one")).await.unwrap();
    assert!(delivery.acknowledged().await);
    let refused = desk.line.ask(None, IqPayload::get(Ping)).await;
    assert!(matches!(refused, Err(AskError::Refused(_))), "{refused:?}");
}

#[tokio::test]
async fn closing_waits_for_acknowledgements_and_ends_the_stream() {
    let (ended, end) = tokio::sync::oneshot::channel();
    let ended = parking_lot::Mutex::new(Some(ended));
    let server = ToyServer::start(move |_, guest| {
        let ended = ended.lock().take();
        async move {
            let mut client = guest.welcome(true).await;
            client.bind_managed(Some("token")).await;
            loop {
                match client.next().await {
                    Some(XmppStreamElement::SM(sm::Nonza::Req(_))) => {
                        client.manage(sm::Nonza::Ack(sm::A::new(1))).await;
                    }
                    Some(_) => {}
                    None => break,
                }
            }
            let _ = client.stream.shutdown().await;
            ended.unwrap().send(()).unwrap();
        }
    })
    .await;
    let mut desk = Desk::open(&server);
    desk.online().await;
    let delivery = desk.line.send(text("last words")).await.unwrap();
    let other = desk.line.clone();
    desk.line.close().await;
    assert!(delivery.acknowledged().await);
    end.await.unwrap();
    assert!(other.send(text("too late")).await.is_err());
    assert!(desk.events.recv().await.is_none());
}

#[tokio::test]
async fn a_resource_in_use_is_replaced_by_another() {
    let server = ToyServer::start(|_, guest| async move {
        let mut client = guest.welcome(false).await;
        let Some(XmppStreamElement::Stanza(Stanza::Iq(request))) = client.next().await else { panic!() };
        let conflict = StanzaError::new(ErrorType::Cancel, StanzaCondition::Conflict, "en", "");
        client.send(Iq::from_error(request.id(), conflict)).await;
        client.bind().await;
        while client.next().await.is_some() {}
    })
    .await;
    Desk::open(&server).online().await;
}

#[tokio::test]
async fn nothing_is_sent_while_the_line_is_down_or_if_xml_cannot_carry_it() {
    let server = ToyServer::start(|_, guest| async move {
        let mut client = guest.welcome(false).await;
        client.bind().await;
        while client.next().await.is_some() {}
    })
    .await;
    let mut desk = Desk::open(&server);
    let early = desk.line.send(text("early")).await.unwrap_err();
    assert_eq!(early.code, EngineErrorCode::ConnectionLost);
    desk.online().await;
    let unfit = desk.line.send(text("\u{1}")).await.unwrap_err();
    assert_eq!(unfit.code, EngineErrorCode::BadInput);
}
