//! Scenes of messages: the real router and steps over a real database; only the network is missing.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a scene that cannot go on has failed")]

#[path = "messages/house.rs"]
mod house;
#[path = "messages/kills.rs"]
mod kills;
#[path = "messages/whatever_happens.rs"]
mod whatever_happens;

use house::{House, stanza_id, text};
use jid::BareJid;
use posthouse_server::routing::outcome::Outcome;

/// Of the moment for its sender, not for its receiver.
const NOT_STORED: &str = "<message to='bob@example.org' type='chat'><body>3: not stored</body>\
                          <no-store xmlns='urn:xmpp:hints'/></message>";

fn run<T>(scene: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(scene)
}

#[test]
fn a_message_for_an_absent_receiver_waits_with_its_time_and_archive_id() {
    run(async {
        let house = House::new().await;
        let alice = house.client("alice", "pc");
        house.send(&alice, "bob", "早上好").await;
        let mut bob = house.client("bob", "pc");
        house.becomes_available(&bob).await;
        let received = bob.next().await;
        assert_eq!(text(&received), "早上好");
        assert!(received.child("delay", "urn:xmpp:delay").is_some());
        let archived = house.archive_of(&mut bob, "").await;
        assert_eq!(stanza_id(&received), archived.first().map(|(id, _)| id.clone()));
    });
}

#[test]
fn what_a_client_has_taken_does_not_come_again() {
    run(async {
        let house = House::new().await;
        let alice = house.client("alice", "pc");
        house.send(&alice, "bob", "1").await;
        let mut bob = house.client("bob", "pc");
        house.becomes_available(&bob).await;
        let _ = bob.next_and_take(&house).await;
        house.leaves(&mut bob).await;
        house.send(&alice, "bob", "2").await;
        let mut bob = house.client("bob", "phone");
        house.becomes_available(&bob).await;
        assert_eq!(text(&bob.next().await), "2");
    });
}

#[test]
fn what_the_session_before_leaves_behind_comes_before_what_was_sent_later() {
    run(async {
        let house = House::new().await;
        let alice = house.client("alice", "pc");
        let mut bob = house.client("bob", "pc");
        house.becomes_available(&bob).await;
        house.send(&alice, "bob", "1").await;
        house.hangs_up(&mut bob);
        house.send(&alice, "bob", "2").await;
        let mut again = house.client("bob", "phone");
        house.becomes_available(&again).await;
        house.send(&alice, "bob", "3").await;
        house.leaves(&mut bob).await;
        for expected in ["1", "2", "3"] {
            assert_eq!(text(&again.next().await), expected);
        }
    });
}

#[test]
fn a_session_that_never_ends_does_not_keep_its_successor_from_messages() {
    run(async {
        let house = House::new().await;
        let alice = house.client("alice", "pc");
        let mut bob = house.client("bob", "pc");
        house.hangs_up(&mut bob);
        house.send(&alice, "bob", "1").await;
        let mut again = house.client("bob", "phone");
        house.becomes_available(&again).await;
        assert_eq!(text(&again.next().await), "1");
    });
}

#[test]
fn a_client_for_which_nothing_waits_takes_messages_at_once() {
    run(async {
        let house = House::new().await;
        let alice = house.client("alice", "pc");
        let mut pc = house.client("bob", "pc");
        house.becomes_available(&pc).await;
        let mut tablet = house.client("bob", "tablet");
        house.becomes_available(&tablet).await;
        house.send(&alice, "bob", "to both").await;
        assert_eq!(text(&pc.next().await), "to both");
        assert_eq!(text(&tablet.next().await), "to both");
    });
}

