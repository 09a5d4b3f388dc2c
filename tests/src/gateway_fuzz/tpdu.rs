//! The codec: nothing from the air makes it panic, and what was written is read again.
//!
//! The first byte of an input says what the others are: `t` a text to send, `d` bytes to send, `x` the digits of
//! a PDU; behind any other stands a PDU as it is.

mod making;
mod reading;
mod reference;
mod sending;

use posthouse_gateway::pdu::{self, Incoming, PduError, References, Split, Submit};

use crate::random_input::{Edits, Finding, Randomness, Target, Traits};

pub(super) const TARGET: Target = Target {
    name: "tpdu",
    check: |input| check_with(input, OURS),
    invent: making::input,
    change: |one, other, random| EDITS.change(one, other, random),
};

/// What is put to the test.
#[derive(Debug, Clone, Copy)]
pub(super) struct Codec {
    pub(super) incoming: fn(&str) -> Result<Incoming, PduError>,
    pub(super) submitted: fn(&str) -> Result<Submit, PduError>,
    pub(super) split: fn(&str, References) -> Split,
}

pub(super) const OURS: Codec =
    Codec { incoming: pdu::decode_incoming, submitted: Submit::from_modem, split: pdu::split };

const EDITS: Edits = Edits {
    words: &[
        b"\0",
        b"\xff",
        b"\x04",
        b"\x44",
        b"\x06",
        b"\x08",
        b"\xf4",
        b"\x05\0\x03\x2a\x02\x01",
        b"\x06\x08\x04\x2a\x2b\x02\x02",
        b"\x03\x24\x01\x01",
        b"\x03\x25\x01\x0d",
        b"\x06\x05\x04\x0b\x84\x23\xf0",
        b"\x10\xd0\xd0\xf7\x9b\x8e\x7e\xbb\xe7\x65",
        b"\x0d\x91\x68\x31\x08\0\0\0\xf1",
        b"\x62\x11\x72\x80\0\0\x23",
        b"\x1b",
        b"\xd8\x3d\xde\x00",
        "😀".as_bytes(),
        "👨‍👩‍👧".as_bytes(),
        "€".as_bytes(),
        "[".as_bytes(),
        "字".as_bytes(),
        "ñ".as_bytes(),
    ],
    longest: 3_000,
};

pub(super) fn check_with(input: &[u8], codec: Codec) -> Result<Traits, Finding> {
    let Some((sort, rest)) = input.split_first() else {
        return Ok(Traits { accepted: 0, error: None, around: 0 });
    };
    let mut choices = Randomness::of(input);
    match sort {
        b't' => sending::check_text(&String::from_utf8_lossy(rest), codec, &mut choices),
        b'd' => sending::check_bytes(rest, codec, &mut choices),
        b'x' => match reference::bytes_of(&String::from_utf8_lossy(rest)) {
            Some(bytes) => reading::check(&bytes, codec),
            None => reading::check_no_digits(&String::from_utf8_lossy(rest), codec),
        },
        _ => reading::check(rest, codec),
    }
}

/// As modems write bytes.
pub(super) fn digits_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
