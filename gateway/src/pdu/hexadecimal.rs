//! Bytes as modems write them: pairs of hexadecimal digits.

use super::PduError;

/// The bytes of a line; white space around it does not matter.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, PduError> {
    let digits = text.trim().as_bytes();
    if !digits.len().is_multiple_of(2) {
        return Err(PduError::NotHexadecimal);
    }
    digits
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Ok((value(*high)? << 4) | value(*low)?),
            _ => Err(PduError::NotHexadecimal),
        })
        .collect()
}

/// Capital digits, as most modems insist on them.
pub(super) fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn value(digit: u8) -> Result<u8, PduError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(PduError::NotHexadecimal),
    }
}
