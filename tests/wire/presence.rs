//! Who is there, told to standard clients (RFC 6121 section 4).

use posthouse_tests::element::Element;

use crate::office::{Office, address};

fn from_of(presence: &Element) -> &str {
    presence.attribute("from").unwrap_or_default()
}

#[tokio::test]
async fn colleagues_see_each_other_come_change_and_go() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.bound("bob", "pc").await.unwrap();
    bob.send("<presence><show>away</show><status>在开会</status><priority>3</priority></presence>")
        .await
        .unwrap();
    let seen = alice.next_presence().await.unwrap();
    assert_eq!((from_of(&seen), seen.attribute("to")), (bob.jid.as_str(), Some(alice.bare())));
    assert_eq!(seen.child("show", "jabber:client").unwrap().text, "away");
    assert_eq!(seen.child("status", "jabber:client").unwrap().text, "在开会");
    // Who comes later is shown who is there already.
    let jid = alice.jid.clone();
    bob.next_where(|it| from_of(it) == jid).await.unwrap();
    bob.send("<presence type='unavailable'><status>bye</status></presence>").await.unwrap();
    let gone = alice.next_presence().await.unwrap();
    assert_eq!((from_of(&gone), gone.attribute("type")), (bob.jid.as_str(), Some("unavailable")));
    assert_eq!(gone.child("status", "jabber:client").unwrap().text, "bye");
}

#[tokio::test]
async fn a_cut_connection_is_told_like_a_farewell() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    alice.everything().await.unwrap();
    let jid = bob.jid.clone();
    bob.client.cut();
    let gone = alice.next_presence().await.unwrap();
    assert_eq!((from_of(&gone), gone.attribute("type")), (jid.as_str(), Some("unavailable")));
}

#[tokio::test]
async fn several_clients_of_one_person_see_each_other() {
    let office = Office::open().await.unwrap();
    let mut pc = office.person("alice", "pc").await.unwrap();
    let mut phone = office.bound("alice", "phone").await.unwrap();
    phone.send("<presence/>").await.unwrap();
    let jid = phone.jid.clone();
    pc.next_where(|it| from_of(it) == jid).await.unwrap();
    let jid = pc.jid.clone();
    phone.next_where(|it| from_of(it) == jid).await.unwrap();
}

#[tokio::test]
async fn probes_are_answered_with_what_is_known() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    bob.send("<presence><show>dnd</show></presence>").await.unwrap();
    bob.everything().await.unwrap();
    alice.everything().await.unwrap();
    alice.send(&format!("<presence type='probe' to='{}'/>", bob.bare())).await.unwrap();
    let answer = alice.next_presence().await.unwrap();
    assert_eq!(answer.child("show", "jabber:client").unwrap().text, "dnd");
    // RFC 6121 section 4.3.2: somebody who is not there is said to be unavailable.
    alice.send(&format!("<presence type='probe' to='{}'/>", address("carol"))).await.unwrap();
    let answer = alice.next_presence().await.unwrap();
    assert_eq!(
        (from_of(&answer), answer.attribute("type")),
        (address("carol").as_str(), Some("unavailable"))
    );
}

#[tokio::test]
async fn directed_presence_reaches_its_receiver_and_so_does_its_end() {
    let office = Office::open().await.unwrap();
    let mut alice = office.bound("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    alice.send(&format!("<presence to='{}'><show>chat</show></presence>", bob.jid)).await.unwrap();
    let jid = alice.jid.clone();
    let seen = bob.next_where(|it| from_of(it) == jid).await.unwrap();
    assert_eq!(seen.child("show", "jabber:client").unwrap().text, "chat");
    alice.client.cut();
    let gone = bob.next_where(|it| from_of(it) == jid).await.unwrap();
    assert_eq!(gone.attribute("type"), Some("unavailable"));
}

#[tokio::test]
async fn asking_a_colleague_for_presence_is_granted_at_once() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.send(&format!("<presence type='subscribe' to='{}'/>", address("bob"))).await.unwrap();
    let answer = alice.next_presence().await.unwrap();
    assert_eq!((from_of(&answer), answer.attribute("type")), (address("bob").as_str(), Some("subscribed")));
    alice.send(&format!("<presence type='subscribe' to='{}'/>", address("nobody"))).await.unwrap();
    assert_eq!(alice.next_presence().await.unwrap().attribute("type"), Some("unsubscribed"));
}

#[tokio::test]
async fn presence_of_an_unknown_type_is_refused() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.send("<presence type='invisible'/>").await.unwrap();
    assert_eq!(alice.next_presence().await.unwrap().condition(), "bad-request");
}

#[tokio::test]
async fn messages_to_the_bare_address_go_to_every_client_that_wants_them() {
    let office = Office::open().await.unwrap();
    let mut high = office.bound("alice", "high").await.unwrap();
    let mut low = office.bound("alice", "low").await.unwrap();
    let mut negative = office.bound("alice", "negative").await.unwrap();
    for (client, priority) in [(&mut high, 10), (&mut low, 0), (&mut negative, -1)] {
        client.send(&format!("<presence><priority>{priority}</priority></presence>")).await.unwrap();
        client.everything().await.unwrap();
    }
    let mut bob = office.person("bob", "pc").await.unwrap();
    bob.write_to(&address("alice"), "hello").await.unwrap();
    assert_eq!(high.next_message().await.unwrap().body(), "hello");
    assert_eq!(low.next_message().await.unwrap().body(), "hello");
    assert!(negative.all_messages().await.unwrap().is_empty());
}
