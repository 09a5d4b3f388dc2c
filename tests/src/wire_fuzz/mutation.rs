//! Changes an input a little.

use super::grammar;
use crate::random_input::{Edits, Randomness, insert, remove};

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

const EDITS: Edits = Edits { words: &WORDS, longest: 6_000 };

/// A changed copy of `input`; `other` lends pieces.
pub(super) fn mutate(input: &[u8], other: &[u8], random: &mut Randomness) -> Vec<u8> {
    let mut bytes = input.to_vec();
    let is_gentle = !random.once_in(3);
    for _ in 0..=random.below(4) {
        if is_gentle { gently(&mut bytes, random) } else { EDITS.once(&mut bytes, other, random) }
    }
    bytes.truncate(EDITS.longest);
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
