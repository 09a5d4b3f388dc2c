//! A script's bytes tell what a modem does, so that what has to be understood is known: capital letters start
//! commands, any other byte and the one behind it are an act of the modem.

use posthouse_gateway::at::{Command, Event, FinalResult, Form, Reply};

use super::noise::kind;
use super::said::{self, Said};
use super::{Maker, SUBMITTED, command, feed};
use crate::random_input::{Finding, Randomness, Traits};

/// What happens, one after the other.
#[derive(Debug)]
enum Step {
    Start(Command),
    Say(Vec<u8>),
    /// With what the answer has to be: the payload had been written.
    GiveUp(bool),
}

/// A command under way, as the script knows it.
#[derive(Debug)]
struct UnderWay {
    command: Command,
    lines: Vec<String>,
    /// What its answer means, as text; the first answer counts.
    meaning: Option<String>,
    awaits_prompt: bool,
    is_payload_written: bool,
}

/// A whole conversation.
#[derive(Debug, Default)]
struct Script {
    steps: Vec<Step>,
    expected: Vec<Event>,
    /// Of each reply in `expected`, by its place there.
    meanings: Vec<(usize, Command, Option<String>)>,
    under_way: Option<UnderWay>,
}

pub(super) fn check(input: &[u8], maker: Maker<'_>) -> Result<Traits, Finding> {
    let script = Script::read(input);
    let mut choices = Randomness::of(input);
    for most in [usize::MAX, 1, 11] {
        let mut reader = maker();
        let mut events = Vec::new();
        let mut size = || if most < 2 { most } else { 1 + choices.below(most) };
        for step in &script.steps {
            match step {
                Step::Start(command) => {
                    reader.start(command.clone());
                }
                Step::Say(bytes) => events.extend(feed(reader.as_mut(), bytes, &mut size)),
                Step::GiveUp(was_written) if reader.give_up() != *was_written => {
                    return Err(Finding::new("it is known whether a text had gone out", script.told()));
                }
                Step::GiveUp(_) => {}
            }
        }
        if events != script.expected {
            return Err(Finding::new(
                "what a modem says is understood",
                format!("{}\nfound: {events:?}\nexpected: {:?}", script.told(), script.expected),
            ));
        }
    }
    script.check_meanings()?;
    let shape: Vec<u8> = script.expected.iter().take(8).map(kind).collect();
    let around = Randomness::of(&shape).number();
    Ok(Traits { accepted: script.meanings.len().min(4), error: None, around })
}

impl Script {
    fn read(input: &[u8]) -> Self {
        let mut script = Self::default();
        let mut bytes = input.iter().copied();
        while let Some(letter) = bytes.next() {
            if letter.is_ascii_uppercase() {
                let command = command(letter);
                script.steps.push(Step::Start(command.clone()));
                script.under_way = Some(UnderWay {
                    awaits_prompt: command.payload.is_some(),
                    command,
                    lines: Vec::new(),
                    meaning: None,
                    is_payload_written: false,
                });
            } else {
                script.act(letter, bytes.next().unwrap_or(0));
            }
        }
        script
    }

    fn act(&mut self, letter: u8, detail: u8) {
        let place = u8::try_from(self.steps.len() % 256).unwrap_or(0);
        let mut delivery = Randomness::of(&[letter, detail, place]);
        let act = letter.wrapping_sub(b'a') % 10;
        let mut text = Vec::new();
        match act {
            0..=2 => self.answer(act, detail, &mut text),
            // Its digits are lost on the way.
            3 => text.push("+CMT: ,24".to_owned()),
            4 => self.echo(detail, &mut text),
            5 => self.end(detail, &mut text),
            6 => {
                let was_written = self.under_way.take().is_some_and(|it| it.is_payload_written);
                return self.steps.push(Step::GiveUp(was_written));
            }
            7 => self.notice(detail, &mut text),
            8 => self.noise(detail, &mut text),
            _ => return self.prompt(detail),
        }
        let mut bytes = Vec::new();
        for line in text {
            said::write(&line, &mut delivery, &mut bytes);
        }
        self.steps.push(Step::Say(bytes));
    }

