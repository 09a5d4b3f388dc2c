//! Stream management (XEP-0198): counts, acknowledgements, sessions that outlive their connection.

use posthouse_tests::server_process::DOMAIN;

use crate::office::{Office, address};

const MANAGEMENT: &str = "urn:xmpp:sm:3";

#[tokio::test]
async fn stanzas_are_counted_from_the_moment_it_is_on() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.enable_management(false).await.unwrap();
    assert_eq!(alice.acknowledged().await.unwrap(), 0);
    alice.write_to(&address("bob"), "1").await.unwrap();
    alice.send("<presence/>").await.unwrap();
    alice.everything().await.unwrap();
    assert_eq!(alice.acknowledged().await.unwrap(), 3);
}

#[tokio::test]
async fn the_server_asks_and_believes_only_what_can_be() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.enable_management(false).await.unwrap();
    alice.set_answering(false);
    alice.send("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>").await.unwrap();
    alice.next_nonza("r").await.unwrap();
    alice.send(&format!("<a xmlns='{MANAGEMENT}' h='1'/>")).await.unwrap();
    alice.everything().await.unwrap();
    alice.send(&format!("<a xmlns='{MANAGEMENT}' h='3'/>")).await.unwrap();
    assert_eq!(alice.stream_error().await.unwrap(), "undefined-condition");
}

#[tokio::test]
async fn it_is_switched_on_once_and_only_in_a_session() {
    let office = Office::open().await.unwrap();
    let mut client = office.signed_in("alice").await.unwrap();
    client.send(&format!("<enable xmlns='{MANAGEMENT}'/>")).await.unwrap();
    let refused = client.next_element().await.unwrap();
    assert!(refused.name == "failed" && refused.namespace == MANAGEMENT, "{refused:?}");
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.enable_management(true).await.unwrap();
    alice.send(&format!("<enable xmlns='{MANAGEMENT}' resume='true'/>")).await.unwrap();
    assert_eq!(alice.next_nonza("failed").await.unwrap().namespace, MANAGEMENT);
    assert!(alice.everything().await.is_ok(), "the session goes on");
}

#[tokio::test]
async fn what_is_acknowledged_survives_a_power_failure() {
    let mut office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.enable_management(false).await.unwrap();
    for number in 0..20 {
        alice.write_to(&address("bob"), &number.to_string()).await.unwrap();
    }
    let acknowledged = alice.acknowledged().await.unwrap();
    office.server.kill().await.unwrap();
    office.server.run().await.unwrap();
    let mut bob = office.bound("bob", "pc").await.unwrap();
    bob.send("<presence/>").await.unwrap();
    for number in 0..acknowledged {
        assert_eq!(bob.next_message().await.unwrap().body(), number.to_string());
    }
    assert_eq!(acknowledged, 20);
}

#[tokio::test]
async fn a_session_goes_on_behind_a_cut_where_it_was_before() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let enabled = alice.enable_management(true).await.unwrap();
    assert_eq!(enabled.attribute("resume"), Some("true"));
    alice.write_to(bob.bare(), "before").await.unwrap();
    alice.everything().await.unwrap();
    alice.client.cut();
    bob.write_to(alice.bare(), "1").await.unwrap();
    bob.write_to(&alice.jid, "2").await.unwrap();
    let seen = bob.everything().await.unwrap();
    assert!(seen.iter().all(|it| it.name == "message"), "the session never was away: {seen:?}");
    assert_eq!(seen.iter().map(|it| it.body()).collect::<Vec<_>>(), ["before"]);
    let client = office.signed_in("alice").await.unwrap();
    assert_eq!(alice.resume_on(client).await.unwrap(), 2, "a message and a ping were handled");
    assert_eq!(alice.next_message().await.unwrap().body(), "1");
    let second = alice.next_message().await.unwrap();
    assert_eq!(second.body(), "2");
    assert!(!second.has("delay", "urn:xmpp:delay"), "the session never was away");
    // The session is the same: no new presence, no new binding.
    alice.write_to(bob.bare(), "after").await.unwrap();
    let after = bob.next_message().await.unwrap();
    assert_eq!((after.body(), after.attribute("from")), ("after", Some(alice.jid.as_str())));
}

