//! What modems say unasked.

use super::parameters;

/// A known notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsolicited {
    /// `+CMTI`: a text lies in this memory.
    TextStored {
        /// Which memory.
        memory: String,
        /// Where in it.
        place: u16,
    },
    /// `+CDSI`: a report lies in this memory.
    ReportStored {
        /// Which memory.
        memory: String,
        /// Where in it.
        place: u16,
    },
    /// `+CMT` or `+CDS` and its digits: a text or report that lies nowhere.
    Direct {
        /// The PDU.
        digits: String,
    },
    /// `+CREG`, `+CGREG` or `+CEREG`: registration changed to this state.
    Registration(u8),
    /// The modem has started, so all settings are gone.
    Restarted,
    /// The memory takes no more texts.
    MemoryFull,
    /// Somebody calls.
    Call,
    /// `+CUSD`: the network's answer to a code.
    NetworkAnswer(String),
    /// Known, and of no interest: signal, mode, counters.
    Chatter,
}

/// What a line means when nobody asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading {
    Notice(Unsolicited),
    /// The next line has the digits.
    DigitsFollow,
    Unknown,
}

/// Words of modems that have just started.
const STARTED: [&str; 9] = [
    "RDY",
    "SMS READY",
    "CALL READY",
    "SMS DONE",
    "+CPIN: READY",
    "+CPIN: NOT READY",
    "+CPIN: SIM PIN",
    "START",
    "MODEM:STARTUP",
];

/// How calls end. They answer `ATD` only (ITU-T V.250 section 6.3), which we never say, so a caller has given up.
const CALL_ENDED: [&str; 5] = ["NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "NO DIAL TONE"];

/// Beginnings of lines nobody has to act on.
const CHATTER: [&str; 16] = [
    "+CIEV:", "+CSQN:", "+CTZV:", "+CTZE:", "+CTZU:", "+NITZ:", "+QIND:", "+STIN:", "+CGEV:", "+CCWA:",
    "+CLIP:", "+CSSI:", "+CSSU:", "+CFUN:", "PB DONE", "+PBREADY",
];

pub(super) fn read(line: &str) -> Reading {
    let stored = |prefix| {
        let values = parameters::of_line(line, prefix)?;
        let place = values.get(1)?.parse().ok()?;
        Some((values.first()?.to_string(), place))
    };
    if let Some((memory, place)) = stored("+CMTI") {
        return Reading::Notice(Unsolicited::TextStored { memory, place });
    }
    if let Some((memory, place)) = stored("+CDSI") {
        return Reading::Notice(Unsolicited::ReportStored { memory, place });
    }
    if line.starts_with("+CMT:") || line.starts_with("+CDS:") || line.starts_with("+CBM:") {
        return Reading::DigitsFollow;
    }
    notice(line).map_or(Reading::Unknown, Reading::Notice)
}

fn notice(line: &str) -> Option<Unsolicited> {
    if let Some(state) = registration(line) {
        return Some(Unsolicited::Registration(state));
    }
    let upper = line.to_ascii_uppercase();
    if STARTED.contains(&upper.as_str()) || upper.starts_with("^BOOT:") || upper.starts_with("^SYSSTART") {
        return Some(Unsolicited::Restarted);
    }
    if upper.starts_with("^SMMEMFULL") || upper == "+SMSFULL" {
        return Some(Unsolicited::MemoryFull);
    }
    if upper == "RING" || upper.starts_with("+CRING:") {
        return Some(Unsolicited::Call);
    }
    if let Some(values) = parameters::of_line(line, "+CUSD") {
        return Some(Unsolicited::NetworkAnswer(values.get(1).unwrap_or(&"").to_string()));
    }
    // Makers' own notices begin with these; none of our commands is answered so.
    let is_known = CALL_ENDED.contains(&upper.as_str());
    let is_makers = line.starts_with('^') || line.starts_with('*') || line.starts_with("%C");
    (is_known || is_makers || CHATTER.iter().any(|known| upper.starts_with(known)))
        .then_some(Unsolicited::Chatter)
}

/// The unasked form: the state comes first, what follows is a place in quotes. An answer has the kind of
/// notices first and the state, one digit, second.
fn registration(line: &str) -> Option<u8> {
    let values = ["+CREG", "+CGREG", "+CEREG"].iter().find_map(|prefix| parameters::of_line(line, prefix))?;
    let second = line.split(',').nth(1).map(str::trim);
    let is_answer = second.is_some_and(|second| second.len() == 1);
    if is_answer { None } else { values.first()?.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::{Reading, Unsolicited, read};

    fn notice(line: &str) -> Unsolicited {
        match read(line) {
            Reading::Notice(notice) => notice,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn a_new_text_names_its_memory() {
        let expected = Unsolicited::TextStored { memory: "ME".to_owned(), place: 7 };
        assert_eq!(notice("+CMTI: \"ME\",7"), expected);
    }

    #[test]
    fn restarts_are_recognised_in_every_makers_words() {
        for line in ["^BOOT:20735712,0,0,0,20", "RDY", "SMS Ready", "+CPIN: READY", "^SYSSTART"] {
            assert_eq!(notice(line), Unsolicited::Restarted, "{line}");
        }
    }

    #[test]
    fn registration_unasked_differs_from_an_answer() {
        assert_eq!(notice("+CREG: 5"), Unsolicited::Registration(5));
        assert_eq!(notice("+CREG: 1,\"00C3\",\"0000E0\""), Unsolicited::Registration(1));
        for answer in ["+CREG: 2,1", "+CREG: 2,1,\"00C3\",\"0000E0\"", "+CEREG: 2,5,00C3,0000E0,7"] {
            assert_eq!(read(answer), Reading::Unknown, "{answer}");
        }
    }

    #[test]
    fn makers_chatter_is_known() {
        assert_eq!(notice("^RSSI: 18"), Unsolicited::Chatter);
        assert_eq!(read("HELLO"), Reading::Unknown);
    }
}
