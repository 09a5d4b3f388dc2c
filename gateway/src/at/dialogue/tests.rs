//! Conversations as modems really have them.

use proptest::prelude::{any, prop, proptest};

use super::{Dialogue, Event};
use crate::at::{Command, FinalResult, Reply, Unsolicited};
use crate::pdu::ModemPdu;

const DIGITS: &str = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07";

fn reply(lines: &[&str], result: FinalResult) -> Event {
    Event::Reply(Reply { lines: lines.iter().map(|line| (*line).to_owned()).collect(), result })
}

fn sending() -> Command {
    Command::send(&ModemPdu {
        digits: "0011000B916407281553F80000AA0AE8329BFD4697D9EC37".to_owned(),
        length: 23,
    })
}

#[test]
fn an_answer_ends_with_its_result() {
    let mut dialogue = Dialogue::default();
    assert_eq!(dialogue.start(Command::signal()), b"AT+CSQ\r");
    let events = dialogue.receive(b"AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n");
    assert_eq!(events, [Event::Echo, reply(&["+CSQ: 20,99"], FinalResult::Ok)]);
    assert!(!dialogue.is_busy());
}

#[test]
fn a_notice_inside_an_answer_goes_its_own_way() {
    let mut dialogue = Dialogue::default();
    dialogue.start(Command::signal());
    let events = dialogue.receive(b"\r\n^RSSI: 12\r\n+CMTI: \"SM\",3\r\n+CSQ: 20,99\r\nOK\r\n");
    assert_eq!(
        events,
        [
            Event::Unsolicited(Unsolicited::Chatter),
            Event::Unsolicited(Unsolicited::TextStored { memory: "SM".to_owned(), place: 3 }),
            reply(&["+CSQ: 20,99"], FinalResult::Ok),
        ]
    );
}

#[test]
fn a_text_is_sent_after_the_prompt() {
    let mut dialogue = Dialogue::default();
    assert_eq!(dialogue.start(sending()), b"AT+CMGS=23\r");
    assert_eq!(dialogue.receive(b"\r\n> "), [Event::Prompt]);
    assert!(dialogue.payload().unwrap().ends_with(b"EC37\x1a"));
    let events = dialogue.receive(b"\r\n+CMGS: 17\r\n\r\nOK\r\n");
    assert_eq!(events, [reply(&["+CMGS: 17"], FinalResult::Ok)]);
}

#[test]
fn nothing_is_a_prompt_behind_the_result_that_came_with_it() {
    let mut dialogue = Dialogue::default();
    dialogue.start(sending());
    let events = dialogue.receive(b"+CMS ERROR: 500\r\n> \r\n");
    assert_eq!(events, [reply(&[], FinalResult::Cms(500)), Event::Unknown(">".to_owned())]);
}

#[test]
fn a_send_given_up_before_the_prompt_is_known_not_to_be_out() {
    let mut dialogue = Dialogue::default();
    dialogue.start(sending());
    assert!(!dialogue.give_up());
    dialogue.start(sending());
    dialogue.receive(b"\r\n> ");
    dialogue.payload();
    assert!(dialogue.give_up());
}

#[test]
fn reasons_have_their_number() {
    for (line, result) in [
        ("+CMS ERROR: 500", FinalResult::Cms(500)),
        ("+CME ERROR: 11", FinalResult::Cme(11)),
        ("+CMS ERROR: no network service", FinalResult::Cms(u16::MAX)),
        ("ERROR", FinalResult::Error),
    ] {
        let mut dialogue = Dialogue::default();
        dialogue.start(Command::attention());
        assert_eq!(dialogue.receive(format!("\r\n{line}\r\n").as_bytes()), [reply(&[], result)]);
    }
}

#[test]
fn stored_texts_come_with_their_digits_even_when_a_notice_cuts_in() {
    let mut dialogue = Dialogue::default();
    dialogue.start(Command::list_texts());
    let spoken = format!("+CMGL: 1,1,,30\r\n^RSSI: 3\r\n{DIGITS}\r\n+CMGL: 2,0,,30\r\n{DIGITS}\r\nOK\r\n");
    let events = dialogue.receive(spoken.as_bytes());
    assert_eq!(
        events,
        [
            Event::Unsolicited(Unsolicited::Chatter),
            reply(&["+CMGL: 1,1,,30", DIGITS, "+CMGL: 2,0,,30", DIGITS], FinalResult::Ok),
        ]
    );
}

