//! Which answers about caps are believed.

use super::*;
use crate::modules::testing::{Client, DOMAIN};

/// The example of XEP-0115 section 5.2.
const EXODUS: &str = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' \
    node='http://code.google.com/p/exodus' ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>";
const EXODUS_INFO: &str = "<query xmlns='http://jabber.org/protocol/disco#info'>\
    <identity category='client' name='Exodus 0.9.1' type='pc'/>\
    <feature var='http://jabber.org/protocol/caps'/><feature var='http://jabber.org/protocol/disco#info'/>\
    <feature var='http://jabber.org/protocol/disco#items'/><feature var='http://jabber.org/protocol/muc'/></query>";

fn caps() -> EntityCaps {
    EntityCaps::new(DOMAIN, Arc::default(), Arc::default())
}

async fn announce(caps: &EntityCaps, client: &Client) {
    let mut passage = client.passage(&format!("<presence>{EXODUS}</presence>"));
    assert_eq!(caps.accept(&mut passage).await.unwrap(), Accept::Continue);
}

async fn answer(caps: &EntityCaps, client: &Client, question: &str, info: &str) -> Accept {
    let frame = Frame::parse(Bytes::from(question.to_owned())).unwrap();
    let id = frame.id().unwrap().into_owned();
    let stanza = format!("<iq type='result' id='{id}' to='{DOMAIN}'>{info}</iq>");
    caps.accept(&mut client.passage(&stanza)).await.unwrap()
}

#[tokio::test]
async fn a_hash_is_asked_for_once_and_known_for_all() {
    let caps = caps();
    let (mut one, mut other) = (Client::new("zhang.san", "pc"), Client::new("li.si", "pc"));
    announce(&caps, &one).await;
    announce(&caps, &other).await;
    assert!(other.received().is_empty());
    let question = one.next().await;
    assert!(question.contains("node='http://code.google.com/p/exodus#QgayPKawpkPSDYmwT/WM94uAlu0='"));
    assert_eq!(answer(&caps, &one, &question, EXODUS_INFO).await, Accept::Taken);
    for client in [&one, &other] {
        let features = caps.capabilities.of(client.session.id()).unwrap();
        assert!(features.contains("http://jabber.org/protocol/muc"));
    }
    let mut late = Client::new("wang.wu", "pc");
    announce(&caps, &late).await;
    assert!(late.received().is_empty() && caps.capabilities.of(late.session.id()).is_some());
}

#[tokio::test]
async fn an_answer_without_the_hash_is_not_believed_and_the_next_is_asked() {
    let caps = caps();
    let (mut liar, mut other) = (Client::new("zhang.san", "pc"), Client::new("li.si", "pc"));
    announce(&caps, &liar).await;
    announce(&caps, &other).await;
    let question = liar.next().await;
    let lie = EXODUS_INFO.replace("protocol/muc", "protocol/everything");
    assert_eq!(answer(&caps, &liar, &question, &lie).await, Accept::Taken);
    assert!(caps.capabilities.of(liar.session.id()).is_none());
    let question = other.next().await;
    answer(&caps, &other, &question, EXODUS_INFO).await;
    assert!(caps.capabilities.of(other.session.id()).is_some());
}

#[tokio::test]
async fn results_that_nobody_asked_for_pass() {
    let caps = caps();
    let client = Client::new("zhang.san", "pc");
    let question = "<iq id='roster' type='set'/>";
    assert_eq!(answer(&caps, &client, question, "").await, Accept::Continue);
}

#[tokio::test]
async fn who_leaves_without_an_answer_is_not_waited_for() {
    let caps = caps();
    let (one, mut other) = (Client::new("zhang.san", "pc"), Client::new("li.si", "pc"));
    announce(&caps, &one).await;
    announce(&caps, &other).await;
    caps.session_closed(&one.session).await;
    assert!(other.next().await.contains("disco#info"));
}
