//! Copies for the other clients of an account (XEP-0280).

use posthouse_tests::element::Element;
use posthouse_tests::raw_client::Person;

use crate::office::{Office, address};

const CARBONS: &str = "urn:xmpp:carbons:2";

async fn with_copies(office: &Office, id: &str, resource: &str) -> anyhow::Result<Person> {
    let mut person = office.person(id, resource).await?;
    let answer = person.ask("set", &format!("<enable xmlns='{CARBONS}'/>")).await?;
    anyhow::ensure!(answer.attribute("type") == Some("result"), "{answer:?}");
    Ok(person)
}

/// The message inside a copy.
#[track_caller]
fn copied<'a>(message: &'a Element, direction: &str, person: &Person) -> &'a Element {
    let wrapper = message.child(direction, CARBONS).unwrap_or_else(|| panic!("no copy: {message:?}"));
    assert_eq!(message.attribute("from"), Some(person.bare()), "only the own account's copies are true");
    assert_eq!(message.attribute("to"), Some(person.jid.as_str()));
    wrapper.find("message", "jabber:client").unwrap_or_else(|| panic!("an empty copy: {message:?}"))
}

#[tokio::test]
async fn what_one_client_sends_and_receives_the_others_see() {
    let office = Office::open().await.unwrap();
    let mut pc = office.person("alice", "pc").await.unwrap();
    let mut phone = with_copies(&office, "alice", "phone").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    pc.write_to(bob.bare(), "out").await.unwrap();
    bob.next_message().await.unwrap();
    let copy = phone.next_message().await.unwrap();
    let inner = copied(&copy, "sent", &phone);
    assert_eq!((inner.body(), inner.attribute("from")), ("out", Some(pc.jid.as_str())));
    let id = inner.child("stanza-id", "urn:xmpp:sid:0").expect("the copy names its place in the archive");
    assert_eq!(id.attribute("by"), Some(phone.bare()));
    bob.write_to(&pc.jid, "in").await.unwrap();
    assert_eq!(pc.next_message().await.unwrap().body(), "in");
    let copy = phone.next_message().await.unwrap();
    let inner = copied(&copy, "received", &phone);
    assert_eq!((inner.body(), inner.attribute("to")), ("in", Some(pc.jid.as_str())));
    assert!(bob.all_messages().await.unwrap().is_empty() && pc.all_messages().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_message_to_all_clients_comes_to_each_once() {
    let office = Office::open().await.unwrap();
    let mut pc = with_copies(&office, "alice", "pc").await.unwrap();
    let mut phone = with_copies(&office, "alice", "phone").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    bob.write_to(&address("alice"), "to all").await.unwrap();
    bob.everything().await.unwrap();
    for client in [&mut pc, &mut phone] {
        let messages = client.all_messages().await.unwrap();
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert_eq!(messages[0].body(), "to all");
    }
}

#[tokio::test]
async fn receipts_markers_and_calls_are_copied_and_what_is_private_is_not() {
    let office = Office::open().await.unwrap();
    let mut pc = office.person("alice", "pc").await.unwrap();
    let mut phone = with_copies(&office, "alice", "phone").await.unwrap();
    let to = address("bob");
    for (content, is_copied) in [
        ("<received xmlns='urn:xmpp:receipts' id='1'/>", true),
        ("<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", true),
        ("<propose xmlns='urn:xmpp:jingle-message:0' id='1'/>", true),
        ("<active xmlns='http://jabber.org/protocol/chatstates'/>", true),
        ("<body>x</body><private xmlns='urn:xmpp:carbons:2'/><no-copy xmlns='urn:xmpp:hints'/>", false),
        ("<body>x</body><no-copy xmlns='urn:xmpp:hints'/>", false),
    ] {
        pc.send(&format!("<message type='chat' to='{to}'>{content}</message>")).await.unwrap();
        pc.everything().await.unwrap();
        let copies = phone.all_messages().await.unwrap();
        assert_eq!(copies.len(), usize::from(is_copied), "{content}: {copies:?}");
    }
    for kind in ["error", "headline", "groupchat"] {
        let message = format!("<message type='{kind}' to='{to}'><body>x</body></message>");
        pc.send(&message).await.unwrap();
        pc.everything().await.unwrap();
        assert!(phone.all_messages().await.unwrap().is_empty(), "{kind}");
    }
}

#[tokio::test]
async fn copies_come_only_to_who_asked_and_only_as_long() {
    let office = Office::open().await.unwrap();
    let mut pc = office.person("alice", "pc").await.unwrap();
    let mut phone = with_copies(&office, "alice", "phone").await.unwrap();
    let mut tablet = office.person("alice", "tablet").await.unwrap();
    pc.write_to(&address("bob"), "1").await.unwrap();
    pc.everything().await.unwrap();
    assert_eq!(phone.all_messages().await.unwrap().len(), 1);
    assert!(tablet.all_messages().await.unwrap().is_empty());
    phone.ask("set", &format!("<disable xmlns='{CARBONS}'/>")).await.unwrap();
    pc.write_to(&address("bob"), "2").await.unwrap();
    pc.everything().await.unwrap();
    assert!(phone.all_messages().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_message_to_oneself_comes_to_each_client_once() {
    let office = Office::open().await.unwrap();
    let mut pc = with_copies(&office, "alice", "pc").await.unwrap();
    let mut phone = with_copies(&office, "alice", "phone").await.unwrap();
    pc.write_to(&address("alice"), "note").await.unwrap();
    pc.everything().await.unwrap();
    let there = phone.all_messages().await.unwrap();
    assert_eq!(there.len(), 1, "{there:?}");
    assert_eq!(there[0].body(), "note");
}

#[tokio::test]
async fn a_refused_message_is_not_copied() {
    let office = Office::open().await.unwrap();
    let mut pc = office.person("alice", "pc").await.unwrap();
    let mut phone = with_copies(&office, "alice", "phone").await.unwrap();
    pc.write_to("bob@elsewhere.example", "x").await.unwrap();
    assert_eq!(pc.next_message().await.unwrap().condition(), "remote-server-not-found");
    pc.write_to(&address("nobody"), "x").await.unwrap();
    assert_eq!(pc.next_message().await.unwrap().condition(), "service-unavailable");
    let copies = phone.all_messages().await.unwrap();
    assert!(copies.is_empty(), "{copies:?}");
}
