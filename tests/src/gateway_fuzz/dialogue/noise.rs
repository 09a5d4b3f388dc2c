//! Whatever a modem says is survived, and every line goes to one place.

use posthouse_gateway::at::{Event, Form, Received, Unsolicited, answers};

use super::{Maker, command, feed};
use crate::gateway_fuzz::lines;
use crate::random_input::{Finding, Randomness, Traits};

/// What noise is made of.
pub(super) const WORDS: [&[u8]; 30] = [
    b"\r\n",
    b"OK\r\n",
    b"ERROR\r\n",
    b"+CMS ERROR: 500\r\n",
    b"+CME ERROR: SIM busy\r\n",
    b"+CMTI: \"SM\",3\r\n",
    b"+CMTI: \"SM\"\r\n",
    b"+CDSI: \"SR\",70000\r\n",
    b"+CMT: ,24\r\n",
    b"+CDS: 24\r\n",
    b"07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07\r\n",
    b"+CMGL: 3,1,,24\r\n",
    b"+CMGR: 1,,24\r\n",
    b"+CMGS: 17\r\n",
    b"+CREG: 5\r\n",
    b"+CREG: 2,1,\"00C3\",\"E0\"\r\n",
    b"+CREG: ,,\"\r\n",
    b"+CEREG: 0,1\r\n",
    b"+CSQ: 99999,\r\n",
    b"+CPIN: SIM PIN\r\n",
    b"+COPS: 0,0,\"Tele, Fon\",7\r\n",
    b"+CPMS: 70000,1\r\n",
    b"+CUSD: 2,\"\",15\r\n",
    b"^BOOT:1\r\n",
    b"RING\r\n",
    b"NO CARRIER\r\n",
    b"867012030405060\r\n",
    b"4\r\n",
    b"AT\r",
    b"\0\xff ,\":",
];

pub(super) fn check(input: &[u8], maker: Maker<'_>) -> Result<Traits, Finding> {
    let (letter, said) = input.split_first().map_or((b'A', input), |(letter, said)| (*letter, said));
    let said = [said, b"\r\n"].concat();
    let command = command(letter);
    let mut choices = Randomness::of(input);
    let mut expected: Option<Vec<Event>> = None;
    for most in [usize::MAX, 1, 9] {
        let mut reader = maker();
        reader.start(command.clone());
        let mut size = || if most < 2 { most } else { 1 + choices.below(most) };
        let mut events = feed(reader.as_mut(), &said, &mut size);
        if reader.is_busy() {
            events.extend(feed(reader.as_mut(), b"\r\nOK\r\n", &mut size));
            if reader.is_busy() {
                return Err(Finding::new("a final result ends a reply", format!("{events:?}")));
            }
        }
        match &expected {
            Some(first) if *first != events => {
                return Err(Finding::new(
                    "the same bytes mean the same in any pieces",
                    format!("{first:?}\n{events:?}"),
                ));
            }
            _ => expected = Some(events),
        }
    }
    let events = expected.unwrap_or_default();
    if command.payload.is_none() {
        check_places(&said, &events, command.form == Form::Result)?;
    }
    read_answers(&events);
    let shape: Vec<u8> = events.iter().take(10).map(kind).chain([letter]).collect();
    Ok(Traits { accepted: events.len().min(6), error: None, around: Randomness::of(&shape).number() })
}

/// Every line is an event, part of a reply, its end, or the head of a text handed over.
fn check_places(said: &[u8], events: &[Event], takes_numbers: bool) -> Result<(), Finding> {
    let mut lines: Vec<String> = Vec::new();
    for piece in lines::reading(said, None) {
        if let Received::Line(line) = piece {
            lines.push(line);
        }
    }
    let lost =
        |detail: String| Err(Finding::new("every line goes to one place", format!("{detail}\n{events:?}")));
    let heads = ["+CMT:", "+CDS:", "+CBM:"];
    let heads = lines.iter().filter(|line| heads.iter().any(|head| line.starts_with(head))).count();
    let is_final = |line: &&String| is_final(line, takes_numbers);
    let ends = usize::from(lines.iter().any(|line| is_final(&line)));
    let mut replies = 0;
    let mut placed = 0;
    for event in events {
        match event {
            Event::Reply(reply) => {
                replies += 1;
                placed += reply.lines.len() + ends;
                if let Some(line) = reply.lines.iter().find(|line| !lines.contains(line)) {
                    return lost(format!("nobody said {line}"));
                }
                if let Some(line) = reply.lines.iter().find(is_final) {
                    return lost(format!("{line} ends a reply"));
                }
            }
            Event::Unknown(line) if !lines.contains(line) => return lost(format!("nobody said {line}")),
            Event::Unsolicited(_) | Event::Echo | Event::Unknown(_) | Event::Prompt => placed += 1,
        }
    }
    if replies != 1 || placed > lines.len() || placed + heads < lines.len() {
        return lost(format!("{} lines, {placed} found, {heads} heads, {replies} replies", lines.len()));
    }
    Ok(())
}

/// The final results of TS 27.005, TS 27.007 and V.250, and two that makers invented.
fn is_final(line: &str, takes_numbers: bool) -> bool {
    matches!(line, "OK" | "ERROR" | "COMMAND NOT SUPPORT" | "TOO MANY PARAMETERS")
        || line.starts_with("+CMS ERROR:")
        || line.starts_with("+CME ERROR:")
        || (takes_numbers && matches!(line, "0" | "4"))
}

/// None of them panics.
fn read_answers(events: &[Event]) {
    for event in events {
        if let Event::Reply(reply) = event {
            let _ = (answers::identity(reply), answers::signal(reply), answers::registration(reply));
            let _ = (answers::operator(reply), answers::service_centre(reply), answers::pin_state(reply));
            let _ = (answers::stored_texts(reply), answers::memory(reply), answers::sent_reference(reply));
        }
    }
}

/// A letter for each kind of event.
pub(super) fn kind(event: &Event) -> u8 {
    match event {
        Event::Reply(reply) => 100 + u8::try_from(reply.lines.len().min(8)).unwrap_or(8),
        Event::Prompt => 1,
        Event::Echo => 2,
        Event::Unknown(_) => 3,
        Event::Unsolicited(notice) => match notice {
            Unsolicited::TextStored { .. } => 10,
            Unsolicited::ReportStored { .. } => 11,
            Unsolicited::Direct { .. } => 12,
            Unsolicited::Registration(_) => 13,
            Unsolicited::Restarted => 14,
            Unsolicited::MemoryFull => 15,
            Unsolicited::Call => 16,
            Unsolicited::NetworkAnswer(_) => 17,
            Unsolicited::Chatter => 18,
        },
    }
}