#[test]
fn a_text_handed_over_directly_comes_with_its_digits() {
    let mut dialogue = Dialogue::default();
    dialogue.start(Command::signal());
    let events = dialogue.receive(format!("+CMT: ,30\r\n{DIGITS}\r\n+CSQ: 3,99\r\nOK\r\n").as_bytes());
    assert_eq!(events[0], Event::Unsolicited(Unsolicited::Direct { digits: DIGITS.to_owned() }));
    assert_eq!(events[1], reply(&["+CSQ: 3,99"], FinalResult::Ok));
}

#[test]
fn registration_told_while_it_is_asked_for_is_not_the_answer() {
    let mut dialogue = Dialogue::default();
    dialogue.start(Command::registration());
    let events = dialogue.receive(b"+CREG: 5\r\n+CREG: 2,1,\"00C3\",\"E0\"\r\nOK\r\n");
    assert_eq!(
        events,
        [
            Event::Unsolicited(Unsolicited::Registration(5)),
            reply(&["+CREG: 2,1,\"00C3\",\"E0\""], FinalResult::Ok),
        ]
    );
}

#[test]
fn a_caller_who_gives_up_does_not_end_a_send() {
    let mut dialogue = Dialogue::default();
    dialogue.start(sending());
    dialogue.receive(b"\r\n> ");
    dialogue.payload();
    let events = dialogue.receive(b"RING\r\nNO CARRIER\r\n+CMGS: 17\r\nOK\r\n");
    assert_eq!(
        events,
        [
            Event::Unsolicited(Unsolicited::Call),
            Event::Unsolicited(Unsolicited::Chatter),
            reply(&["+CMGS: 17"], FinalResult::Ok),
        ]
    );
}

#[test]
fn digits_that_got_lost_do_not_cost_the_next_text_its_own() {
    let mut dialogue = Dialogue::default();
    dialogue.start(Command::list_texts());
    let spoken = format!("+CMGL: 1,1,,30\r\n+CMGL: 2,1,,30\r\n^RSSI: 3\r\n{DIGITS}\r\nOK\r\n");
    let events = dialogue.receive(spoken.as_bytes());
    assert_eq!(events[1], reply(&["+CMGL: 1,1,,30", "+CMGL: 2,1,,30", DIGITS], FinalResult::Ok));
}

#[test]
fn digits_of_a_text_handed_over_are_not_taken_from_a_stored_one() {
    let mut dialogue = Dialogue::default();
    dialogue.receive(b"+CMT: ,30\r\n");
    dialogue.start(Command::list_texts());
    let events = dialogue.receive(format!("+CMGL: 1,1,,30\r\n{DIGITS}\r\nOK\r\n").as_bytes());
    assert_eq!(events, [reply(&["+CMGL: 1,1,,30", DIGITS], FinalResult::Ok)]);
}

#[test]
fn an_answer_without_end_is_not_kept_without_end() {
    let mut dialogue = Dialogue::default();
    dialogue.start(Command::signal());
    let events = dialogue.receive("+CSQ: 20,99\r\n".repeat(10_000).as_bytes());
    assert_eq!(events.len(), 10_000 - super::MOST_LINES);
}

#[test]
fn an_identity_is_a_line_of_any_form() {
    let mut dialogue = Dialogue::default();
    dialogue.start(Command::serial_number());
    let events = dialogue.receive(b"\r\n867012030405060\r\n\r\nOK\r\n");
    assert_eq!(events, [reply(&["867012030405060"], FinalResult::Ok)]);
}

proptest! {
    #[test]
    fn whatever_a_modem_says_is_survived(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..20)) {
        let mut dialogue = Dialogue::default();
        dialogue.start(Command::list_texts());
        for piece in pieces {
            let _ = dialogue.receive(&piece);
        }
    }

    #[test]
    fn lines_of_any_words_end_at_the_result(words in prop::collection::vec("[+A-Z0-9:, \"^>]{0,30}", 0..20)) {
        let mut dialogue = Dialogue::default();
        dialogue.start(Command::list_texts());
        for word in words {
            let _ = dialogue.receive(format!("{word}\r\n").as_bytes());
        }
        let _ = dialogue.receive(b"\r\nOK\r\n");
        assert!(!dialogue.is_busy());
    }
}
