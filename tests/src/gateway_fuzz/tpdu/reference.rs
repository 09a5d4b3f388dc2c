//! A second reader of PDUs, slow and bit by bit, written from the standards (3GPP TS 23.040 and 23.038) and apart
//! from the gateway's.

use std::collections::BTreeSet;
use std::sync::OnceLock;

/// What every kind of message has in some form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// The first byte behind the service centre.
    pub(super) first: u8,
    pub(super) reference: Option<u8>,
    pub(super) address: String,
    /// Seconds since 1970 and quarters of an hour east, where the stamp makes sense.
    pub(super) stamps: Vec<Option<(i64, i64)>>,
    pub(super) status: Option<u8>,
    pub(super) coding: Option<u8>,
    pub(super) header: Vec<(u8, Vec<u8>)>,
    pub(super) body: Body,
}

/// User data behind the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Body {
    None,
    Septets(Vec<u8>),
    Units(Vec<u16>),
    Bytes(Vec<u8>),
}

/// Takes bytes away from the front.
struct Front<'a>(&'a [u8]);

impl<'a> Front<'a> {
    fn many(&mut self, count: usize) -> Option<&'a [u8]> {
        let (front, rest) = (self.0.get(..count)?, self.0.get(count..)?);
        self.0 = rest;
        Some(front)
    }

    fn one(&mut self) -> Option<u8> {
        self.many(1)?.first().copied()
    }
}

/// `None` when it ends too early or is nothing that is read.
pub(super) fn read(bytes: &[u8]) -> Option<Message> {
    let mut front = Front(bytes);
    let centre = front.one()?;
    front.many(usize::from(centre))?;
    let first = front.one()?;
    let kind = first % 4;
    let reference = if kind == 1 || kind == 2 { Some(front.one()?) } else { None };
    let address = address(&mut front)?;
    let mut message = Message {
        first,
        reference,
        address,
        stamps: Vec::new(),
        status: None,
        coding: None,
        header: Vec::new(),
        body: Body::None,
    };
    if kind == 2 {
        message.stamps = vec![stamp(front.many(7)?), stamp(front.many(7)?)];
        message.status = Some(front.one()?);
        return Some(message);
    }
    front.one()?;
    let coding = front.one()?;
    message.coding = Some(coding);
    if kind == 1 {
        let validity = match first / 8 % 4 {
            0 => 0,
            2 => 1,
            _ => 7,
        };
        front.many(validity)?;
    } else {
        message.stamps = vec![stamp(front.many(7)?)];
    }
    let length = usize::from(front.one()?);
    read_body(&mut message, length, front.0);
    Some(message)
}

fn read_body(message: &mut Message, length: usize, data: &[u8]) {
    let mut header_bytes = 0;
    if message.first & 0x40 != 0
        && let Some(announced) = data.first()
    {
        header_bytes = (usize::from(*announced) + 1).min(data.len());
        message.header = elements(data.get(1..header_bytes).unwrap_or_default());
    }
    message.body = match alphabet(message.coding.unwrap_or(0)) {
        7 => {
            let bits = bits(data);
            // The body begins at the next whole septet.
            let septets = bits.chunks_exact(7).map(number);
            Body::Septets(septets.take(length).skip((header_bytes * 8).div_ceil(7)).collect())
        }
        16 => {
            let body = data.get(header_bytes..length.min(data.len())).unwrap_or_default();
            Body::Units(
                body.chunks_exact(2)
                    .map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte)))
                    .collect(),
            )
        }
        _ => Body::Bytes(data.get(header_bytes..length.min(data.len())).unwrap_or_default().to_vec()),
    };
}

/// Bits of a unit: 7, 8 or 16 (TS 23.038 section 4). Compressed data is bytes to us.
fn alphabet(coding: u8) -> u8 {
    let by_two_bits = match coding & 0b1100 {
        0b0100 => 8,
        0b1000 => 16,
        _ => 7,
    };
    if coding < 0x80 {
        return if coding & 0x20 != 0 { 8 } else { by_two_bits };
    }
    match coding {
        0xe0..=0xef => 16,
        0xf0.. if coding & 4 != 0 => 8,
        _ => 7,
    }
}

fn elements(mut data: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut found = Vec::new();
    while let (Some(id), Some(length)) = (data.first(), data.get(1)) {
        let end = 2 + usize::from(*length);
        let Some(value) = data.get(2..end) else { break };
        found.push((*id, value.to_vec()));
        data = data.get(end..).unwrap_or_default();
    }
    found
}