    /// 0: an answer; 1: with a notice or noise in the middle; 2: its second half is lost.
    fn answer(&mut self, act: u8, detail: u8, text: &mut Vec<String>) {
        let Some(under_way) = &mut self.under_way else { return };
        let Some(Said { mut lines, meaning }) = said::answer(&under_way.command, detail) else { return };
        if act == 2 && lines.len() < 2 {
            return;
        }
        if act == 2 {
            lines.pop();
        } else if matches!(under_way.command.form, Form::PrefixedWithPdu(_)) {
            under_way.meaning.get_or_insert_default().push_str(&meaning);
        } else if under_way.lines.is_empty() {
            under_way.meaning = Some(meaning);
        }
        under_way.lines.extend(lines.iter().cloned());
        let mut lines = lines.into_iter();
        text.extend(lines.next());
        if act == 1 && detail.is_multiple_of(3) {
            self.noise(detail, text);
        } else if act == 1 {
            self.notice(detail, text);
        }
        text.extend(lines);
    }

    fn echo(&mut self, detail: u8, text: &mut Vec<String>) {
        let Some(under_way) = &self.under_way else { return };
        let is_text = under_way.is_payload_written && detail & 1 == 1;
        text.push(if is_text { format!("{SUBMITTED}\u{1a}") } else { under_way.command.text.clone() });
        self.expected.push(Event::Echo);
    }

    fn end(&mut self, detail: u8, text: &mut Vec<String>) {
        let (line, result) = said::result(detail);
        text.push(line.clone());
        let Some(under_way) = self.under_way.take() else {
            return self.expected.push(Event::Unknown(line));
        };
        let meaning = under_way.meaning.filter(|_| result == FinalResult::Ok);
        self.meanings.push((self.expected.len(), under_way.command, meaning));
        self.expected.push(Event::Reply(Reply { lines: under_way.lines, result }));
    }

    fn notice(&mut self, detail: u8, text: &mut Vec<String>) {
        let asked = self.under_way.as_ref().map_or("", |it| it.command.text.as_str());
        let (lines, notice) = said::notice(detail, asked);
        text.extend(lines);
        self.expected.push(Event::Unsolicited(notice));
    }

    /// Identities are lines of any form, so noise in their place is taken for one.
    fn noise(&mut self, detail: u8, text: &mut Vec<String>) {
        let line = said::noise(detail).to_owned();
        text.push(line.clone());
        match &mut self.under_way {
            Some(under_way) if under_way.command.form == Form::Free => {
                under_way.lines.push(line);
            }
            _ => self.expected.push(Event::Unknown(line)),
        }
    }

    fn prompt(&mut self, detail: u8) {
        let Some(under_way) = self.under_way.as_mut().filter(|it| it.awaits_prompt) else { return };
        under_way.awaits_prompt = false;
        under_way.is_payload_written = true;
        self.expected.push(Event::Prompt);
        let bytes: &[u8] = if detail & 1 == 1 { b"\r\n> " } else { b"\0\r\r\n >" };
        self.steps.push(Step::Say(bytes.to_vec()));
    }

    fn check_meanings(&self) -> Result<(), Finding> {
        for (place, command, meaning) in &self.meanings {
            let Some(Event::Reply(reply)) = self.expected.get(*place) else { continue };
            let Some(meaning) = meaning else { continue };
            let found = said::meaning_of(command, reply);
            if found != *meaning {
                return Err(Finding::new(
                    "an answer means what the modem meant",
                    format!("{reply:?}\nfound: {found}\nexpected: {meaning}"),
                ));
            }
        }
        Ok(())
    }

    fn told(&self) -> String {
        let tell = |step: &Step| match step {
            Step::Start(command) => format!("-> {}", command.text),
            Step::Say(bytes) => format!("<- {}", bytes.escape_ascii()),
            Step::GiveUp(_) => "given up".to_owned(),
        };
        self.steps.iter().map(tell).collect::<Vec<_>>().join("\n")
    }
}
