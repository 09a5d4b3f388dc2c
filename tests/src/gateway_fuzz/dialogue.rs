//! Conversations with a modem that is noisy but whose meaning is known, and plain noise.
//!
//! An input that begins with `#` is noise behind a command's letter; any other is the script of a conversation.

mod noise;
mod said;
mod script;

use posthouse_gateway::at::{Command, Dialogue, Event};
use posthouse_gateway::pdu::ModemPdu;

use crate::random_input::{Edits, Finding, Randomness, Target, Traits};

pub(super) const TARGET: Target = Target {
    name: "dialogue",
    check: |input| check_with(input, &|| Box::new(Dialogue::default())),
    invent,
    change: |one, other, random| EDITS.change(one, other, random),
};

const EDITS: Edits = Edits {
    words: &[
        b"A",
        b"C",
        b"E",
        b"F",
        b"H",
        b"f5",
        b"f1",
        b"f3",
        b"a0",
        b"b1",
        b"b0",
        b"h3",
        b"hd",
        b"h6",
        b"i0",
        b"j1",
        b"e0",
        b"g0",
        b"c0",
        b"d0",
        b"OK\r\n",
        b"\r\n",
        b"ERROR\r\n",
        b"+CMT: ,24\r\n",
        b"+CMGL: 1,1,,24\r\n",
        b"0011000B916407281553F8\r\n",
        b"+CREG: 2,1,\"00C3\",\"E0\"\r\n",
        b"+CPIN: READY\r\n",
        b"> ",
        b"#",
    ],
    longest: 1_500,
};

/// What reads a modem.
pub(super) trait Conversation {
    fn start(&mut self, command: Command) -> Vec<u8>;
    fn payload(&mut self) -> Option<Vec<u8>>;
    fn give_up(&mut self) -> bool;
    fn receive(&mut self, bytes: &[u8]) -> Vec<Event>;
    fn is_busy(&self) -> bool;
}

impl Conversation for Dialogue {
    fn start(&mut self, command: Command) -> Vec<u8> {
        Self::start(self, command)
    }

    fn payload(&mut self) -> Option<Vec<u8>> {
        Self::payload(self)
    }

    fn give_up(&mut self) -> bool {
        Self::give_up(self)
    }

    fn receive(&mut self, bytes: &[u8]) -> Vec<Event> {
        Self::receive(self, bytes)
    }

    fn is_busy(&self) -> bool {
        Self::is_busy(self)
    }
}

/// Makes a new reader.
pub(super) type Maker<'a> = &'a dyn Fn() -> Box<dyn Conversation>;

pub(super) fn check_with(input: &[u8], maker: Maker<'_>) -> Result<Traits, Finding> {
    match input.split_first() {
        Some((b'#', rest)) => noise::check(rest, maker),
        _ => script::check(input, maker),
    }
}

/// A command for each letter; others have some command too.
fn command(letter: u8) -> Command {
    match letter.wrapping_sub(b'A') % 12 {
        0 => Command::attention(),
        1 => Command::signal(),
        2 => Command::registration(),
        3 => Command::packet_registration(),
        4 => Command::pin_state(),
        5 => Command::list_texts(),
        6 => Command::read_text(3),
        7 => Command::send(&ModemPdu { digits: SUBMITTED.to_owned(), length: 23 }),
        8 => Command::serial_number(),
        9 => Command::use_memory("SM"),
        10 => Command::operator(),
        _ => Command::service_centre(),
    }
}

const SUBMITTED: &str = "0011000B916407281553F80000AA0AE8329BFD4697D9EC37";

/// Feeds in pieces; `size` says how long the next one is.
fn feed(reader: &mut dyn Conversation, bytes: &[u8], size: &mut dyn FnMut() -> usize) -> Vec<Event> {
    let mut events = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, more) = rest.split_at_checked(size()).unwrap_or((rest, &[]));
        for event in reader.receive(piece) {
            if event == Event::Prompt {
                let _ = reader.payload();
            }
            events.push(event);
        }
        rest = more;
    }
    events
}

/// Mostly scripts; noise is made of words that mean something.
fn invent(random: &mut Randomness) -> Vec<u8> {
    let mut bytes = Vec::new();
    if random.once_in(4) {
        bytes.extend([b'#', random.byte()]);
        for _ in 0..random.below(20) {
            bytes.extend(random.pick(&noise::WORDS).unwrap_or_default());
        }
        return bytes;
    }
    for _ in 0..=random.below(4) {
        bytes.push(b'A' + u8::try_from(random.below(12)).unwrap_or(0));
        for _ in 0..random.below(10) {
            bytes.extend([b'a' + u8::try_from(random.below(26)).unwrap_or(0), random.byte()]);
        }
        bytes.extend([b'f', random.byte()]);
    }
    bytes
}
