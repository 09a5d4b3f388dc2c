//! Clients that are too slow, too many or too loud.

use std::time::{Duration, Instant};

use posthouse_tests::raw_client::PATIENCE;
use posthouse_tests::server_process::DOMAIN;

use crate::office::Office;

#[tokio::test]
async fn a_connection_that_does_not_sign_in_in_time_is_closed() {
    let office = Office::open_with(&[("login_seconds", "1")], "").await.unwrap();
    let began = Instant::now();
    let mut silent = office.connect("any").await.unwrap();
    let mut plain = office.connect("starttls").await.unwrap();
    plain.open_stream(DOMAIN).await.unwrap();
    let mut secured = office.secured().await.unwrap();
    let mut signed_in = office.signed_in("alice").await.unwrap();
    silent.is_closed().await.unwrap();
    for client in [&mut plain, &mut secured, &mut signed_in] {
        // With or without a word about it.
        while client.next_piece().await.unwrap().is_some() {}
    }
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn one_byte_now_and_then_does_not_keep_a_connection_open() {
    let office = Office::open_with(&[("login_seconds", "1")], "").await.unwrap();
    let mut client = office.connect("any").await.unwrap();
    let drips = async {
        while client.send(" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, drips).await.expect("the connection is closed");
}

#[tokio::test]
async fn a_bound_session_may_be_silent() {
    let office = Office::open_with(&[("login_seconds", "1")], "").await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut silent = office.connect("any").await.unwrap();
    silent.is_closed().await.unwrap();
    assert!(alice.everything().await.is_ok());
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_no_more() {
    let office = Office::open_with(&[("connections_per_address", "3")], "").await.unwrap();
    let _first = office.person("alice", "pc").await.unwrap();
    let _second = office.person("bob", "pc").await.unwrap();
    let third = office.person("carol", "pc").await.unwrap();
    let mut fourth = office.connect("any").await.unwrap();
    fourth.is_closed().await.unwrap();
    drop(third);
    let admitted = async { while office.person("dave", "pc").await.is_err() {} };
    tokio::time::timeout(PATIENCE, admitted).await.expect("a free place is given away");
}

#[tokio::test]
async fn the_server_has_so_many_connections_and_no_more() {
    let office = Office::open_with(&[("connections", "2")], "").await.unwrap();
    let _first = office.person("alice", "pc").await.unwrap();
    let second = office.person("bob", "pc").await.unwrap();
    let mut third = office.connect("any").await.unwrap();
    third.is_closed().await.unwrap();
    drop(second);
    let admitted = async { while office.person("carol", "pc").await.is_err() {} };
    tokio::time::timeout(PATIENCE, admitted).await.expect("a free place is given away");
}

#[tokio::test]
async fn an_address_opens_connections_no_faster_than_allowed() {
    let office = Office::open_with(&[("new_connections_per_second", "1")], "").await.unwrap();
    let mut connections = Vec::new();
    for _ in 0..20 {
        connections.push(office.connect("any").await.unwrap());
    }
    connections.last_mut().unwrap().is_closed().await.unwrap();
    // The first ones have places.
    connections[0].open_stream(DOMAIN).await.unwrap();
}

#[tokio::test]
async fn before_the_login_little_is_listened_to() {
    let office = Office::open_with(&[("stanza_bytes_before_login", "2000")], "").await.unwrap();
    let mut client = office.secured().await.unwrap();
    let long = "A".repeat(4_000);
    let auth =
        format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>{long}</auth>");
    client.send(&auth).await.unwrap();
    assert_eq!(client.stream_error().await.unwrap(), "policy-violation");
}

#[tokio::test]
async fn who_sends_too_much_is_read_more_slowly_and_loses_nothing() {
    let office = Office::open_with(&[("bytes_per_second", "20000")], "").await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let text = "x".repeat(1_000);
    let began = Instant::now();
    for number in 0..100 {
        alice.write_to(bob.bare(), &format!("{number} {text}")).await.unwrap();
    }
    for number in 0..100 {
        let message = bob.next_message().await.unwrap();
        assert!(message.body().starts_with(&format!("{number} ")));
    }
    // 100 kB at 20 kB a second, the first seconds' worth at once.
    assert!(began.elapsed() > Duration::from_secs(2), "{:?}", began.elapsed());
    // Others are not held up.
    let began = Instant::now();
    bob.everything().await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_let_go_and_its_messages_wait_for_it() {
    let office = Office::open().await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let deaf = office.person("alice", "pc").await.unwrap();
    let text = "x".repeat(8_000);
    let sent = 3_000;
    for number in 0..sent {
        bob.write_to(deaf.bare(), &format!("{number} {text}")).await.unwrap();
        if number % 100 == 0 {
            bob.everything().await.unwrap();
        }
    }
    assert!(bob.all_messages().await.unwrap().is_empty(), "the sender is told nothing and waits for nobody");
    drop(deaf);
    let mut alice = office.bound("alice", "new").await.unwrap();
    alice.send("<presence/>").await.unwrap();
    let mut last = None;
    while last != Some(sent - 1) {
        let message = alice.next_message().await.unwrap();
        let number: i32 = message.body().split(' ').next().unwrap().parse().unwrap();
        assert!(last.is_none_or(|last| number == last + 1), "{last:?}, then {number}");
        last = Some(number);
    }
}
