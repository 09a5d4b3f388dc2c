//! Changes an input a little.

use super::grammar;
use super::randomness::Randomness;

/// Pieces that mean something to a scanner.
const WORDS: [&[u8]; 44] = [
    b"<",
    b">",
    b"/",
    b"&",
    b";",
    b"'",
    b"\"",
    b"=",
    b":",
    b" ",
    b"\r",
    b"\n",
    b"\t",
    b"\0",
    b"<!--",
    b"-->",
    b"<?",
    b"?>",
    b"<?xml version='1.0'?>",
    b"<!DOCTYPE a [",
    b"<![CDATA[",
    b"]]>",
    b"]]",
    b"&#",
    b"&#x",
    b"&lt;",
    b"&apos;",
    b"&nope;",
    b"xmlns",
    b"xmlns:",
    b" xmlns='jabber:client'",
    b" xmlns:p='urn:x'",
    b"stream:",
    b"xml:",
    b"</stream:stream>",
    b"\xef\xbb\xbf",
    b"\xef\xbf\xbe",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe9\xa9\xbf",
    b"<message>",
    b"</message>",
    b"/>",
];

/// The longest input worth trying.
const LONGEST: usize = 6_000;

/// A changed copy of `input`; `other` lends pieces.
pub(super) fn mutate(input: &[u8], other: &[u8], random: &mut Randomness) -> Vec<u8> {
    let mut bytes = input.to_vec();
    let is_gentle = !random.once_in(3);
    for _ in 0..=random.below(4) {
        if is_gentle { gently(&mut bytes, random) } else { once(&mut bytes, other, random) }
    }
    bytes.truncate(LONGEST);
    bytes
}

/// Puts something well-formed, more often than not, where it may stand.
fn gently(bytes: &mut Vec<u8>, random: &mut Randomness) {
    let at = random.below(bytes.len().saturating_add(1));
    let behind = |bytes: &[u8], byte: u8| {
        let found = bytes.get(at..).unwrap_or_default().iter().position(|other| *other == byte)?;
        at.checked_add(found)
    };
    match random.below(4) {
        0 | 1 => {
            if let Some(end) = behind(bytes, b'>') {
                let piece = if random.once_in(2) { grammar::element(random) } else { grammar::text(random) };
                insert(bytes, end.saturating_add(1), piece.as_bytes());
            }
        }
        2 => {
            // Usually before an attribute.
            if let Some(space) = behind(bytes, b' ') {
                insert(bytes, space, grammar::attribute(random).as_bytes());
            }
        }
        _ => {
            if let (Some(start), Some(end)) = (behind(bytes, b'>'), behind(bytes, b'<')) {
                remove(bytes, start.saturating_add(1), end);
            }
        }
    }
}

fn once(bytes: &mut Vec<u8>, other: &[u8], random: &mut Randomness) {
    let at = random.below(bytes.len().saturating_add(1));
    let end = at.saturating_add(random.below(12)).saturating_add(1).min(bytes.len());
    match random.below(10) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1_u8.rotate_left(u32::try_from(random.below(8)).unwrap_or(0));
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.number().to_le_bytes()[0];
            }
        }
        2 => remove(bytes, at, end),
        3 | 4 => insert(bytes, at, random.pick(&WORDS).unwrap_or_default()),
        5 => {
            let piece = bytes.get(at..end).unwrap_or_default().to_vec();
            insert(bytes, at, &piece);
        }
        6 => {
            let from = random.below(other.len());
            let length = random.below(60);
            let piece = other.get(from..from.saturating_add(length).min(other.len())).unwrap_or_default();
            insert(bytes, at, piece);
        }
        7 => bytes.truncate(at),
        8 => {
            // Many of the same: depth, numbers of attributes, long values.
            let piece = bytes.get(at..end).unwrap_or_default().repeat(random.below(40));
            insert(bytes, at, &piece);
        }
        _ => {
            remove(bytes, at, end);
            insert(bytes, at.min(bytes.len()), random.pick(&WORDS).unwrap_or_default());
        }
    }
}

fn remove(bytes: &mut Vec<u8>, start: usize, end: usize) {
    if start < end && end <= bytes.len() {
        bytes.drain(start..end);
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    if at <= bytes.len() {
        bytes.splice(at..at, piece.iter().copied());
    }
}