#[test]
fn what_other_clients_take_comes_to_one_that_is_not_ready_behind_what_waited() {
    run(async {
        let house = House::new().await;
        let alice = house.client("alice", "pc");
        let mut tablet = house.client("bob", "tablet");
        house.is_seen(&tablet);
        house.send(&alice, "bob", "1: nobody is ready").await;
        let mut pc = house.client("bob", "pc");
        house.becomes_available(&pc).await;
        assert_eq!(text(&pc.next_and_take(&house).await), "1: nobody is ready");
        house.until_open(&pc).await;
        house.send(&alice, "bob", "2: the first one is ready").await;
        house.send_stanza(&alice, NOT_STORED).await;
        let _ = (pc.next_and_take(&house).await, pc.next_and_take(&house).await);
        house.leaves(&mut pc).await;
        house.send(&alice, "bob", "4: it has gone again").await;
        house.becomes_available(&tablet).await;
        for expected in ["2: the first one is ready", "3: not stored", "4: it has gone again"] {
            assert_eq!(text(&tablet.next().await), expected);
        }
    });
}

#[test]
fn what_is_not_stored_waits_for_a_client_that_is_not_ready() {
    run(async {
        let house = House::new().await;
        let alice = house.client("alice", "pc");
        let mut bob = house.client("bob", "pc");
        house.is_seen(&bob);
        assert_ne!(house.send_stanza(&alice, NOT_STORED).await, Outcome::Refused);
        house.becomes_available(&bob).await;
        assert_eq!(text(&bob.next().await), "3: not stored");
    });
}

#[test]
fn a_client_that_was_away_for_a_moment_misses_nothing_of_it() {
    run(async {
        let house = House::new().await;
        let alice = house.client("alice", "pc");
        let mut bob = house.client("bob", "pc");
        house.send(&alice, "bob", "1").await;
        house.becomes_available(&bob).await;
        // Its handover has begun and not ended.
        house.becomes_unavailable(&bob);
        house.send(&alice, "bob", "2").await;
        house.becomes_available(&bob).await;
        house.send(&alice, "bob", "3").await;
        for expected in ["1", "2", "3"] {
            assert_eq!(text(&bob.next().await), expected);
        }
    });
}

#[test]
fn what_a_client_never_took_comes_again_after_a_crash() {
    run(async {
        let house = House::new().await;
        let alice = house.client("alice", "pc");
        let mut bob = house.client("bob", "pc");
        house.becomes_available(&bob).await;
        house.send(&alice, "bob", "taken").await;
        house.send(&alice, "bob", "only written to a socket").await;
        let _ = bob.next_and_take(&house).await;
        house.settle().await;
        let house = house.after_a_crash().await;
        let mut bob = house.client("bob", "pc");
        house.becomes_available(&bob).await;
        assert_eq!(text(&bob.next().await), "only written to a socket");
        assert!(bob.has_nothing());
    });
}

#[test]
fn a_resend_is_stored_once_also_after_a_crash() {
    run(async {
        let house = House::new().await;
        let alice = house.client("alice", "pc");
        let stanza = "<message to='bob@example.org' type='chat'><body>once</body>\
                      <origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>";
        house.send_stanza(&alice, stanza).await;
        house.send_stanza(&alice, stanza).await;
        let house = house.after_a_crash().await;
        let mut alice = house.client("alice", "pc");
        house.send_stanza(&alice, stanza).await;
        assert_eq!(house.archive_of(&mut alice, "").await.len(), 1);
        let mut bob = house.client("bob", "pc");
        house.becomes_available(&bob).await;
        assert_eq!(text(&bob.next().await), "once");
        assert!(bob.has_nothing());
    });
}

#[test]
fn a_full_offline_store_refuses_and_nothing_of_the_message_stays() {
    run(async {
        let house = House::new().await;
        let mut alice = house.client("alice", "pc");
        for n in 0..house::MOST_OFFLINE {
            house.send(&alice, "bob", &n.to_string()).await;
        }
        let outcome = house.send(&alice, "bob", "too much").await;
        assert_eq!(outcome, Outcome::Refused);
        let archived = house.archive_of(&mut alice, "").await;
        assert!(archived.iter().all(|(_, text)| text != "too much"));
    });
}

