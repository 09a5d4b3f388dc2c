//! The simulator's own codec, written bit by bit from the standard and apart from the gateway's: a mistake in
//! one does not hide in the other.

/// TP-DCS of a text in UCS2.
const UCS2: u8 = 0x08;

/// A text that a modem was given, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Submitted {
    pub(super) number: String,
    pub(super) text: String,
    /// Reference, total, number.
    pub(super) part: Option<(u16, u8, u8)>,
    pub(super) wants_report: bool,
}

/// Reads a SUBMIT whose service centre is in front; `None` when it is none.
pub(super) fn read_submit(digits: &str, announced: usize) -> Option<Submitted> {
    let bytes: Vec<u8> = (0..digits.len() / 2)
        .map(|index| digits.get(index * 2..index * 2 + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect::<Option<_>>()?;
    let centre = usize::from(*bytes.first()?) + 1;
    let tpdu = bytes.get(centre..)?;
    if tpdu.len() != announced || tpdu.first()? & 0x03 != 0x01 {
        return None;
    }
    let first = *tpdu.first()?;
    let number_length = usize::from(*tpdu.get(2)?);
    let kind = *tpdu.get(3)?;
    let number_bytes = number_length.div_ceil(2);
    let number = number_of(tpdu.get(4..4 + number_bytes)?, number_length);
    let after = 4 + number_bytes;
    let coding = *tpdu.get(after + 1)?;
    let validity = match first >> 3 & 0x03 {
        0 => 0,
        2 => 1,
        _ => 7,
    };
    let length = usize::from(*tpdu.get(after + 2 + validity)?);
    let data = tpdu.get(after + 3 + validity..)?;
    let header = if first & 0x40 != 0 { usize::from(*data.first()?) + 1 } else { 0 };
    let text = match coding >> 2 & 0x03 {
        0 => {
            if data.len() != (length * 7).div_ceil(8) {
                return None;
            }
            letters(data, (header * 8).div_ceil(7), length)
        }
        2 => {
            if data.len() != length {
                return None;
            }
            let units: Vec<u16> = data
                .get(header..)?
                .chunks(2)
                .map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte)))
                .collect();
            // Half a character at a border would be a fault of the sender: it shows.
            String::from_utf16_lossy(&units)
        }
        _ => return None,
    };
    let plus = if kind == 0x91 { "+" } else { "" };
    let part = part_of(data.get(1..header).unwrap_or_default());
    Some(Submitted { number: format!("{plus}{number}"), text, part, wants_report: first & 0x20 != 0 })
}

fn part_of(header: &[u8]) -> Option<(u16, u8, u8)> {
    match header {
        [0, 3, reference, total, number] => Some((u16::from(*reference), *total, *number)),
        [8, 4, high, low, total, number] => Some((u16::from(*high) << 8 | u16::from(*low), *total, *number)),
        _ => None,
    }
}

fn number_of(bytes: &[u8], length: usize) -> String {
    let swapped: String = bytes.iter().map(|byte| format!("{:X}{:X}", byte & 15, byte >> 4)).collect();
    swapped.chars().take(length).collect()
}

/// The characters that texts in the tests use; all others show as a question mark.
fn letters(data: &[u8], from: usize, to: usize) -> String {
    let bit = |place: usize| data.get(place / 8).is_some_and(|byte| byte >> (place % 8) & 1 == 1);
    let mut text = String::new();
    let mut escaped = false;
    for septet in from..to {
        let value =
            (0..7).filter(|place| bit(septet * 7 + place)).fold(0_u8, |value, place| value | 1 << place);
        let shown = match (escaped, value) {
            (false, 0x1b) => {
                escaped = true;
                continue;
            }
            (true, 0x65) => '€',
            (true, 0x3c) => '[',
            (true, 0x3e) => ']',
            (false, 0) => '@',
            (false, 2) => '$',
            (false, 0x0a | 0x0d) => char::from(value),
            (false, 0x20..=0x5a | 0x61..=0x7a) if value != 0x24 && value != 0x40 => char::from(value),
            _ => '?',
        };
        escaped = false;
        text.push(shown);
    }
    text
}

