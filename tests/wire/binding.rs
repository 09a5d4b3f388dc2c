//! Resources: chosen, given, taken over, refused.

use posthouse_tests::raw_client::Person;
use posthouse_tests::server_process::DOMAIN;

use crate::office::Office;

#[tokio::test]
async fn the_client_chooses_its_resource_or_gets_one_that_nobody_can_guess() {
    let office = Office::open().await.unwrap();
    let mut client = office.signed_in("alice").await.unwrap();
    assert_eq!(
        client.bind(Some("办公室 &amp; home")).await.unwrap(),
        format!("alice@{DOMAIN}/办公室 & home")
    );
    let mut client = office.signed_in("alice").await.unwrap();
    let jid = client.bind(None).await.unwrap();
    assert!(jid.split('/').nth(1).is_some_and(|resource| resource.len() >= 16), "{jid}");
}

#[tokio::test]
async fn a_client_that_comes_back_takes_its_resource_from_its_former_self() {
    let office = Office::open().await.unwrap();
    let mut before = office.person("alice", "pc").await.unwrap();
    let mut after = office.person("alice", "pc").await.unwrap();
    assert_eq!(before.client.stream_error().await.unwrap(), "conflict");
    let mut bob = office.person("bob", "pc").await.unwrap();
    bob.write_to(&after.jid, "hello").await.unwrap();
    assert_eq!(after.next_message().await.unwrap().body(), "hello");
}

#[tokio::test]
async fn an_old_clients_request_for_a_session_is_answered() {
    let office = Office::open().await.unwrap();
    let mut alice = office.bound("alice", "pc").await.unwrap();
    let session = "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>";
    let answer = alice.ask("set", session).await.unwrap();
    assert_eq!(answer.attribute("type"), Some("result"), "{answer:?}");
    let answer = alice.ask_at(DOMAIN, "set", session).await.unwrap();
    assert_eq!(answer.attribute("type"), Some("result"), "{answer:?}");
}

#[tokio::test]
async fn nobody_has_more_sessions_than_allowed() {
    let office = Office::open_with(&[("sessions_per_person", "2")], "").await.unwrap();
    let _first = office.bound("alice", "1").await.unwrap();
    let mut second = office.bound("alice", "2").await.unwrap();
    let mut client = office.signed_in("alice").await.unwrap();
    let answer = client.ask_for_resource(Some("3")).await.unwrap();
    assert_eq!(answer.condition(), "resource-constraint");
    // The stream goes on, and a resource of one's own may still be taken over.
    let jid = client.bind(Some("2")).await.unwrap();
    assert_eq!(second.client.stream_error().await.unwrap(), "conflict");
    let mut third = Person::new(client, jid);
    assert!(third.everything().await.is_ok());
}

#[tokio::test]
async fn a_resource_that_is_none_is_refused_and_another_taken() {
    let office = Office::open().await.unwrap();
    let mut client = office.signed_in("alice").await.unwrap();
    let answer = client.ask_for_resource(Some(&"x".repeat(1_024))).await.unwrap();
    assert_eq!(answer.condition(), "bad-request");
    assert!(client.bind(Some(&"x".repeat(1_023))).await.is_ok());
}

#[tokio::test]
async fn before_binding_nothing_is_routed() {
    let office = Office::open().await.unwrap();
    let mut client = office.signed_in("alice").await.unwrap();
    client.send("<message to='bob@posthouse.test'><body>x</body></message>").await.unwrap();
    assert_eq!(client.stream_error().await.unwrap(), "not-authorized");
}

#[tokio::test]
async fn every_stanza_goes_out_in_the_senders_own_name() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    alice
        .send(&format!(
            "<message from='carol@{DOMAIN}/x' to='bob@{DOMAIN}' type='chat'><body>it is me</body></message>"
        ))
        .await
        .unwrap();
    assert_eq!(bob.next_message().await.unwrap().attribute("from"), Some(alice.jid.as_str()));
}
