//! What the modem does when it is told something: the commands gateways use, and the questions other programs
//! ask first.

use super::state::State;

/// How a command is answered.
pub(super) enum Answer {
    /// Lines, the last of them the result.
    Lines(Vec<String>),
    /// A text of this length is expected.
    Prompt(usize),
}

/// A refusal.
enum No {
    Plain,
    Message(u16),
    Equipment(u16),
}

type Said = Result<Vec<String>, No>;

/// Obeys a line, which may hold several commands: `AT+CMEE=1;+CREG=2`.
pub(super) fn execute(state: &mut State, line: &str) -> Answer {
    let upper = line.to_ascii_uppercase();
    let Some(body) = upper.strip_prefix("AT") else { return Answer::Lines(vec!["ERROR".to_owned()]) };
    if let Some(length) = body.strip_prefix("+CMGS=") {
        let gap = state.free_since.take().map(|since| since.elapsed());
        state.gaps.extend(gap);
        return match may_send(state) {
            Ok(()) => {
                state.expects_text = true;
                Answer::Prompt(length.trim().parse().unwrap_or(0))
            }
            Err(no) => Answer::Lines(vec![refusal(state, &no)]),
        };
    }
    let mut lines = Vec::new();
    for command in body.split(';').map(str::trim) {
        match one(state, command) {
            Ok(said) => lines.extend(said),
            Err(no) => {
                lines.push(refusal(state, &no));
                return Answer::Lines(lines);
            }
        }
    }
    lines.push("OK".to_owned());
    Answer::Lines(lines)
}

fn refusal(state: &State, no: &No) -> String {
    match no {
        No::Message(number) => format!("+CMS ERROR: {number}"),
        No::Equipment(number) if state.settings.error_numbers => format!("+CME ERROR: {number}"),
        No::Equipment(_) | No::Plain => "ERROR".to_owned(),
    }
}

fn may_send(state: &State) -> Result<(), No> {
    if !state.is_unlocked {
        return Err(No::Message(311));
    }
    if state.habits.full_blocks_sending && state.sm.is_full() {
        return Err(No::Message(322));
    }
    Ok(())
}

fn line(text: impl Into<String>) -> Said {
    Ok(vec![text.into()])
}

fn one(state: &mut State, command: &str) -> Said {
    match command {
        "" | "Z" | "&F" | "H" | "+CHUP" | "+CSMS=0" | "+IFC=2,2" | "+CMMS=2" => Ok(Vec::new()),
        "E0" => switch_echo(state, false),
        "E1" => switch_echo(state, true),
        "+CGMI" | "+GMI" => line("Posthouse"),
        "+CGMM" | "+GMM" => line("SIMULATOR"),
        "+CGMR" | "+GMR" => line("1.0"),
        "+CGSN" | "+GSN" => line(digits_of(&state.name, "86")),
        "+CCID" => line(format!("+CCID: \"{}\"", digits_of(card(state), "898600"))),
        "I" => Ok(vec!["Posthouse".to_owned(), "SIMULATOR".to_owned()]),
        "+CFUN=1" | "+CFUN?" => Ok(Vec::new()),
        "+CPIN?" => match (state.is_unlocked, state.wrong_pins) {
            (true, _) => line("+CPIN: READY"),
            (false, 0..=2) => line("+CPIN: SIM PIN"),
            (false, _) => line("+CPIN: SIM PUK"),
        },
        "+CSQ" => line("+CSQ: 20,99"),
        "+CSCA?" => line("+CSCA: \"+8613800100500\",145"),
        "+COPS?" => line("+COPS: 0,0,\"POSTHOUSE MOBILE\",7"),
        "+CSMS?" | "+CSMS=?" => line("+CSMS: 0,1,1,1"),
        "+CSCS=?" => line("+CSCS: (\"GSM\",\"HEX\",\"UCS2\")"),
        "+CMGF=?" => line("+CMGF: (0)"),
        "+CNMI=?" => line("+CNMI: (0-2),(0-2),(0),(0-2),(0,1)"),
        "+CPMS=?" if state.habits.has_report_memory => {
            line("+CPMS: (\"SM\",\"ME\",\"SR\"),(\"SM\",\"ME\"),(\"SM\",\"ME\")")
        }
        "+CPMS=?" => line("+CPMS: (\"SM\",\"ME\"),(\"SM\",\"ME\"),(\"SM\",\"ME\")"),
        "+CMGD=?" => line("+CMGD: (1-100),(0-4)"),
        _ => match command.split_once('=') {
            Some((name, value)) => set(state, name, value),
            None => ask(state, command),
        },
    }
}

fn switch_echo(state: &mut State, is_on: bool) -> Said {
    state.settings.echo = is_on;
    Ok(Vec::new())
}

