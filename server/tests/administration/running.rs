//! The running server: its certificate, its log, its end.

use super::client::Client;
use super::house::House;

#[test]
fn a_renewed_certificate_is_in_force_after_sighup_and_sessions_go_on() {
    let house = House::running();
    house.add("alice", "Alice", "a password");
    let mut alice = Client::sign_in(&house, "alice", "a password");
    let before = Client::connect(&house).certificate();
    let said = house.does(&["renew-certificate"]);
    assert!(said.contains(&format!("kill -HUP {}", house.process())), "{said}");
    assert_eq!(Client::connect(&house).certificate(), before, "not before it is asked for");
    house.signal("HUP");
    house.wait_for_line("a new certificate is in force");
    assert_ne!(Client::connect(&house).certificate(), before);
    alice.ping();
    Client::sign_in(&house, "alice", "a password").ping();
}

#[test]
fn a_certificate_that_cannot_be_used_leaves_the_old_one_in_force() {
    let house = House::running();
    let before = Client::connect(&house).certificate();
    std::fs::write(house.file("certificate.pem"), "nothing").expect("written");
    house.signal("HUP");
    house.wait_for_line("the certificate cannot be reloaded; the old one stays");
    assert_eq!(Client::connect(&house).certificate(), before);
}

#[test]
fn every_line_about_a_session_names_it() {
    let mut house = House::new();
    house.set("format", "\"json\"");
    house.set("level", "\"debug\"");
    house.start();
    house.add("alice", "Alice", "a password");
    for _ in 0..2 {
        let mut alice = Client::sign_in(&house, "alice", "a password");
        alice.ping();
        alice.send("</stream:stream>");
        alice.wait_for("</stream:stream>");
    }
    house.signal("TERM");
    house.wait_for_line("stopped");
    let mut signed_in = Vec::new();
    for line in house.log() {
        let line: serde_json::Value = serde_json::from_str(&line).expect("JSON on every line");
        let target = line["target"].as_str().expect("a place");
        let is_about_a_session =
            target.contains("::stream::") || target.contains("::routing::") || target.contains("::modules::");
        if !is_about_a_session {
            continue;
        }
        let session = line["span"]["session"].as_u64();
        assert!(session.is_some(), "{line}");
        if line["message"] == "signed in" || line["message"] == "signed out" {
            assert_eq!(line["span"]["login"], "alice", "{line}");
            signed_in.push((line["message"].as_str().expect("text").to_owned(), session));
        }
    }
    assert_eq!(signed_in.len(), 4, "{signed_in:?}");
    let sessions: std::collections::BTreeSet<_> = signed_in.iter().map(|(_, session)| session).collect();
    assert_eq!(sessions.len(), 2, "{signed_in:?}");
    assert!(house.log().iter().all(|line| !line.contains("a password")));
    assert_eq!(house.ended(), Some(0));
}

#[test]
fn who_sends_too_much_for_long_is_read_more_slowly_and_loses_nothing() {
    let mut house = House::new();
    house.set("bytes_per_second", "50000");
    house.start();
    house.add("alice", "Alice", "a password");
    let mut alice = Client::sign_in(&house, "alice", "a password");
    let begun = std::time::Instant::now();
    let padding = "x".repeat(1_000);
    for number in 0..150 {
        alice.send(&format!("<iq type='get' id='{number}'><ping xmlns='urn:xmpp:ping' x='{padding}'/></iq>"));
    }
    for number in 0..150 {
        alice.wait_for(&format!("id='{number}'"));
    }
    // Two seconds' worth is free, the rest takes its time.
    assert!(begun.elapsed().as_millis() > 900, "{:?}", begun.elapsed());
}

#[test]
fn a_stopping_server_says_goodbye_and_ends_well() {
    let mut house = House::running();
    house.add("alice", "Alice", "a password");
    let mut alice = Client::sign_in(&house, "alice", "a password");
    house.signal("TERM");
    alice.wait_for("<system-shutdown");
    house.wait_for_line("stopped");
    assert_eq!(house.ended(), Some(0));
    house.start();
    Client::sign_in(&house, "alice", "a password").ping();
}

#[test]
fn a_folder_has_one_server_at_a_time() {
    let mut house = House::running();
    let refusal = house.refuses(&["run"]);
    assert!(
        refusal.contains("a server runs on") && refusal.contains(&house.process().to_string()),
        "{refusal}"
    );
    // Killed, it leaves no lock behind.
    house.signal("KILL");
    house.ended();
    house.start();
}
