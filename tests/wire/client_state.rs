//! Clients that nobody looks at are spared what can wait (XEP-0352).

use posthouse_tests::element::Element;

use crate::office::Office;

fn shows(presence: &Element) -> String {
    presence.child("show", "jabber:client").map(|show| show.text.clone()).unwrap_or_default()
}

#[tokio::test]
async fn presence_and_typing_wait_and_only_the_newest_comes() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "phone").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    alice.everything().await.unwrap();
    alice.send("<inactive xmlns='urn:xmpp:csi:0'/>").await.unwrap();
    alice.everything().await.unwrap();
    for show in ["away", "dnd", "xa"] {
        bob.send(&format!("<presence><show>{show}</show></presence>")).await.unwrap();
    }
    let typing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
    bob.send(&format!("<message type='chat' to='{}'>{typing}</message>", alice.jid)).await.unwrap();
    bob.everything().await.unwrap();
    alice.send("<active xmlns='urn:xmpp:csi:0'/>").await.unwrap();
    let come = alice.everything().await.unwrap();
    let presences: Vec<String> = come.iter().filter(|stanza| stanza.name == "presence").map(shows).collect();
    assert_eq!(presences, ["xa"]);
    assert_eq!(come.iter().filter(|stanza| stanza.name == "message").count(), 1, "{come:?}");
}

#[tokio::test]
async fn a_message_comes_at_once_behind_what_was_held() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "phone").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    alice.everything().await.unwrap();
    alice.send("<inactive xmlns='urn:xmpp:csi:0'/>").await.unwrap();
    alice.everything().await.unwrap();
    bob.send("<presence><show>away</show></presence>").await.unwrap();
    bob.write_to(&alice.jid, "urgent").await.unwrap();
    let presence = alice.next_where(|_| true).await.unwrap();
    assert_eq!((presence.name.as_str(), shows(&presence).as_str()), ("presence", "away"));
    assert_eq!(alice.next_where(|_| true).await.unwrap().body(), "urgent");
}

#[tokio::test]
async fn who_looks_gets_everything_at_once() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "phone").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    alice.everything().await.unwrap();
    for show in ["away", "dnd"] {
        bob.send(&format!("<presence><show>{show}</show></presence>")).await.unwrap();
        assert_eq!(shows(&alice.next_presence().await.unwrap()), show);
    }
}