#[test]
fn forged_ids_are_removed() {
    run(async {
        let house = House::new().await;
        let alice = house.client("alice", "pc");
        house
            .send_stanza(
                &alice,
                "<message to='bob@example.org' type='chat'><body>x</body>\
                 <stanza-id xmlns='urn:xmpp:sid:0' by='bob@example.org' id='forged'/></message>",
            )
            .await;
        let mut bob = house.client("bob", "pc");
        house.becomes_available(&bob).await;
        assert_ne!(stanza_id(&bob.next().await).as_deref(), Some("forged"));
    });
}

#[test]
fn copies_go_to_the_other_clients_that_want_them_only() {
    run(async {
        let house = House::new().await;
        let alice = house.client("alice", "pc");
        let mut phone = house.client("alice", "phone").with_carbons();
        let mut plain = house.client("alice", "tablet");
        let mut bob = house.client("bob", "pc").with_carbons();
        house.becomes_available(&bob).await;
        house.send(&alice, "bob", "hello").await;
        let copy = phone.next().await;
        let sent = copy.child("sent", "urn:xmpp:carbons:2").expect("a copy of what was sent");
        let inner = String::from_utf8_lossy(sent.bytes).into_owned();
        assert!(
            inner.contains("by='alice@example.org'") && !inner.contains("by='bob@example.org'"),
            "{inner}"
        );
        assert_eq!(text(&bob.next().await), "hello");
        assert!(plain.has_nothing() && bob.has_nothing());
    });
}

#[test]
fn pages_of_an_archive_join_without_gap() {
    run(async {
        let house = House::new().await;
        let mut alice = house.client("alice", "pc");
        for n in 0..25 {
            house.send(&alice, "bob", &n.to_string()).await;
        }
        let mut forward = Vec::new();
        let mut after = String::new();
        loop {
            let page = house.archive_of(&mut alice, &page_of(7, &after)).await;
            let Some((last, _)) = page.last() else { break };
            after = format!("<after>{last}</after>");
            forward.extend(page);
        }
        let expected: Vec<String> = (0..25).map(|n| n.to_string()).collect();
        assert_eq!(texts(&forward), expected);
        let newest = house.archive_of(&mut alice, &page_of(3, "<before/>")).await;
        assert_eq!(texts(&newest), ["22", "23", "24"]);
        let before = format!("<before>{}</before>", newest[0].0);
        assert_eq!(texts(&house.archive_of(&mut alice, &page_of(2, &before)).await), ["20", "21"]);
    });
}

fn page_of(most: u32, place: &str) -> String {
    format!("<set xmlns='http://jabber.org/protocol/rsm'><max>{most}</max>{place}</set>")
}

fn texts(messages: &[(String, String)]) -> Vec<String> {
    messages.iter().map(|(_, text)| text.clone()).collect()
}

const PER_WRITER: usize = 140;

#[test]
fn no_reader_sees_a_newer_entry_before_an_older_one() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let house = std::sync::Arc::new(House::new().await);
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let house = std::sync::Arc::clone(&house);
                tokio::spawn(async move {
                    let client = house.client("alice", &format!("w{writer}"));
                    for n in 0..PER_WRITER {
                        house.send(&client, "bob", &format!("{writer} {n}")).await;
                    }
                })
            })
            .collect();
        let mut reader = house.client("alice", "reader");
        let mut seen = Vec::new();
        let mut place = String::new();
        while seen.len() < 4 * PER_WRITER {
            let page = house.archive_of(&mut reader, &page_of(50, &place)).await;
            if let Some((last, _)) = page.last() {
                place = format!("<after>{last}</after>");
            }
            seen.extend(texts(&page));
        }
        for writer in writers {
            writer.await.expect("a writer ends well");
        }
        let all = house.store().bounds(BareJid::new("alice@example.org").expect("valid")).await;
        assert!(all.expect("an answer").is_some());
        seen.sort();
        seen.dedup();
        assert_eq!(
            seen.len(),
            4 * PER_WRITER,
            "paging from the last known id misses nothing and repeats nothing"
        );
    });
}