/// Questions about settings, and about the SIM.
fn ask(state: &mut State, command: &str) -> Said {
    let settings = &state.settings;
    match command {
        "+CREG?" => line(format!("+CREG: {},{}", settings.registration_notices, registered(state))),
        "+CGREG?" => line(format!("+CGREG: 0,{}", registered(state))),
        "+CMGF?" => line(format!("+CMGF: {}", u8::from(settings.text_mode))),
        "+CNMI?" => line(format!("+CNMI: 2,{},0,{},0", settings.texts, settings.reports)),
        "+CSCS?" => line("+CSCS: \"GSM\""),
        "+CIMI" if state.is_unlocked => line(digits_of(card(state), "46")),
        "+CIMI" => Err(No::Equipment(11)),
        "+CPMS?" => {
            let (open, incoming) = (state.settings.open, state.settings.incoming);
            let one = usage(state, open);
            let two = usage(state, incoming);
            line(format!("+CPMS: \"{open}\",{one},\"{open}\",{one},\"{incoming}\",{two}"))
        }
        _ => Err(No::Plain),
    }
}

fn registered(state: &State) -> u8 {
    if state.is_unlocked { 1 } else { 0 }
}

fn usage(state: &mut State, memory: &str) -> String {
    let memory = state.memory(memory);
    format!("{},{}", memory.used(), memory.places())
}

fn set(state: &mut State, name: &str, value: &str) -> Said {
    match name {
        "+CPIN" => enter_pin(state, value.trim_matches('"')),
        "+CMEE" => {
            state.settings.error_numbers = value != "0";
            Ok(Vec::new())
        }
        "+CREG" => {
            state.settings.registration_notices = value.parse().map_err(|_| No::Plain)?;
            Ok(Vec::new())
        }
        "+CMGF" => {
            state.settings.text_mode = value == "1";
            Ok(Vec::new())
        }
        "+CSCS" | "+CSCA" => Ok(Vec::new()),
        "+CNMI" => {
            let mut values = value.split(',').skip(1);
            state.settings.texts = values.next().and_then(|text| text.parse().ok()).unwrap_or(0);
            state.settings.reports = values.nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
            state.take_waiting();
            Ok(Vec::new())
        }
        "+CPMS" => choose_memories(state, value),
        "+CMGL" => list(state, value),
        "+CMGR" => read(state, value),
        "+CMGD" => remove(state, value),
        _ => Err(No::Plain),
    }
}

fn enter_pin(state: &mut State, pin: &str) -> Said {
    state.pins_tried.push(pin.to_owned());
    if state.wrong_pins >= 3 {
        return Err(No::Equipment(12));
    }
    if state.sim.pin.as_deref() == Some(pin) {
        state.is_unlocked = true;
        state.wrong_pins = 0;
        return Ok(Vec::new());
    }
    state.wrong_pins += 1;
    Err(No::Equipment(16))
}

fn choose_memories(state: &mut State, value: &str) -> Said {
    let has_report_memory = state.habits.has_report_memory;
    let known = |name: &str| match name.trim().trim_matches('"') {
        "SM" => Ok("SM"),
        "ME" => Ok("ME"),
        "SR" if has_report_memory => Ok("SR"),
        _ => Err(No::Message(301)),
    };
    let names = value.split(',').map(known).collect::<Result<Vec<_>, _>>()?;
    if let Some(open) = names.first() {
        state.settings.open = open;
    }
    if let Some(incoming) = names.get(2) {
        state.settings.incoming = incoming;
    }
    let (open, incoming) = (state.settings.open, state.settings.incoming);
    let (one, two) = (usage(state, open), usage(state, incoming));
    line(format!("+CPMS: {one},{one},{two}"))
}

fn ready(state: &State) -> Result<(), No> {
    if state.is_unlocked { Ok(()) } else { Err(No::Message(311)) }
}

fn list(state: &mut State, value: &str) -> Said {
    ready(state)?;
    let wanted: u8 = value.trim_matches('"').parse().map_err(|_| No::Message(305))?;
    let open = state.settings.open;
    let texts = state.memory(open).all();
    Ok(texts
        .into_iter()
        .filter(|(_, stored)| wanted == 4 || wanted == u8::from(stored.is_read))
        .flat_map(|(place, stored)| {
            let header =
                format!("+CMGL: {place},{},,{}", u8::from(stored.is_read), tpdu_length(&stored.digits));
            [header, stored.digits]
        })
        .collect())
}

fn read(state: &mut State, value: &str) -> Said {
    ready(state)?;
    let place = value.parse().map_err(|_| No::Message(321))?;
    let open = state.settings.open;
    let stored = state.memory(open).read(place).ok_or(No::Message(321))?;
    Ok(vec![format!("+CMGR: {},,{}", u8::from(stored.is_read), tpdu_length(&stored.digits)), stored.digits])
}

fn remove(state: &mut State, value: &str) -> Said {
    ready(state)?;
    let (place, how) = value.split_once(',').unwrap_or((value, "0"));
    let open = state.settings.open;
    if how.trim() == "0" {
        let place = place.trim().parse().map_err(|_| No::Message(321))?;
        if !state.memory(open).remove(place) {
            return Err(No::Message(321));
        }
    } else {
        state.memory(open).clear();
    }
    state.take_waiting();
    Ok(Vec::new())
}

/// All ours are stored without a service centre: one byte in front.
fn tpdu_length(digits: &str) -> usize {
    digits.len() / 2 - 1
}

/// What the card's numbers are made of.
fn card(state: &State) -> &str {
    state.sim.card.as_deref().unwrap_or(&state.name)
}

/// Digits that belong to a name.
pub(super) fn digits_of(name: &str, start: &str) -> String {
    let sum = name.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    format!("{start}{:013}", sum % 10_000_000_000_000)
}
