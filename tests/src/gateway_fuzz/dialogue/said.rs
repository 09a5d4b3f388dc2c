//! What modems say, each with its meaning.

use posthouse_gateway::at::{Command, FinalResult, Reply, Unsolicited, answers};

use crate::random_input::Randomness;

/// An answer's lines and what they mean.
pub(super) struct Said {
    pub(super) lines: Vec<String>,
    pub(super) meaning: String,
}

/// Puts a line on the wire, with the white space and the dirt of real ones.
pub(super) fn write(line: &str, delivery: &mut Randomness, bytes: &mut Vec<u8>) {
    if delivery.once_in(2) {
        bytes.extend(b"\r\n");
    }
    for byte in line.bytes() {
        if delivery.once_in(24) {
            bytes.push(0x80 | delivery.byte());
        }
        bytes.push(byte);
        if delivery.once_in(40) {
            bytes.push(0);
        }
    }
    bytes.extend(delivery.pick(&["\r\n", "\r", "\n", "\r\r\n", " \r\n\r\n"]).unwrap_or("\r\n").bytes());
}

/// Digits of a text; different ones for different details.
fn digits(detail: u8) -> String {
    format!("07911326040000F0040B911346610089F6000020806291731408{detail:02X}")
}

pub(super) fn answer(command: &Command, detail: u8) -> Option<Said> {
    let said = |line: String, meaning: String| Some(Said { lines: vec![line], meaning });
    let name = command.text.trim_start_matches("AT").trim_end_matches(['?', '"', ',']);
    match name {
        "+CSQ" => {
            let level = u16::from(detail) % 34;
            let strength = (level < 32).then(|| i32::from(level) * 2 - 113);
            said(format!("+CSQ: {},99", if level < 32 { level } else { 99 }), format!("{strength:?}"))
        }
        "+CREG" | "+CEREG" => {
            let states =
                ["Idle", "Home", "Searching", "Denied", "Unknown", "Roaming", "TextsOnly", "TextsOnly"];
            let state = usize::from(detail) % states.len();
            let meaning = states.get(state).copied().unwrap_or_default().to_owned();
            let tail = match detail / 8 % 4 {
                0 => "",
                1 => ",\"00C3\",\"0000E0\"",
                2 => ",\"00C3\",\"0000E0\",7",
                _ => ",00C3,0000E0",
            };
            said(format!("{name}: {},{state}{tail}", if tail.is_empty() { 0 } else { 2 }), meaning)
        }
        "+CPIN" => {
            let states = [
                ("READY", "Ready"),
                ("SIM PIN", "PinNeeded"),
                ("SIM PUK", "Locked"),
                ("NOT INSERTED", "NoSim"),
                ("NOT READY", "Busy"),
                ("PH-NET PIN", "Other"),
            ];
            let (word, meaning) = states.get(usize::from(detail) % states.len())?;
            said(format!("+CPIN: {word}"), (*meaning).to_owned())
        }
        "+CMGL=4" | "+CMGR=3" => Some(stored(name.starts_with("+CMGL"), detail)),
        "+CMGS=23" => said(format!("+CMGS: {detail}"), format!("Some({detail})")),
        "+CGSN" => {
            let number = format!("8670120304{detail:05}");
            let line = if detail & 1 == 0 { number.clone() } else { format!("+CGSN: \"{number}\"") };
            said(line, format!("Some({number:?})"))
        }
        "+COPS" => match detail % 3 {
            0 => said("+COPS: 0".to_owned(), "None".to_owned()),
            _ => said("+COPS: 0,0,\"Tele, Fon\",7".to_owned(), "Some(\"Tele, Fon\")".to_owned()),
        },
        "+CSCA" => said("+CSCA: \"+8613800100500\",145".to_owned(), "Some(\"+8613800100500\")".to_owned()),
        name if name.starts_with("+CPMS") => {
            said(format!("+CPMS: {detail},255,{detail},255,{detail},255"), format!("Some(({detail}, 255))"))
        }
        _ => None,
    }
}

fn stored(is_list: bool, detail: u8) -> Said {
    let state = detail % 4;
    let name = ["", "+86138", "Tele, Fon"].get(usize::from(detail) % 3).copied().unwrap_or_default();
    let quoted = if name.is_empty() { String::new() } else { format!("\"{name}\"") };
    let digits = digits(detail);
    let (head, place) = match is_list {
        true => (format!("+CMGL: {detail},{state},{quoted},24"), Some(u16::from(detail))),
        false => (format!("+CMGR: {state},{quoted},24"), None),
    };
    let meaning = format!("{place:?} {} {digits};", state > 1);
    Said { lines: vec![head, digits], meaning }
}

