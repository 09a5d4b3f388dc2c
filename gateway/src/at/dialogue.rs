//! One modem's conversation: which line answers the command under way, and which comes unasked.

use super::command::{Command, Form};
use super::lines::{LineAssembler, Received};
use super::unsolicited::{self, Reading, Unsolicited};
use super::{FinalResult, Reply};

/// What came of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The command under way has ended.
    Reply(Reply),
    /// The modem waits for the payload: write what [`Dialogue::payload`] gives.
    Prompt,
    /// Something unasked.
    Unsolicited(Unsolicited),
    /// Our own command came back: echo is on.
    Echo,
    /// A line nobody knows.
    Unknown(String),
}

/// What is being waited for.
#[derive(Debug)]
struct UnderWay {
    command: Command,
    lines: Vec<String>,
    /// A line of digits belongs to the line before.
    expects_digits: bool,
    is_payload_written: bool,
}

/// Reads one modem.
#[derive(Debug, Default)]
pub struct Dialogue {
    assembler: LineAssembler,
    under_way: Option<UnderWay>,
    /// `+CMT` or `+CDS` was seen.
    expects_direct: bool,
}

/// Lines of one answer: a memory has far fewer texts, and the port may be somebody else's.
const MOST_LINES: usize = 8_192;

/// Ends a message's text.
const SUBSTITUTE: &str = "\u{1a}";

impl Dialogue {
    /// Starts a command; the answer is what has to be written. One that was under way is forgotten.
    pub fn start(&mut self, command: Command) -> Vec<u8> {
        let bytes = format!("{}\r", command.text).into_bytes();
        self.assembler.expect_prompt(command.payload.is_some());
        self.under_way =
            Some(UnderWay { command, lines: Vec::new(), expects_digits: false, is_payload_written: false });
        bytes
    }

    /// What has to be written after a prompt; from then on the text may be out.
    pub fn payload(&mut self) -> Option<Vec<u8>> {
        let under_way = self.under_way.as_mut()?;
        let payload = under_way.command.payload.as_ref()?;
        under_way.is_payload_written = true;
        Some(format!("{payload}{SUBSTITUTE}").into_bytes())
    }

    /// A command is under way.
    pub fn is_busy(&self) -> bool {
        self.under_way.is_some()
    }

    /// Gives up the command under way. True when its payload had gone out, so that its effect is not known.
    pub fn give_up(&mut self) -> bool {
        self.assembler.expect_prompt(false);
        self.under_way.take().is_some_and(|under_way| under_way.is_payload_written)
    }

    /// Forgets everything, as after the port was opened anew.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Takes what was read.
    pub fn receive(&mut self, bytes: &[u8]) -> Vec<Event> {
        // Byte by byte, for what a line means decides whether a prompt can follow.
        let mut events = Vec::new();
        for byte in bytes {
            let piece = self.assembler.take(*byte);
            events.extend(piece.and_then(|piece| self.take(piece)));
        }
        events
    }

    fn take(&mut self, piece: Received) -> Option<Event> {
        let line = match piece {
            Received::Prompt => return Some(Event::Prompt),
            Received::Line(line) => line,
        };
        if self.under_way.as_ref().is_some_and(|under_way| under_way.is_echo(&line)) {
            return Some(Event::Echo);
        }
        if self.expects_direct && is_pdu(&line) {
            self.expects_direct = false;
            return Some(Event::Unsolicited(Unsolicited::Direct { digits: line }));
        }
        if let Some(under_way) = &mut self.under_way {
            if let Some(result) = FinalResult::of_line(&line).filter(|_| !under_way.wants_number(&line)) {
                return self.end(result);
            }
            if under_way.lines.len() < MOST_LINES && under_way.is_answer(&line) {
                // Digits that got lost are not made up for by those of a stored text.
                self.expects_direct = false;
                under_way.lines.push(line);
                return None;
            }
        }
        match unsolicited::read(&line) {
            Reading::Notice(notice) => Some(Event::Unsolicited(notice)),
            Reading::DigitsFollow => {
                self.expects_direct = true;
                None
            }
            Reading::Unknown => self.unknown(line),
        }
    }

    fn end(&mut self, result: FinalResult) -> Option<Event> {
        self.assembler.expect_prompt(false);
        let under_way = self.under_way.take()?;
        Some(Event::Reply(Reply { lines: under_way.lines, result }))
    }

    /// Identities come in any form, so for them no line is unknown.
    fn unknown(&mut self, line: String) -> Option<Event> {
        match &mut self.under_way {
            Some(under_way) if under_way.command.form == Form::Free && under_way.lines.len() < MOST_LINES => {
                under_way.lines.push(line);
                None
            }
            _ => Some(Event::Unknown(line)),
        }
    }
}

impl UnderWay {
    fn is_echo(&self, line: &str) -> bool {
        let is_payload = |payload: &String| line.trim_end_matches('\u{1a}') == payload;
        line == self.command.text || self.command.payload.as_ref().is_some_and(is_payload)
    }

    /// Results as numbers look like identities, of which none is this short.
    fn wants_number(&self, line: &str) -> bool {
        line.len() == 1 && !matches!(self.command.form, Form::Result)
    }

    fn is_answer(&mut self, line: &str) -> bool {
        match self.command.form {
            Form::Result | Form::Free => false,
            Form::Prefixed(prefix) => has_prefix(line, prefix) && !self.is_notice_in_disguise(line),
            Form::PrefixedWithPdu(prefix) => {
                if has_prefix(line, prefix) {
                    self.expects_digits = true;
                    return true;
                }
                // A notice may come between.
                let is_digits = self.expects_digits && is_pdu(line);
                self.expects_digits &= !is_digits;
                is_digits
            }
        }
    }

    /// `+CREG: 5` while `AT+CREG?` is under way.
    fn is_notice_in_disguise(&self, line: &str) -> bool {
        matches!(self.command.form, Form::Prefixed("+CREG" | "+CEREG"))
            && matches!(unsolicited::read(line), Reading::Notice(_))
    }
}

fn has_prefix(line: &str, prefix: &str) -> bool {
    line.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(':'))
}

fn is_pdu(line: &str) -> bool {
    line.len() >= 16 && line.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests;
