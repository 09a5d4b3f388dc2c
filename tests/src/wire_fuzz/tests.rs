use std::time::Duration;

use super::*;
use crate::random_input::Hunt;

#[test]
fn every_input_of_the_corpus_keeps_all_promises() {
    let corpus = Corpus::read().unwrap();
    assert!(corpus.inputs.len() > 60, "{}", corpus.inputs.len());
    for (file, _, bytes) in &corpus.inputs {
        if let Err(finding) = check(bytes) {
            panic!("{}: {finding}", file.display());
        }
    }
}

#[test]
fn every_input_of_the_corpus_ends_as_its_folder_says() {
    for (file, verdict, bytes) in Corpus::read().unwrap().inputs {
        let header = posthouse_protocol::wire::StreamHeader::read(&bytes, 4_096);
        let scan = scanning::check_generously(&bytes);
        let is_right = match verdict {
            Verdict::Accepted => !scan.stanzas.is_empty() && scan.is_used_up(&bytes),
            Verdict::Refused(reason) => scan.error() == Some(reason),
            Verdict::Header => matches!(header, Ok(Some(_))),
            Verdict::NoHeader => header.is_err(),
        };
        assert!(is_right, "{}: {header:?}, {scan:?}", file.display());
    }
}

#[test]
fn a_short_hunt_finds_nothing() {
    let inputs = Corpus::read().unwrap().inputs.into_iter().map(|(_, _, bytes)| bytes);
    let mut hunt = Hunt::new(1, inputs, WIRE);
    hunt.go_on(Duration::from_secs(60), 3_000);
    let report = hunt.report();
    assert!(report.findings.is_empty(), "{:?}", report.findings.values().next());
    assert!(report.accepted > 0 && report.refused.len() == 5, "{report:?}");
}

#[test]
fn a_difference_to_the_parser_is_seen() {
    let frame = |text: &'static str| posthouse_protocol::wire::Frame::parse(text.into()).unwrap();
    let ours = "<message to='a'><body>x</body></message>";
    let reference::Outcome::Element(element, _) =
        reference::first_element(ours.as_bytes(), reference::Surroundings::Client)
    else {
        panic!("a whole element");
    };
    assert_eq!(tree::compare(&element, &frame(ours).element()), Ok(()));
    for other in [
        "<message to='b'><body>x</body></message>",
        "<message to='a'><body>y</body></message>",
        "<message to='a'><body xmlns='urn:x'>x</body></message>",
        "<message to='a'><body>x</body><body/></message>",
        "<message to='a'/>",
        "<iq to='a'><body>x</body></iq>",
    ] {
        assert!(tree::compare(&element, &frame(other).element()).is_err(), "{other}");
    }
    assert!(stanzas::check_head(&element, &frame("<message to='b'/>")).is_err());
}
