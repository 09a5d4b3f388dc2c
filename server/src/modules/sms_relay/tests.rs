//! What the steps decide about wishes and voices.

use bytes::Bytes;
use jid::Jid;
use posthouse_protocol::wire::Frame;
use tokio::sync::mpsc;

use super::*;
use crate::clock::Timestamp;
use crate::modules::testing::{Client, DOMAIN, company, jid};
use crate::organization::visibility::{TextRules, VisibilityRules};
use crate::routing::components::ComponentLink;
use crate::routing::passage::{DeliveryWish, Origin, Passage};
use crate::routing::stages::Accept;

const GATEWAY: &str = "sms.example.org";

fn phones(rules: VisibilityRules) -> (Phones, mpsc::Receiver<Bytes>) {
    let components = Components::new([GATEWAY.to_owned()]);
    let (outbox, stanzas) = mpsc::channel(8);
    assert!(components.connect(GATEWAY, ComponentLink::new(1, outbox)));
    let directory = company(rules);
    (Phones { domain: DOMAIN.into(), gateway: GATEWAY.into(), directory, components }, stanzas)
}

fn texts(people: &[&str]) -> VisibilityRules {
    let people = people.iter().map(|login| (*login).to_owned()).collect();
    VisibilityRules { texts: TextRules { people, ..TextRules::default() }, ..VisibilityRules::default() }
}

async fn judged(rules: VisibilityRules, to: &str, children: &str) -> (Accept, Passage) {
    let (phones, _stanzas) = phones(rules);
    let step = wish::Wish(phones);
    let client = Client::new("zhang.san", "pc");
    let mut passage = client.passage(&format!("<message to='{to}' type='chat'>{children}</message>"));
    let is_asked = step.concerns(&passage);
    let verdict = if is_asked { step.accept(&mut passage).await.unwrap() } else { Accept::Continue };
    (verdict, passage)
}

const WISH: &str = "<body>hi</body><delivery xmlns='urn:posthouse:sms:1' wish='phone'/>";

#[tokio::test]
async fn an_ordinary_message_is_none_of_its_business() {
    let (phones, _stanzas) = phones(VisibilityRules::default());
    let passage =
        Client::new("zhang.san", "pc").passage("<message to='li.si@example.org'><body>hi</body></message>");
    assert!(!wish::Wish(phones).concerns(&passage));
}

#[tokio::test]
async fn a_wish_for_the_phone_is_noted_and_no_client_waits_for_it() {
    let (verdict, passage) = judged(VisibilityRules::default(), "li.si@example.org", WISH).await;
    assert_eq!((verdict, passage.delivery), (Accept::Continue, DeliveryWish::Phone));
    assert!(passage.traits.archive && !passage.traits.store);
}

#[tokio::test]
async fn rules_name_who_may_text() {
    let (verdict, _) = judged(texts(&["li.si"]), "li.si@example.org", WISH).await;
    let Accept::Reject(error) = verdict else { panic!("{verdict:?}") };
    assert_eq!(error.application.map(|(name, _)| name), Some("texting-not-allowed"));
    assert_eq!(judged(texts(&["zhang.san"]), "li.si@example.org", WISH).await.0, Accept::Continue);
}

#[tokio::test]
async fn a_wish_without_a_body_changes_nothing() {
    let typing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>\
                  <delivery xmlns='urn:posthouse:sms:1' wish='phone'/>";
    let (verdict, passage) = judged(VisibilityRules::default(), "li.si@example.org", typing).await;
    assert_eq!((verdict, passage.delivery), (Accept::Continue, DeliveryWish::Client));
}

#[tokio::test]
async fn what_the_gateway_says_for_a_colleague_comes_from_the_colleague() {
    let (phones, _stanzas) = phones(VisibilityRules::default());
    let said = |chat: &str, domain: &str| {
        let stanza = format!(
            "<message from='li.si@{domain}' to='zhang.san@example.org'><body>hi</body>\
             <sms xmlns='urn:posthouse:sms:1' chat='{chat}'/></message>"
        );
        let frame = Frame::parse(Bytes::from(stanza)).unwrap();
        let from = Jid::new(&format!("li.si@{domain}")).unwrap();
        let to = Jid::from(jid("zhang.san"));
        Passage::new(frame, Origin::Component(domain.to_owned()), from, to, Timestamp::default())
    };
    let step = arrival::Arrival(phones);
    let mut passage = said("li.si@example.org", GATEWAY);
    assert!(step.concerns(&passage));
    step.accept(&mut passage).await.unwrap();
    assert_eq!(
        (passage.sender.as_str(), passage.frame.from().as_deref()),
        ("li.si@example.org", Some("li.si@example.org"))
    );
    let mut nobody = said("nobody@example.org", GATEWAY);
    step.accept(&mut nobody).await.unwrap();
    assert_eq!(nobody.sender.as_str(), "li.si@sms.example.org");
    assert!(!step.concerns(&said("li.si@example.org", "rooms.example.org")), "others have no such voice");
}

#[tokio::test]
async fn the_gateway_gets_the_number_and_the_writers_name() {
    let (phones, mut stanzas) = phones(VisibilityRules::default());
    let passage = Client::new("zhang.san", "pc")
        .passage("<message to='li.si@example.org' id='7'><body>hi</body></message>");
    let order = phones.order(&passage.sender, "+8613800001234", &passage.receiver);
    assert!(phones.send(&passage.frame, &passage.receiver, &order));
    let stanza = String::from_utf8(stanzas.recv().await.unwrap().to_vec()).unwrap();
    assert!(
        stanza.contains("to='li.si@sms.example.org'") || stanza.contains("to=\"li.si@sms.example.org\""),
        "{stanza}"
    );
    assert!(stanza.contains("number='+8613800001234' name='张三' chat='li.si@example.org'"), "{stanza}");
    let alone = Phones { components: Components::new([GATEWAY.to_owned()]), ..phones };
    assert!(!alone.is_here() && !alone.send(&passage.frame, &passage.receiver, &order));
}
