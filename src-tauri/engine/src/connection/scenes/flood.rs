use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use futures_util::{Sink, StreamExt};
use tokio_xmpp::xmlstream::XmppStreamElement;
use xmpp_parsers::sm;
use xmpp_parsers::stanza::Stanza;

use super::toy_server::{Client, ToyServer};
use super::{Desk, text};

const MANY: u32 = 60_000;

/// Sends all it has and takes all that comes, as fast as the connection goes.
async fn flood(client: &mut Client) {
    let (mut down, mut up) = (0, 0);
    let mut owed = None;
    poll_fn(|context| {
        loop {
            let mut stream = Pin::new(&mut client.stream);
            let next = match owed {
                Some(count) => Some(XmppStreamElement::SM(sm::Nonza::Ack(sm::A::new(count)))),
                None if down < MANY => Some(XmppStreamElement::Stanza(text(&format!("down {down}")).into())),
                None => None,
            };
            let is_ready = Sink::<&XmppStreamElement>::poll_ready(stream.as_mut(), context).is_ready();
            let next = next.filter(|_| is_ready);
            match &next {
                Some(element) => {
                    stream.as_mut().start_send(element).unwrap();
                    down += u32::from(owed.take().is_none());
                }
                None => {
                    let _ = Sink::<&XmppStreamElement>::poll_flush(stream.as_mut(), context);
                }
            }
            match stream.poll_next_unpin(context) {
                Poll::Ready(Some(Ok(element))) => match element.into_read_error() {
                    Ok(XmppStreamElement::Stanza(Stanza::Message(message))) => {
                        assert_eq!(message.bodies.into_values().next(), Some(format!("up {up}")));
                        up += 1;
                    }
                    Ok(XmppStreamElement::SM(sm::Nonza::Req(_))) => owed = Some(up),
                    _ => {}
                },
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending if next.is_none() => return Poll::Pending,
                Poll::Pending => {}
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_thousand_messages_each_way_all_arrive_in_order() {
    let server = ToyServer::start(|_, guest| async move {
        let mut client = guest.welcome(true).await;
        client.bind_managed(Some("token")).await;
        flood(&mut client).await;
    })
    .await;
    let mut desk = Desk::open(&server);
    desk.online().await;
    let line = desk.line.clone();
    let sending = tokio::spawn(async move {
        let mut last = None;
        for number in 0..MANY {
            last = Some(line.send(text(&format!("up {number}"))).await.unwrap());
        }
        last.unwrap().acknowledged().await
    });
    for number in 0..MANY {
        assert_eq!(desk.next_text().await, format!("down {number}"));
    }
    assert!(sending.await.unwrap(), "all acknowledged");
}