fn number_bytes(number: &str) -> Vec<u8> {
    let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    let kind = if number.starts_with('+') { 0x91 } else { 0x81 };
    let length = u8::try_from(digits.len()).unwrap_or(20);
    let mut bytes = vec![length, kind];
    for pair in digits.chunks(2) {
        bytes.push(match pair {
            [one, two] => two << 4 | one,
            [one] => 0xf0 | one,
            _ => 0xff,
        });
    }
    bytes
}

/// A time that differs between texts: `tick` seconds after a morning in 2026.
fn stamp(tick: u32) -> [u8; 7] {
    let decimal = |value: u32| {
        let value = u8::try_from(value % 100).unwrap_or(0);
        ((value % 10) << 4) | (value / 10)
    };
    let (hour, minute, second) = (8 + tick / 3_600 % 12, tick / 60 % 60, tick % 60);
    [0x62, 0x11, 0x72, decimal(hour), decimal(minute), decimal(second), 0x23]
}

/// DELIVERs of a text in UCS2, as many as it takes.
pub(super) fn delivers(sender: &str, text: &str, reference: u8, tick: u32) -> Vec<Vec<u8>> {
    let units: Vec<u16> = text.encode_utf16().collect();
    if units.len() <= 70 {
        return vec![deliver(sender, tick, UCS2, &[], &units)];
    }
    // Cut at the unit, even in the middle of a character: some phones do.
    let pieces: Vec<&[u16]> = units.chunks(67).collect();
    let total = u8::try_from(pieces.len()).unwrap_or(u8::MAX);
    pieces
        .into_iter()
        .zip(1..=total)
        .map(|(piece, number)| deliver(sender, tick, UCS2, &[5, 0, 3, reference, total, number], piece))
        .collect()
}

/// A text of class 0.
pub(super) fn flash(sender: &str, tick: u32, text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    deliver(sender, tick, UCS2 | 0x10, &[], &units)
}

fn deliver(sender: &str, tick: u32, coding: u8, header: &[u8], units: &[u16]) -> Vec<u8> {
    let mut bytes = vec![if header.is_empty() { 0x04 } else { 0x44 }];
    bytes.extend(number_bytes(sender));
    bytes.extend([0x00, coding]);
    bytes.extend(stamp(tick));
    bytes.push(u8::try_from(header.len() + units.len() * 2).unwrap_or(140));
    bytes.extend_from_slice(header);
    bytes.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
    bytes
}

/// A multimedia notification: 8-bit data to port 2948.
pub(super) fn multimedia(sender: &str, tick: u32) -> Vec<u8> {
    let mut bytes = vec![0x44];
    bytes.extend(number_bytes(sender));
    bytes.extend([0x00, 0x04]);
    bytes.extend(stamp(tick));
    bytes.extend([9, 6, 5, 4, 0x0b, 0x84, 0x23, 0xf0, 0xbe, 0xaf]);
    bytes
}

/// One of two parts of a longer one.
pub(super) fn multimedia_part(sender: &str, tick: u32, number: u8) -> Vec<u8> {
    let mut bytes = vec![0x44];
    bytes.extend(number_bytes(sender));
    bytes.extend([0x00, 0x04]);
    bytes.extend(stamp(tick));
    bytes.extend([14, 11, 5, 4, 0x0b, 0x84, 0x23, 0xf0, 0, 3, 7, 2, number, 0xbe, 0xaf]);
    bytes
}

/// A STATUS-REPORT.
pub(super) fn report(reference: u8, number: &str, tick: u32, status: u8) -> Vec<u8> {
    let mut bytes = vec![0x06, reference];
    bytes.extend(number_bytes(number));
    bytes.extend(stamp(tick));
    bytes.extend(stamp(tick + 1));
    bytes.push(status);
    bytes
}
