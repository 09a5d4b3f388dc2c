//! Messages for people who are not there (XEP-0160).

use crate::office::{Office, address};

#[tokio::test]
async fn messages_wait_in_order_with_their_times() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut carol = office.person("carol", "pc").await.unwrap();
    for number in 0..60 {
        let sender = if number % 2 == 0 { &mut alice } else { &mut carol };
        sender.write_to(&address("bob"), &number.to_string()).await.unwrap();
        sender.everything().await.unwrap();
    }
    let mut bob = office.bound("bob", "pc").await.unwrap();
    bob.send("<presence/>").await.unwrap();
    let mut stamps = Vec::new();
    for number in 0..60 {
        let message = bob.next_message().await.unwrap();
        assert_eq!(message.body(), number.to_string());
        let delay = message.child("delay", "urn:xmpp:delay").unwrap();
        let stamp = delay.attribute("stamp").unwrap().to_owned();
        assert!(stamp.ends_with('Z') && stamp.contains('T'), "{stamp}");
        stamps.push(stamp);
        assert!(message.has("stanza-id", "urn:xmpp:sid:0"), "the same id as in the archive");
    }
    assert!(stamps.is_sorted());
    assert!(bob.all_messages().await.unwrap().is_empty());
}

#[tokio::test]
async fn they_come_after_the_first_presence_and_not_before() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.write_to(&address("bob"), "waits").await.unwrap();
    alice.everything().await.unwrap();
    let mut bob = office.bound("bob", "pc").await.unwrap();
    let roster = bob.ask("get", "<query xmlns='jabber:iq:roster'/>").await.unwrap();
    assert_eq!(roster.attribute("type"), Some("result"));
    assert!(bob.all_messages().await.unwrap().is_empty());
    bob.send("<presence/>").await.unwrap();
    assert_eq!(bob.next_message().await.unwrap().body(), "waits");
}

#[tokio::test]
async fn they_come_once() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.write_to(&address("bob"), "once").await.unwrap();
    alice.everything().await.unwrap();
    let mut bob = office.bound("bob", "pc").await.unwrap();
    bob.send("<presence/>").await.unwrap();
    assert_eq!(bob.next_message().await.unwrap().body(), "once");
    bob.send("</stream:stream>").await.unwrap();
    bob.client.ends().await.unwrap();
    let mut bob = office.person("bob", "phone").await.unwrap();
    assert!(bob.all_messages().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_client_of_negative_priority_gets_none_until_it_rises() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.bound("bob", "pc").await.unwrap();
    bob.send("<presence><priority>-1</priority></presence>").await.unwrap();
    bob.everything().await.unwrap();
    alice.write_to(&address("bob"), "for the bare address").await.unwrap();
    alice.write_to(&bob.jid, "for this client").await.unwrap();
    alice.everything().await.unwrap();
    let messages = bob.all_messages().await.unwrap();
    assert_eq!(messages.iter().map(|it| it.body()).collect::<Vec<_>>(), ["for this client"]);
    bob.send("<presence><priority>0</priority></presence>").await.unwrap();
    assert_eq!(bob.next_message().await.unwrap().body(), "for the bare address");
}

#[tokio::test]
async fn what_is_of_the_moment_is_not_kept() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let to = address("bob");
    for stanza in [
        format!(
            "<message type='chat' to='{to}'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>"
        ),
        format!("<message type='headline' to='{to}'><body>x</body></message>"),
        format!("<message type='error' to='{to}'><error type='cancel'/></message>"),
    ] {
        alice.send(&stanza).await.unwrap();
        let answers = alice.everything().await.unwrap();
        assert!(answers.is_empty(), "{stanza}: {answers:?}");
    }
    // Who wants it not to be kept is told that it was lost.
    alice
        .send(&format!(
            "<message type='chat' id='n' to='{to}'><body>x</body><no-store xmlns='urn:xmpp:hints'/></message>"
        ))
        .await
        .unwrap();
    assert_eq!(alice.next_message().await.unwrap().condition(), "service-unavailable");
    let mut bob = office.person("bob", "pc").await.unwrap();
    assert!(bob.all_messages().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_full_store_says_so_to_the_sender() {
    let office = Office::open_with(&[("offline_messages", "5")], "").await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    for number in 0..6 {
        alice.write_to(&address("bob"), &number.to_string()).await.unwrap();
    }
    assert_eq!(alice.next_message().await.unwrap().condition(), "resource-constraint");
    let mut bob = office.bound("bob", "pc").await.unwrap();
    bob.send("<presence/>").await.unwrap();
    for number in 0..5 {
        assert_eq!(bob.next_message().await.unwrap().body(), number.to_string());
    }
    assert!(bob.all_messages().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_message_sent_twice_under_one_origin_id_waits_once() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let message = format!(
        "<message type='chat' id='m1' to='{}'><body>once</body>\
         <origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>",
        address("bob")
    );
    alice.send(&message).await.unwrap();
    alice.send(&message).await.unwrap();
    alice.everything().await.unwrap();
    let mut alice = office.person("alice", "again").await.unwrap();
    alice.send(&message).await.unwrap();
    alice.everything().await.unwrap();
    let mut bob = office.bound("bob", "pc").await.unwrap();
    bob.send("<presence/>").await.unwrap();
    assert_eq!(bob.next_message().await.unwrap().body(), "once");
    assert!(bob.all_messages().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_forged_id_does_not_reach_the_receiver() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let to = address("bob");
    alice
        .send(&format!(
            "<message type='chat' to='{to}'><body>x</body>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='{to}' id='forged'/></message>"
        ))
        .await
        .unwrap();
    let message = bob.next_message().await.unwrap();
    let ids: Vec<_> = message.children.iter().filter(|child| child.name == "stanza-id").collect();
    assert_eq!(ids.len(), 1, "{message:?}");
    assert_ne!(ids[0].attribute("id"), Some("forged"));
}