#[tokio::test]
async fn what_the_client_did_not_acknowledge_comes_again_and_what_it_did_does_not() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    alice.enable_management(true).await.unwrap();
    alice.set_answering(false);
    for text in ["1", "2", "3"] {
        bob.write_to(&alice.jid, text).await.unwrap();
    }
    assert_eq!(alice.next_message().await.unwrap().body(), "1");
    assert_eq!(alice.received(), 1);
    alice.client.cut();
    let client = office.signed_in("alice").await.unwrap();
    alice.resume_on(client).await.unwrap();
    let again: Vec<String> =
        alice.all_messages().await.unwrap().iter().map(|message| message.body().to_owned()).collect();
    assert_eq!(again, ["2", "3"]);
}

#[tokio::test]
async fn a_client_may_resume_before_the_server_has_noticed_the_cut() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    alice.enable_management(true).await.unwrap();
    let client = office.signed_in("alice").await.unwrap();
    let mut former = {
        let stale = office.signed_in("alice").await.unwrap();
        let former = std::mem::replace(&mut alice.client, stale);
        alice.resume_on(client).await.unwrap();
        former
    };
    former.is_closed().await.unwrap();
    bob.write_to(&alice.jid, "hello").await.unwrap();
    assert_eq!(alice.next_message().await.unwrap().body(), "hello");
}

#[tokio::test]
async fn a_resumption_that_comes_too_late_says_how_far_the_session_came() {
    let office = Office::open().await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.send(&format!("<enable xmlns='{MANAGEMENT}' resume='true' max='1'/>")).await.unwrap();
    let enabled = alice.next_nonza("enabled").await.unwrap();
    assert_eq!(enabled.attribute("max"), Some("1"));
    let token = enabled.attribute("id").unwrap().to_owned();
    alice.write_to(bob.bare(), "handled").await.unwrap();
    bob.next_message().await.unwrap();
    alice.client.cut();
    bob.write_to(&alice.jid, "while it was away").await.unwrap();
    let jid = alice.jid.clone();
    bob.next_where(|it| {
        it.attribute("type") == Some("unavailable") && it.attribute("from") == Some(jid.as_str())
    })
    .await
    .unwrap();
    let mut client = office.signed_in("alice").await.unwrap();
    client.send(&format!("<resume xmlns='{MANAGEMENT}' h='0' previd='{token}'/>")).await.unwrap();
    let failed = client.next_element().await.unwrap();
    assert_eq!((failed.name.as_str(), failed.attribute("h")), ("failed", Some("1")), "{failed:?}");
    assert!(failed.has("item-not-found", "urn:ietf:params:xml:ns:xmpp-stanzas"));
    // What it was never given waits in the store, for a new session on the same stream.
    let jid = client.bind(Some("pc")).await.unwrap();
    let mut alice = posthouse_tests::raw_client::Person::new(client, jid);
    alice.send("<presence/>").await.unwrap();
    let message = alice.next_message().await.unwrap();
    assert_eq!(message.body(), "while it was away");
    assert!(message.has("delay", "urn:xmpp:delay"));
}

#[tokio::test]
async fn nobody_resumes_somebody_elses_session() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.enable_management(true).await.unwrap();
    let token = alice.token().unwrap().to_owned();
    let mut client = office.signed_in("bob").await.unwrap();
    for previous in [token.as_str(), "invented"] {
        client.send(&format!("<resume xmlns='{MANAGEMENT}' h='0' previd='{previous}'/>")).await.unwrap();
        let failed = client.next_element().await.unwrap();
        assert_eq!((failed.name.as_str(), failed.attribute("h")), ("failed", None), "{failed:?}");
    }
    assert!(alice.everything().await.is_ok());
}

