//! Makes up texts and PDUs, whole ones more often than not.

use crate::random_input::Randomness;

const LETTERS: [&str; 20] = [
    "a",
    "Z",
    "@",
    "€",
    "[",
    "\\",
    "é",
    "ñ",
    "\n",
    "\r",
    " ",
    "字",
    "您",
    "😀",
    "👨‍👩‍👧",
    "🇨🇳",
    "\u{301}",
    "\u{1b}",
    "\u{c}",
    "Δ",
];

pub(super) fn input(random: &mut Randomness) -> Vec<u8> {
    match random.below(8) {
        0..3 => {
            let mut bytes = vec![b't'];
            // Long runs of the same, so that borders fall anywhere.
            for _ in 0..=random.below(5) {
                let letter = random.pick(&LETTERS).unwrap_or("a");
                bytes.extend(letter.repeat(random.below(170)).bytes());
            }
            bytes
        }
        3 => {
            let length = random.below(180);
            std::iter::once(b'd').chain((0..length).map(|_| random.byte())).collect()
        }
        _ => std::iter::once(b'b').chain(pdu(random)).collect(),
    }
}

/// A DELIVER, a STATUS-REPORT or a SUBMIT behind a service centre.
fn pdu(random: &mut Randomness) -> Vec<u8> {
    let mut bytes = match random.once_in(3) {
        true => vec![0],
        false => vec![7, 0x91, 0x13, 0x26, 0x04, 0, 0, 0xf0],
    };
    let has_header = random.once_in(2);
    let flags = random.byte() & 0xb8 | if has_header { 0x40 } else { 0 };
    match random.below(4) {
        0 => {
            bytes.extend([flags | 0x02, random.byte()]);
            address(random, &mut bytes);
            stamp(random, &mut bytes);
            stamp(random, &mut bytes);
            bytes.push(random.byte());
            return bytes;
        }
        1 => {
            bytes.extend([flags & 0xe0 | 0x01, random.byte()]);
            address(random, &mut bytes);
            bytes.extend([0, coding(random)]);
        }
        _ => {
            bytes.push(flags);
            address(random, &mut bytes);
            bytes.extend([0, coding(random)]);
            stamp(random, &mut bytes);
        }
    }
    let header = if has_header { header(random) } else { Vec::new() };
    let body: Vec<u8> = (0..random.below(141)).map(|_| random.byte()).collect();
    let length = match random.below(4) {
        0 => usize::from(random.byte()),
        1 => (header.len() + body.len()) * 8 / 7,
        _ => header.len() + body.len(),
    };
    bytes.push(u8::try_from(length).unwrap_or(u8::MAX));
    bytes.extend(header);
    bytes.extend(body);
    bytes
}

fn coding(random: &mut Randomness) -> u8 {
    match random.below(5) {
        0 => 0x00,
        1 => 0x04,
        2 => 0x08,
        3 => 0xf4,
        _ => random.byte(),
    }
}

fn address(random: &mut Randomness, bytes: &mut Vec<u8>) {
    let length = random.below(22);
    let kind = random.pick(&[&[0x81], &[0x91], &[0xd0], &[0xa1]]).map_or(0x81, |kind: &[u8; 1]| kind[0]);
    bytes.extend([u8::try_from(length).unwrap_or(0), kind]);
    bytes.extend((0..length.div_ceil(2)).map(|_| random.byte()));
}

fn stamp(random: &mut Randomness, bytes: &mut Vec<u8>) {
    if random.once_in(8) {
        bytes.extend((0..7).map(|_| random.byte()));
        return;
    }
    for (first, most) in [(0, 99), (1, 12), (1, 31), (0, 23), (0, 59), (0, 59), (0, 56)] {
        let value = u8::try_from(first + random.below(most - first + 1)).unwrap_or(0);
        bytes.push(((value % 10) << 4) | (value / 10));
    }
    if random.once_in(2)
        && let Some(zone) = bytes.last_mut()
    {
        *zone |= 0x08;
    }
}

fn header(random: &mut Randomness) -> Vec<u8> {
    let mut elements = Vec::new();
    for _ in 0..=random.below(2) {
        let total = random.byte() % 5;
        match random.below(6) {
            0 | 1 => elements.extend([0, 3, random.byte(), total, random.byte() % 6]),
            2 => elements.extend([8, 4, random.byte(), random.byte(), total, random.byte() % 6]),
            3 => elements.extend([5, 4, 0x0b, 0x84, 0x23, 0xf0]),
            4 => elements.extend([0x24 | (random.byte() & 1), 1, random.byte() % 15]),
            _ => {
                let length = random.below(6);
                elements.extend([random.byte(), u8::try_from(length).unwrap_or(0)]);
                elements.extend((0..length).map(|_| random.byte()));
            }
        }
    }
    let length = if random.once_in(12) { random.byte() } else { u8::try_from(elements.len()).unwrap_or(0) };
    elements.insert(0, length);
    elements
}