/// What the gateway reads in a reply, in the words of [`answer`].
pub(super) fn meaning_of(command: &Command, reply: &Reply) -> String {
    let name = command.text.get(..7).unwrap_or(&command.text);
    match name.trim_end_matches('?') {
        "AT+CSQ" => format!("{:?}", answers::signal(reply).and_then(|signal| signal.strength)),
        "AT+CREG" | "AT+CERE" => {
            answers::registration(reply).map_or_else(String::new, |it| format!("{it:?}"))
        }
        "AT+CPIN" => format!("{:?}", answers::pin_state(reply)),
        "AT+CMGL" | "AT+CMGR" => answers::stored_texts(reply)
            .iter()
            .map(|text| format!("{:?} {} {};", text.place, text.is_ours, text.digits))
            .collect(),
        "AT+CMGS" => format!("{:?}", answers::sent_reference(reply)),
        "AT+CGSN" => format!("{:?}", answers::identity(reply)),
        "AT+COPS" => format!("{:?}", answers::operator(reply).map(|operator| operator.name)),
        "AT+CSCA" => format!("{:?}", answers::service_centre(reply)),
        _ => format!("{:?}", answers::memory(reply).map(|memory| (memory.used, memory.total))),
    }
}

pub(super) fn result(detail: u8) -> (String, FinalResult) {
    let number = u16::from(detail) * 3;
    match detail % 8 {
        0 => ("ERROR".to_owned(), FinalResult::Error),
        1 => (format!("+CMS ERROR: {number}"), FinalResult::Cms(number)),
        2 => (format!("+CME ERROR: {number}"), FinalResult::Cme(number)),
        3 => ("+CMS ERROR: no network service".to_owned(), FinalResult::Cms(u16::MAX)),
        4 => ("COMMAND NOT SUPPORT".to_owned(), FinalResult::Error),
        _ => ("OK".to_owned(), FinalResult::Ok),
    }
}

/// A notice that cannot be an answer to the command under way.
pub(super) fn notice(detail: u8, asked: &str) -> (Vec<String>, Unsolicited) {
    let number = detail / 20;
    let place = u16::from(detail);
    let one = |line: &str, notice| (vec![line.to_owned()], notice);
    let direct = |head: &str| {
        let digits = digits(detail);
        (vec![head.to_owned(), digits.clone()], Unsolicited::Direct { digits })
    };
    let stored = |memory: &str| (memory.to_owned(), place);
    match detail % 20 {
        0 | 1 => {
            let (memory, place) = stored(if detail.is_multiple_of(20) { "SM" } else { "ME" });
            one(&format!("+CMTI: \"{memory}\",{place}"), Unsolicited::TextStored { memory, place })
        }
        2 => {
            let (memory, place) = stored("SR");
            one(&format!("+CDSI: \"{memory}\",{place}"), Unsolicited::ReportStored { memory, place })
        }
        3 => direct("+CMT: ,24"),
        4 => direct("+CMT: \"Tele, Fon\",24"),
        5 => direct("+CDS: 24"),
        6 => one(&format!("+CREG: {number}"), Unsolicited::Registration(number)),
        7 => one(&format!("+CEREG: {number}"), Unsolicited::Registration(number)),
        8 => one(&format!("+CREG: {number},\"00C3\",\"0000E0\""), Unsolicited::Registration(number)),
        9 => one(&format!("+CEREG: {number},\"00C3\",\"0000E0\",7"), Unsolicited::Registration(number)),
        10 => one("^BOOT:20735712,0,0,0,20", Unsolicited::Restarted),
        11 if !asked.starts_with("AT+CPIN") => one("+CPIN: READY", Unsolicited::Restarted),
        11 => one("SMS Ready", Unsolicited::Restarted),
        12 => one("RING", Unsolicited::Call),
        13 => one("^SMMEMFULL: \"SM\"", Unsolicited::MemoryFull),
        14 => {
            let answer = "5 yuan, 3 fen".to_owned();
            one(&format!("+CUSD: 0,\"{answer}\",15"), Unsolicited::NetworkAnswer(answer))
        }
        // Whoever called has given up; none of our commands is answered so.
        15 => one("NO CARRIER", Unsolicited::Chatter),
        16 => one("+CIEV: 2,1", Unsolicited::Chatter),
        17 => one("+CSQN: 12,99", Unsolicited::Chatter),
        18 => one("*PSUTTZ: 26,11,27", Unsolicited::Chatter),
        _ => one("^RSSI: 12", Unsolicited::Chatter),
    }
}

/// A line nobody knows.
pub(super) fn noise(detail: u8) -> &'static str {
    let lines = [
        "HELLO",
        "OKAY",
        "ERRORS",
        "+CSQ 20,99",
        "+CMS",
        "+XYZ: 1,\"a,b",
        "AT+XYZ",
        "a > b",
        "0791",
        "\"",
        "7",
        "+CMGL 3",
        "OK OK",
    ];
    lines.get(usize::from(detail) % lines.len()).copied().unwrap_or("HELLO")
}