#[tokio::test]
async fn a_resumption_with_an_impossible_count_ends_the_session() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.enable_management(true).await.unwrap();
    let token = alice.token().unwrap().to_owned();
    alice.client.cut();
    let mut client = office.signed_in("alice").await.unwrap();
    client.send(&format!("<resume xmlns='{MANAGEMENT}' h='1000' previd='{token}'/>")).await.unwrap();
    assert_eq!(client.stream_error().await.unwrap(), "undefined-condition");
}

#[tokio::test]
async fn a_session_whose_client_stays_away_holds_so_much_and_the_rest_waits_in_the_store() {
    let office = Office::open().await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.enable_management(true).await.unwrap();
    alice.client.cut();
    for number in 0..3_000 {
        bob.write_to(alice.bare(), &number.to_string()).await.unwrap();
    }
    assert!(bob.all_messages().await.unwrap().is_empty(), "the sender is told nothing");
    let mut again = office.bound("alice", "new").await.unwrap();
    again.send("<presence/>").await.unwrap();
    for number in 0..3_000 {
        assert_eq!(again.next_message().await.unwrap().body(), number.to_string());
    }
    assert!(again.all_messages().await.unwrap().is_empty(), "nothing comes twice");
}

#[tokio::test]
async fn a_session_that_is_lost_while_it_is_given_what_waits_keeps_the_order() {
    let office = Office::open().await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let mut alice = office.bound("alice", "pc").await.unwrap();
    alice.send("<presence/>").await.unwrap();
    alice.enable_management(true).await.unwrap();
    alice.client.cut();
    for number in 0..3_000 {
        bob.write_to(&address("alice"), &number.to_string()).await.unwrap();
    }
    bob.everything().await.unwrap();
    let mut again = office.bound("alice", "new").await.unwrap();
    again.send("<presence/>").await.unwrap();
    for number in 0..3_000 {
        assert_eq!(again.next_message().await.unwrap().body(), number.to_string());
    }
    assert!(again.all_messages().await.unwrap().is_empty(), "nothing comes twice");
}

#[tokio::test]
async fn a_clean_end_leaves_nothing_to_resume() {
    let office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.enable_management(true).await.unwrap();
    let token = alice.token().unwrap().to_owned();
    alice.send("</stream:stream>").await.unwrap();
    alice.client.ends().await.unwrap();
    let mut client = office.signed_in("alice").await.unwrap();
    client.send(&format!("<resume xmlns='{MANAGEMENT}' h='0' previd='{token}'/>")).await.unwrap();
    assert_eq!(client.next_element().await.unwrap().name, "failed");
}

#[tokio::test]
async fn a_restart_in_good_order_says_so_and_loses_nothing() {
    let mut office = Office::open().await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    alice.enable_management(true).await.unwrap();
    alice.client.cut();
    bob.write_to(alice.bare(), "before").await.unwrap();
    bob.everything().await.unwrap();
    office.server.stop().await.unwrap();
    assert_eq!(bob.stream_error().await.unwrap(), "system-shutdown");
    office.server.run().await.unwrap();
    let mut alice = office.bound("alice", "pc").await.unwrap();
    alice.send("<presence/>").await.unwrap();
    assert_eq!(alice.next_message().await.unwrap().body(), "before");
    assert!(alice.all_messages().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_request_to_a_client_that_never_comes_back_is_answered_with_an_error() {
    let office = Office::open().await.unwrap();
    let mut bob = office.person("bob", "pc").await.unwrap();
    let mut alice = office.person("alice", "pc").await.unwrap();
    alice.send(&format!("<enable xmlns='{MANAGEMENT}' resume='true' max='1'/>")).await.unwrap();
    alice.next_nonza("enabled").await.unwrap();
    alice.client.cut();
    let answer = bob.ask_at(&alice.jid, "get", "<ping xmlns='urn:xmpp:ping'/>").await.unwrap();
    assert_eq!(answer.condition(), "recipient-unavailable");
    assert_eq!(answer.attribute("from"), Some(format!("alice@{DOMAIN}/pc").as_str()));
}
