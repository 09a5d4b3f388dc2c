use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

fn host(name: &str) -> Host {
    Host::read(name).unwrap()
}

fn service(target: &str, priority: u16, weight: u16, beginning: Beginning) -> Service {
    Service { priority, weight, port: 443, target: target.to_owned(), beginning }
}

/// Numbers that walk evenly from 0 to 1.
fn even(steps: u32) -> Random {
    let step = AtomicU32::new(0);
    Random::new(move |bytes| {
        let number = step.fetch_add(1, Ordering::Relaxed) % steps;
        bytes.copy_from_slice(&(number * (u32::MAX / steps)).to_le_bytes());
    })
}

fn ways(candidates: &[Candidate]) -> Vec<(u16, Beginning)> {
    candidates.iter().map(|one| (one.port, one.beginning)).collect()
}

#[test]
fn a_typed_port_says_how_to_begin() {
    use Beginning::{Direct, StartTls};
    assert_eq!(ways(&with_port(&host("a"), 5222)), [(5222, StartTls), (5222, Direct)]);
    assert_eq!(ways(&with_port(&host("a"), 5223)), [(5223, Direct), (5223, StartTls)]);
    assert_eq!(ways(&with_port(&host("a"), 10_000)), [(10_000, Direct), (10_000, StartTls)]);
    assert_eq!(
        ways(&without_records(&host("192.0.2.1"))),
        [(5222, StartTls), (5223, Direct), (10_000, Direct), (10_000, StartTls)]
    );
}

#[test]
fn records_of_both_kinds_are_mixed_by_priority() {
    let services = vec![
        service("c.example", 20, 0, Beginning::Direct),
        service("a.example", 5, 0, Beginning::StartTls),
        service("b.example", 10, 0, Beginning::Direct),
    ];
    let candidates = from_services(&host("example.org"), services, &even(7));
    let hosts: Vec<String> = candidates.iter().map(|one| one.host.to_string()).collect();
    assert_eq!(hosts, ["a.example", "b.example", "c.example"]);
    assert_eq!(candidates[0].beginning, Beginning::StartTls);
    assert_eq!(candidates[0].port, 443);
}

#[test]
fn within_a_priority_the_heavier_comes_first_more_often() {
    let random = even(997);
    let mut first = BTreeMap::new();
    for _ in 0..1_000 {
        let services =
            vec![service("light", 1, 10, Beginning::Direct), service("heavy", 1, 30, Beginning::Direct)];
        *first.entry(in_order(services, &random).remove(0).target).or_insert(0) += 1;
    }
    let heavy = first["heavy"];
    assert!((650..850).contains(&heavy), "{first:?}");
}

#[test]
fn records_that_say_not_here_close_the_standard_port_of_their_kind() {
    let closed = vec![service("", 0, 0, Beginning::StartTls)];
    assert_eq!(
        ways(&from_services(&host("example.org"), closed, &even(3)))[0],
        (5223, Beginning::Direct),
        "no plain 5222"
    );
    let mixed =
        vec![service("", 0, 0, Beginning::Direct), service("im.example.org", 0, 0, Beginning::StartTls)];
    let candidates = from_services(&host("example.org"), mixed, &even(3));
    assert_eq!(ways(&candidates), [(443, Beginning::StartTls)]);
}

#[test]
fn address_families_take_turns() {
    let addresses = ["192.0.2.1:1", "192.0.2.2:1", "[2001:db8::1]:1"].map(|one| one.parse().unwrap());
    let ordered: Vec<String> = by_turns(addresses.to_vec()).iter().map(ToString::to_string).collect();
    assert_eq!(ordered, ["[2001:db8::1]:1", "192.0.2.1:1", "192.0.2.2:1"]);
}

#[tokio::test]
async fn this_computer_is_found_by_its_name() {
    let environment = Environment::of_this_computer(crate::clock::Clock::system());
    let endpoints = resolve(&environment, &Address::read("localhost:10000").unwrap()).await.unwrap();
    assert_eq!(endpoints.len(), 2, "two ways to begin");
    assert!(endpoints[0].addresses.iter().all(|one| one.ip().is_loopback() && one.port() == 10_000));
}
