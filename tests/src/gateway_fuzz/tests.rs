use std::time::Duration;

use posthouse_gateway::at::{Command, Dialogue, Event, LineAssembler, Received};
use posthouse_gateway::pdu::{self, Content, Incoming, TextEncoding};

use super::dialogue::Conversation;
use super::lines::Cutter;
use super::*;
use crate::random_input::{Finding, Hunt, Report, Traits, corpus};

fn hunted(target: Target, most: u64) -> Report {
    let inputs = corpus(target.name).unwrap();
    let mut hunt = Hunt::new(1, inputs.into_iter().map(|(_, bytes)| bytes), target);
    hunt.go_on(Duration::from_secs(60), most);
    hunt.report()
}

/// With something broken on purpose.
fn finds(target: Target, check: fn(&[u8]) -> Result<Traits, Finding>) -> Vec<&'static str> {
    hunted(Target { check, ..target }, 2_000).findings.into_keys().collect()
}

#[test]
fn every_input_of_the_corpus_keeps_all_promises() {
    for target in [LINES, DIALOGUE, TPDU] {
        let inputs = corpus(target.name).unwrap();
        assert!(inputs.len() >= 8, "{}: {}", target.name, inputs.len());
        for (file, bytes) in inputs {
            if let Err(finding) = (target.check)(&bytes) {
                panic!("{}: {finding}", file.display());
            }
        }
    }
}

#[test]
fn a_short_hunt_finds_nothing() {
    for target in [LINES, DIALOGUE, TPDU] {
        let report = hunted(target, 2_000);
        assert!(report.findings.is_empty(), "{}: {:?}", target.name, report.findings.values().next());
        assert!(report.accepted > 1_000 && report.kinds > 100, "{}: {report:?}", target.name);
    }
}

/// Takes the end of a piece for the end of a line.
#[derive(Debug, Default)]
struct Hasty(LineAssembler);

impl Cutter for Hasty {
    fn expect_prompt(&mut self, is_expected: bool) {
        self.0.expect_prompt(is_expected);
    }

    fn feed(&mut self, bytes: &[u8]) -> Vec<Received> {
        self.0.feed(&[bytes, b"\n"].concat())
    }
}

/// Keeps all it ever saw.
#[derive(Debug, Default)]
struct Hoarder(LineAssembler, String);

impl Cutter for Hoarder {
    fn expect_prompt(&mut self, is_expected: bool) {
        self.0.expect_prompt(is_expected);
    }

    fn feed(&mut self, bytes: &[u8]) -> Vec<Received> {
        self.1.extend(bytes.iter().map(|byte| char::from(*byte)));
        self.0.feed(bytes)
    }
}

#[test]
fn lines_cut_at_the_end_of_a_piece_are_found() {
    let claims = finds(LINES, |input| lines::check_with(input, &Hasty::default));
    assert_eq!(claims, ["the same bytes give the same lines in any pieces"]);
}

#[test]
fn memory_that_grows_with_what_is_said_is_found() {
    let claims = finds(LINES, |input| lines::check_with(input, &Hoarder::default));
    assert_eq!(claims, ["what is held back never grows"]);
}

/// A dialogue with a flaw in what it hands on.
struct Flawed {
    inner: Dialogue,
    flaw: fn(bool, &mut Vec<Event>),
}

impl Conversation for Flawed {
    fn start(&mut self, command: Command) -> Vec<u8> {
        self.inner.start(command)
    }

    fn payload(&mut self) -> Option<Vec<u8>> {
        self.inner.payload()
    }

    fn give_up(&mut self) -> bool {
        self.inner.give_up()
    }

    fn receive(&mut self, bytes: &[u8]) -> Vec<Event> {
        let was_busy = self.inner.is_busy();
        let mut events = self.inner.receive(bytes);
        (self.flaw)(was_busy, &mut events);
        events
    }

    fn is_busy(&self) -> bool {
        self.inner.is_busy()
    }
}

fn flawed(input: &[u8], flaw: fn(bool, &mut Vec<Event>)) -> Result<Traits, Finding> {
    dialogue::check_with(input, &|| Box::new(Flawed { inner: Dialogue::default(), flaw }))
}

#[test]
fn a_notice_swallowed_during_a_command_is_found() {
    let claims = finds(DIALOGUE, |input| {
        flawed(input, |was_busy, events| {
            events.retain(|it| !was_busy || !matches!(it, Event::Unsolicited(_)))
        })
    });
    assert!(claims.contains(&"what a modem says is understood"), "{claims:?}");
    assert!(claims.contains(&"every line goes to one place"), "{claims:?}");
}

#[test]
fn an_answer_without_its_last_line_is_found() {
    let claims = finds(DIALOGUE, |input| {
        flawed(input, |_, events| {
            for event in events {
                if let Event::Reply(reply) = event {
                    reply.lines.pop();
                }
            }
        })
    });
    assert!(claims.contains(&"what a modem says is understood"), "{claims:?}");
}

#[test]
fn a_prompt_that_is_seen_late_is_found() {
    let claims = finds(DIALOGUE, |input| flawed(input, |_, events| events.retain(|it| *it != Event::Prompt)));
    assert!(claims.contains(&"it is known whether a text had gone out"), "{claims:?}");
}

/// The mistake of a known library: the first letter behind a 16-bit reference gets lost.
fn without_first_letter(digits: &str) -> Result<Incoming, pdu::PduError> {
    let mut incoming = pdu::decode_incoming(digits)?;
    if let Incoming::Deliver(deliver) = &mut incoming
        && deliver.header.concatenation().is_some_and(|place| place.is_wide)
        && let Content::Text(text) = &mut deliver.content
        && !text.is_empty()
    {
        text.remove(0);
    }
    Ok(incoming)
}

/// The mistake of a known gateway: characters are cut in half at the border of a part.
fn cut_in_half(text: &str, references: pdu::References) -> pdu::Split {
    let mut split = pdu::split(text, references);
    if split.encoding == TextEncoding::Ucs2 && split.parts.len() > 1 {
        let room = if references == pdu::References::Narrow { 67 } else { 66 };
        let units: Vec<u16> = text.encode_utf16().collect();
        for (part, units) in split.parts.iter_mut().zip(units.chunks(room)) {
            part.content = Content::Units(units.to_vec());
        }
    }
    split
}

#[test]
fn a_lost_first_letter_is_found() {
    let codec =
        |input: &[u8]| tpdu::check_with(input, tpdu::Codec { incoming: without_first_letter, ..tpdu::OURS });
    let claims = finds(TPDU, codec);
    assert!(claims.contains(&"a PDU is read as a second reader reads it"), "{claims:?}");
    assert!(claims.contains(&"what is sent is what arrives"), "{claims:?}");
}

#[test]
fn a_character_cut_in_half_is_found() {
    let claims =
        finds(TPDU, |input| tpdu::check_with(input, tpdu::Codec { split: cut_in_half, ..tpdu::OURS }));
    assert_eq!(claims, ["what is sent is what arrives"]);
}

#[test]
fn a_decoder_that_panics_is_found() {
    let claims = finds(TPDU, |input| {
        let incoming = |digits: &str| {
            assert!(!digits.contains("8423F0"), "an unexpected port");
            pdu::decode_incoming(digits)
        };
        tpdu::check_with(input, tpdu::Codec { incoming, ..tpdu::OURS })
    });
    assert_eq!(claims, ["no input makes it panic"]);
}