fn address(front: &mut Front<'_>) -> Option<String> {
    let length = usize::from(front.one()?);
    let kind = front.one()?;
    let value = front.many(length.div_ceil(2))?;
    if kind & 0x70 == 0x50 {
        let bits = bits(value);
        let septets: Vec<u8> = bits.chunks_exact(7).take(length * 4 / 7).map(number).collect();
        return Some(text(&septets).trim_end_matches('\r').to_owned());
    }
    let mut digits = if kind & 0x70 == 0x10 { "+".to_owned() } else { String::new() };
    for place in 0..length {
        let byte = value.get(place / 2).copied()?;
        let digit = if place % 2 == 0 { byte % 16 } else { byte / 16 };
        digits.extend("0123456789*#abc".chars().nth(usize::from(digit)));
    }
    Some(digits)
}

/// Counts days one after the other.
fn stamp(bytes: &[u8]) -> Option<(i64, i64)> {
    let decimal = |byte: u8| {
        let (tens, ones) = (byte % 16, byte / 16);
        (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
    };
    let values: Vec<i64> = bytes.get(..6)?.iter().map(|byte| decimal(*byte)).collect::<Option<_>>()?;
    let zone = *bytes.get(6)?;
    let quarters = decimal(zone & 0xf7)? * if zone & 0x08 == 0 { 1 } else { -1 };
    let [year, month, day, hour, minute, second] = values.try_into().ok()?;
    let is_time = hour < 24 && minute < 60 && second <= 60;
    if !(1..13).contains(&month) || !(1..32).contains(&day) || !is_time {
        return None;
    }
    let year = if year >= 90 { 1_900 + year } else { 2_000 + year };
    let leap = |year: i64| i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    let mut days: i64 = (1_970..year).map(|year| 365 + leap(year)).sum();
    let months = [31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    days += months.iter().zip(1..month).map(|(days, _)| days).sum::<i64>() + day - 1;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second - quarters * 900, quarters))
}

/// The lowest bit of each byte first.
fn bits(bytes: &[u8]) -> Vec<bool> {
    bytes.iter().flat_map(|byte| (0..8).map(move |place| byte >> place & 1 == 1)).collect()
}

fn number(bits: &[bool]) -> u8 {
    bits.iter().rev().fold(0, |number, bit| number << 1 | u8::from(*bit))
}

/// Septets of the default alphabet and its extension as text (TS 23.038 section 6.2.1).
pub(super) fn text(septets: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = septets.iter();
    while let Some(septet) = rest.next() {
        if *septet != 0x1b {
            text.push(letter(*septet));
            continue;
        }
        text.extend(rest.next().map(|behind| match behind {
            0x0a => '\u{c}',
            0x14 => '^',
            0x1b => ' ',
            0x28 => '{',
            0x29 => '}',
            0x2f => '\\',
            0x3c => '[',
            0x3d => '~',
            0x3e => ']',
            0x40 => '|',
            0x65 => '€',
            other => letter(*other),
        }));
    }
    text
}

/// The alphabet or its extension has this character.
pub(super) fn is_plain(character: char) -> bool {
    static CHARACTERS: OnceLock<BTreeSet<char>> = OnceLock::new();
    let characters = CHARACTERS.get_or_init(|| {
        let plain = (0..0x80).filter(|septet| *septet != 0x1b).map(letter);
        plain.chain("\u{c}^{}\\[~]|€".chars()).collect()
    });
    characters.contains(&character)
}

fn letter(septet: u8) -> char {
    let greek_and_more = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ";
    match septet {
        0x00..=0x1a => greek_and_more.chars().nth(usize::from(septet)).unwrap_or('?'),
        0x1b => ' ',
        0x1c => 'Æ',
        0x1d => 'æ',
        0x1e => 'ß',
        0x1f => 'É',
        0x24 => '¤',
        0x40 => '¡',
        0x5b => 'Ä',
        0x5c => 'Ö',
        0x5d => 'Ñ',
        0x5e => 'Ü',
        0x5f => '§',
        0x60 => '¿',
        0x7b => 'ä',
        0x7c => 'ö',
        0x7d => 'ñ',
        0x7e => 'ü',
        0x7f => 'à',
        other => char::from(other),
    }
}

/// Pairs of digits; `None` when something else is among them.
pub(super) fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = digits.trim().chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    });
    pairs.collect()
}
