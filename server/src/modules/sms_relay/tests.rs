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
use crate::storage::Database;

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
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
    let pump = Arc::new(Pump::new(phones.clone(), RelayStore::new(database), Duration::from_secs(60)));
    let step = arrival::Arrival { phones, pump };
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

async fn waits(pump: &Pump, from: &str, id: &str) {
    let passage = Client::new(from, "pc")
        .passage(&format!("<message to='li.si@sms.example.org' id='{id}'><body>hi</body></message>"));
    pump.keep(passage.sender.clone(), id.to_owned(), &passage.frame, Timestamp(i64::MAX)).await.unwrap();
}

async fn next(stanzas: &mut mpsc::Receiver<Bytes>) -> String {
    let waiting = tokio::time::timeout(Duration::from_secs(10), stanzas.recv());
    String::from_utf8(waiting.await.unwrap().unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn a_message_goes_to_the_gateway_until_it_says_that_it_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = RelayStore::new(Database::open(&folder.path().join("posthouse.db")).unwrap());
    let (phones, mut stanzas) = phones(VisibilityRules::default());
    let components = phones.components.clone();
    let pump = Arc::new(Pump::new(phones, store.clone(), Duration::from_secs(60)));
    let running = tokio::spawn({
        let pump = Arc::clone(&pump);
        async move { pump.run().await }
    });
    for id in ["m1", "m2", "m3"] {
        waits(&pump, "zhang.san", id).await;
    }
    for id in ["m1", "m2", "m3"] {
        assert!(next(&mut stanzas).await.contains(&format!("id='{id}'")));
    }
    pump.settle(jid("zhang.san"), "m2".to_owned()).await.unwrap();
    pump.settle(jid("li.si"), "m1".to_owned()).await.unwrap();
    while store.after(0, 9).await.unwrap().len() > 2 {
        tokio::task::yield_now().await;
    }
    // The gateway comes back and has all it did not confirm, in order.
    components.disconnect(GATEWAY, 1);
    let (outbox, mut stanzas) = mpsc::channel(8);
    assert!(components.connect(GATEWAY, ComponentLink::new(2, outbox)));
    assert!(next(&mut stanzas).await.contains("id='m1'"));
    assert!(next(&mut stanzas).await.contains("id='m3'"));
    waits(&pump, "zhang.san", "m4").await;
    assert!(next(&mut stanzas).await.contains("id='m4'"));
    running.abort();
}

#[test]
fn the_gateway_is_told_the_number_and_the_writers_name() {
    let (phones, _stanzas) = phones(VisibilityRules::default());
    let order = phones.order(&jid("zhang.san"), "+8613800001234", &jid("li.si"), false);
    assert!(order.contains("number='+8613800001234' name='张三' chat='li.si@example.org'"), "{order}");
    let alone = Phones { components: Components::new([GATEWAY.to_owned()]), ..phones };
    assert!(alone.has_gateway() && !alone.is_here());
}
