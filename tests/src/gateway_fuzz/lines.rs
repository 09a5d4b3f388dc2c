//! The same bytes give the same lines in any pieces, and what is held back never grows.

use posthouse_gateway::at::{LineAssembler, Received};

use crate::random_input::{Edits, Finding, Randomness, Target, Traits};

pub(super) const TARGET: Target = Target {
    name: "lines",
    check: |input| check_with(input, &LineAssembler::default),
    invent,
    change: |one, other, random| EDITS.change(one, other, random),
};

const EDITS: Edits = Edits {
    words: &[
        b"\r\n",
        b"\r",
        b"\n",
        b"> ",
        b">",
        b"\r\n> ",
        b"OK\r\n",
        b"ERROR\r\n",
        b"+CMTI: \"SM\",3\r\n",
        b"+CMS ERROR: 500\r\n",
        b"\0",
        b"\xff\x80",
        b"\x1a",
        b"\x1b",
        b" ",
        b"\t",
        b"\x0b\x0c",
        b"\x7f",
    ],
    longest: 12_000,
};

/// Longer lines are noise.
const LONGEST: usize = 4_096;

/// What cuts bytes into lines.
pub(super) trait Cutter: std::fmt::Debug {
    fn expect_prompt(&mut self, is_expected: bool);
    fn feed(&mut self, bytes: &[u8]) -> Vec<Received>;
}

impl Cutter for LineAssembler {
    fn expect_prompt(&mut self, is_expected: bool) {
        Self::expect_prompt(self, is_expected);
    }

    fn feed(&mut self, bytes: &[u8]) -> Vec<Received> {
        Self::feed(self, bytes)
    }
}

/// The first byte says from which byte on a prompt is expected: from none, or from an early one.
pub(super) fn check_with<C: Cutter>(input: &[u8], cutter: &dyn Fn() -> C) -> Result<Traits, Finding> {
    let Some((first, bytes)) = input.split_first() else {
        return Ok(Traits { accepted: 0, error: None, around: 0 });
    };
    let armed = (first & 1 == 1).then_some(usize::from(first >> 1).min(bytes.len()));
    let expected = reading(bytes, armed);
    let mut choices = Randomness::of(input);
    for most in [usize::MAX, 1, 7, 1 + choices.below(300)] {
        let mut size = || if most < 2 { most } else { 1 + choices.below(most) };
        let found = fed(bytes, armed, cutter(), &mut size)?;
        if found != expected {
            return Err(Finding::new(
                "the same bytes give the same lines in any pieces",
                format!("pieces of up to {most}: {found:?}\nexpected: {expected:?}"),
            ));
        }
    }
    let largest = expected.iter().map(length).max().unwrap_or(0);
    let mut shape: Vec<u8> = bytes.iter().take(24).map(|byte| kind(*byte)).collect();
    shape.extend([u8::from(largest > 400), u8::from(bytes.len() > LONGEST), first & 1]);
    Ok(Traits { accepted: expected.len().min(6), error: None, around: Randomness::of(&shape).number() })
}

fn length(piece: &Received) -> usize {
    match piece {
        Received::Line(line) => line.len(),
        Received::Prompt => 0,
    }
}

fn kind(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => b'a',
        0x80.. => 0x80,
        other => other,
    }
}

fn fed(
    bytes: &[u8],
    armed: Option<usize>,
    mut cutter: impl Cutter,
    size: &mut dyn FnMut() -> usize,
) -> Result<Vec<Received>, Finding> {
    let (before, behind) = bytes.split_at_checked(armed.unwrap_or(0)).unwrap_or((bytes, &[]));
    let mut found = Vec::new();
    for (part, is_armed) in [(before, false), (behind, armed.is_some())] {
        cutter.expect_prompt(is_armed);
        let mut rest = part;
        while !rest.is_empty() {
            let (piece, more) = rest.split_at_checked(size()).unwrap_or((rest, &[]));
            found.extend(cutter.feed(piece));
            rest = more;
        }
    }
    // All it holds shows in its debugging form, in which a byte takes at most six characters.
    if bytes.len() > LONGEST {
        for _ in 0..6 {
            cutter.feed(bytes);
        }
        let held = format!("{cutter:?}").len();
        if held > LONGEST * 6 + 200 {
            return Err(Finding::new("what is held back never grows", format!("{held} bytes")));
        }
    }
    Ok(found)
}

/// Lines and prompts, found by looking at all bytes at once.
pub(super) fn reading(bytes: &[u8], armed: Option<usize>) -> Vec<Received> {
    let prompt = armed.and_then(|from| {
        let is_prompt = |place: &usize| {
            let before = bytes.get(..*place).unwrap_or_default();
            let line = before.rsplit(|byte| is_end(*byte)).next().unwrap_or_default();
            kept(line).trim().is_empty()
        };
        let mut angles = (from..bytes.len()).filter(|place| bytes.get(*place) == Some(&b'>'));
        angles.find(is_prompt)
    });
    let Some(place) = prompt else { return lines(bytes) };
    let mut found = lines(bytes.get(..place).unwrap_or_default());
    found.push(Received::Prompt);
    found.extend(lines(bytes.get(place + 1..).unwrap_or_default()));
    found
}

fn lines(bytes: &[u8]) -> Vec<Received> {
    let mut all: Vec<&[u8]> = bytes.split(|byte| is_end(*byte)).collect();
    // The last one has no end yet.
    all.pop();
    all.into_iter()
        .map(kept)
        .filter(|line| line.len() <= LONGEST)
        .map(|line| line.trim_matches(|letter: char| letter <= ' ' || letter == '\u{7f}').to_owned())
        .filter(|line| !line.is_empty())
        .map(Received::Line)
        .collect()
}

fn is_end(byte: u8) -> bool {
    byte == b'\r' || byte == b'\n'
}

fn kept(line: &[u8]) -> String {
    line.iter().filter(|byte| (1..0x80).contains(*byte)).map(|byte| char::from(*byte)).collect()
}

fn invent(random: &mut Randomness) -> Vec<u8> {
    let mut bytes = vec![random.byte()];
    for _ in 0..random.below(12) {
        match random.below(8) {
            0 => {
                let letter =
                    random.pick(&[b"x", b" ", b"\0", b"\xff", b">"]).map_or(b'x', |letter| letter[0]);
                bytes.extend(std::iter::repeat_n(letter, random.below(5_000)));
            }
            1 => bytes.extend((0..random.below(40)).map(|_| random.byte())),
            _ => bytes.extend(random.pick(EDITS.words).unwrap_or_default()),
        }
    }
    bytes
}
