//! A hunt has to be able to fail.

use std::time::Duration;

use super::*;

const NOTHING: Traits = Traits { accepted: 0, error: None, around: 0 };

fn hunt(check: fn(&[u8]) -> Result<Traits, Finding>, input: &[u8]) -> Report {
    let target = Target { name: "test", check, invent: |_| Vec::new(), change: |one, _, _| one.to_vec() };
    let mut hunt = Hunt::new(7, [input.to_vec()], target);
    hunt.go_on(Duration::ZERO, 0);
    hunt.report()
}

#[test]
fn a_promise_that_is_broken_is_found_and_made_small() {
    let report = hunt(
        |input| match input.windows(2).any(|two| two == b"]]") {
            true => Err(Finding::new("there are no two brackets", "two brackets")),
            false => Ok(NOTHING),
        },
        b"<message>a]]b</message>",
    );
    let (finding, input) = report.findings.values().next().unwrap();
    assert_eq!(finding.claim, "there are no two brackets");
    assert_eq!(input, b"]]");
}

#[test]
fn a_panic_is_found() {
    let report = hunt(
        |input| {
            assert!(input.is_empty(), "not empty");
            Ok(NOTHING)
        },
        b"x",
    );
    assert_eq!(report.findings.values().next().unwrap().0.detail, "not empty");
}
