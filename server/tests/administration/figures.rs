//! Figures for Prometheus, by a real request.

use std::collections::BTreeMap;

use super::client::Client;
use super::house::{DOMAIN, House};

/// Reads the text format, version 0.0.4, and holds it to its rules: every sample belongs to a family whose help
/// and type stand before it, once, and its value is a number.
fn samples(body: &str) -> BTreeMap<String, f64> {
    let mut types: BTreeMap<&str, &str> = BTreeMap::new();
    let mut samples = BTreeMap::new();
    for line in body.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("name and type");
            assert!(matches!(kind, "counter" | "gauge" | "histogram"), "{line}");
            assert!(types.insert(name, kind).is_none(), "{name} has two types");
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').expect("name and value");
            let bare = name.split('{').next().expect("a name");
            let family = ["_bucket", "_sum", "_count"]
                .iter()
                .filter_map(|end| bare.strip_suffix(end))
                .find(|family| types.get(family) == Some(&"histogram"))
                .unwrap_or(bare);
            assert!(types.contains_key(family), "no type before {line}");
            let value: f64 = value.parse().unwrap_or_else(|_| panic!("no number in {line}"));
            assert!(samples.insert(name.to_owned(), value).is_none(), "{name} stands there twice");
        }
    }
    assert!(body.ends_with('\n'));
    samples
}

#[test]
fn figures_tell_what_happens() {
    let house = House::running();
    house.add("alice", "Alice", "a password");
    house.add("bob", "Bob", "a password");
    house.knows_people(2);
    let before = samples(&house.get("/metrics").1);
    assert!(Client::try_sign_in(&house, "alice", "wrong").is_err());
    let mut alice = Client::sign_in(&house, "alice", "a password");
    alice.send("<presence/>");
    for number in 0..3 {
        alice.send(&format!("<message to='bob@{DOMAIN}' type='chat'><body>{number}</body></message>"));
    }
    alice.send("<message to='nobody@posthouse.test' type='chat' id='lost'><body>x</body></message>");
    alice.wait_for("service-unavailable");
    alice.ping();
    let (head, body) = house.get("/metrics");
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{head}");
    let after = samples(&body);
    let value = |name: &str| *after.get(name).unwrap_or_else(|| panic!("no {name} in\n{body}"));
    for (name, expected) in [
        ("posthouse_sessions", 1.0),
        ("posthouse_sessions_available", 1.0),
        ("posthouse_organization_people", 2.0),
        ("posthouse_offline_messages", 3.0),
    ] {
        assert_eq!(value(name), expected, "{name}");
    }
    for (name, expected) in [
        ("posthouse_logins_total{result=\"signed_in\"}", 1.0),
        ("posthouse_logins_total{result=\"wrong_password\"}", 1.0),
        ("posthouse_connections_total", 2.0),
        ("posthouse_stanzas_total{kind=\"message\",outcome=\"stored\"}", 3.0),
        ("posthouse_stanzas_total{kind=\"message\",outcome=\"refused\"}", 1.0),
    ] {
        assert_eq!(value(name) - before[name], expected, "{name}");
    }
    for (name, least) in [
        ("posthouse_writer_commit_seconds_count", 1.0),
        ("posthouse_writer_commit_seconds_sum", 0.000_001),
        ("posthouse_certificate_not_after_seconds", 1.7e9),
        ("process_start_time_seconds", 1.7e9),
        ("process_resident_memory_bytes", if cfg!(target_os = "linux") { 1e6 } else { f64::MIN }),
    ] {
        assert!(after.get(name).copied().unwrap_or(f64::MIN) >= least, "{name} in\n{body}");
    }
    assert_eq!(
        value("posthouse_writer_commit_seconds_bucket{le=\"+Inf\"}"),
        value("posthouse_writer_commit_seconds_count")
    );
}

#[test]
fn there_is_a_sign_of_life_and_nothing_else() {
    let house = House::running();
    let (head, body) = house.get("/healthz");
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert_eq!(body, "ok\n");
    assert!(house.get("/").0.starts_with("http/1.1 404"));
}
