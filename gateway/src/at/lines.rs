//! Cuts what a modem says into lines and prompts.

/// A piece of what a modem says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A line, without its end and without white space around it; never empty.
    Line(String),
    /// `> `: the modem waits for a message's text. It comes without a line end.
    Prompt,
}

/// Puts bytes together, whatever pieces they come in.
#[derive(Debug, Default)]
pub struct LineAssembler {
    line: String,
    expects_prompt: bool,
    is_too_long: bool,
    /// What did not fit into the line was more than white space.
    has_lost_text: bool,
}

/// Longer lines are noise: a text of the full length takes some 400 digits.
const LONGEST: usize = 4_096;

impl LineAssembler {
    /// From now on a line that begins with `>` is a prompt, until one came or this is taken back.
    pub fn expect_prompt(&mut self, is_expected: bool) {
        self.expects_prompt = is_expected;
    }

    /// Forgets a line that has only begun, as after the port was opened anew.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Takes what was read.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Received> {
        bytes.iter().filter_map(|byte| self.take(*byte)).collect()
    }

    /// Takes one byte.
    pub(super) fn take(&mut self, byte: u8) -> Option<Received> {
        match byte {
            b'\r' | b'\n' => return self.end_line(),
            b'>' if self.expects_prompt && !self.has_lost_text && self.line.trim().is_empty() => {
                *self = Self::default();
                return Some(Received::Prompt);
            }
            // Noise on the line: NUL and what is no ASCII.
            0 | 0x80..=0xff => {}
            _ if self.line.len() >= LONGEST => {
                self.is_too_long = true;
                self.has_lost_text |= !char::from(byte).is_whitespace();
            }
            _ => self.line.push(char::from(byte)),
        }
        None
    }

    fn end_line(&mut self) -> Option<Received> {
        let line = std::mem::take(&mut self.line);
        let is_too_long = std::mem::take(&mut self.is_too_long);
        self.has_lost_text = false;
        let trimmed = line.trim_matches(|c: char| c.is_ascii_whitespace() || c.is_ascii_control());
        let is_line = !trimmed.is_empty() && !is_too_long;
        is_line.then(|| Received::Line(trimmed.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{LineAssembler, Received};

    fn line(text: &str) -> Received {
        Received::Line(text.to_owned())
    }

    #[test]
    fn pieces_of_any_size_give_the_same_lines() {
        let spoken = b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n";
        for size in 1..spoken.len() {
            let mut assembler = LineAssembler::default();
            let found: Vec<Received> = spoken.chunks(size).flat_map(|piece| assembler.feed(piece)).collect();
            assert_eq!(found, [line("+CSQ: 20,99"), line("OK")]);
        }
    }

    #[test]
    fn a_prompt_needs_no_line_end_and_may_follow_a_notice() {
        let mut assembler = LineAssembler::default();
        assembler.expect_prompt(true);
        let found = assembler.feed(b"\r\n+CMTI: \"SM\",3\r\n\r\n> ");
        assert_eq!(found, [line("+CMTI: \"SM\",3"), Received::Prompt]);
    }

    #[test]
    fn a_line_is_no_prompt_when_none_is_expected() {
        let mut assembler = LineAssembler::default();
        assert_eq!(assembler.feed(b"> hello\r\n"), [line("> hello")]);
    }

    #[test]
    fn noise_is_dropped() {
        let mut assembler = LineAssembler::default();
        assert_eq!(assembler.feed(b"\0\xff\r\nO\x80K\0\r\n"), [line("OK")]);
    }

    #[test]
    fn an_endless_line_is_forgotten_and_the_next_one_is_read() {
        let mut assembler = LineAssembler::default();
        let mut found = assembler.feed(&vec![b'x'; 100_000]);
        found.extend(assembler.feed(b"\r\nOK\r\n"));
        assert_eq!(found, [line("OK")]);
    }

    #[test]
    fn an_angle_behind_text_that_did_not_fit_is_no_prompt() {
        let mut assembler = LineAssembler::default();
        assembler.expect_prompt(true);
        let mut found = assembler.feed(&vec![b' '; 5_000]);
        found.extend(assembler.feed(b"noise>\r\n> "));
        assert_eq!(found, [Received::Prompt]);
    }

    #[test]
    fn the_line_behind_a_prompt_is_read_whatever_was_before_it() {
        let mut assembler = LineAssembler::default();
        assembler.expect_prompt(true);
        let mut found = assembler.feed(&vec![b' '; 100_000]);
        found.extend(assembler.feed(b"> +CMGS: 17\r\n"));
        assert_eq!(found, [Received::Prompt, line("+CMGS: 17")]);
    }
}
