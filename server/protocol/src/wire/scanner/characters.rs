//! Which bytes and characters XML 1.0 (fifth edition) allows where.

use super::ScanError;

/// What a byte may be inside a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameByte {
    /// Ends the name.
    No,
    /// May stand anywhere.
    Start,
    /// May not stand first: digits, `-`, `.`.
    Inner,
    /// Between prefix and local name.
    Colon,
    /// Part of a character beyond ASCII.
    Wide,
}

const NAME_BYTES: [NameByte; 256] = name_bytes();

#[expect(clippy::indexing_slicing, clippy::as_conversions, reason = "evaluated by the compiler")]
const fn name_bytes() -> [NameByte; 256] {
    let mut table = [NameByte::No; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => NameByte::Start,
            b'0'..=b'9' | b'-' | b'.' => NameByte::Inner,
            b':' => NameByte::Colon,
            0x80.. => NameByte::Wide,
            _ => NameByte::No,
        };
        byte += 1;
    }
    table
}

/// The class of a byte in a name.
#[inline]
pub(super) fn name_byte(byte: u8) -> NameByte {
    NAME_BYTES.get(usize::from(byte)).copied().unwrap_or(NameByte::No)
}

/// XML 1.0 section 2.3, production 4, without the colon.
///
/// COMPAT(rxml 0.14): the compatibility forms from U+FDF0 on are left out, since that parser refuses them
/// and a receiver that uses it would lose its stream.
pub(super) fn is_name_start(character: char) -> bool {
    matches!(character,
        'a'..='z' | 'A'..='Z' | '_'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}'
        | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}'
        | '\u{10000}'..='\u{effff}')
}

/// XML 1.0 section 2.3, production 4a, without the colon.
pub(super) fn is_name_character(character: char) -> bool {
    is_name_start(character)
        || matches!(character,
            '0'..='9' | '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// XML 1.0 section 2.2, production 2.
pub(super) fn is_xml_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// XML 1.0 section 2.3, production 3.
#[inline]
pub(in crate::wire) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// How many bytes at the start of `bytes` are white space.
#[inline]
pub(in crate::wire) fn leading_space(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| is_space(**byte)).count()
}

/// Checks encoding and characters of a whole element at once.
pub(super) fn check_characters(bytes: &[u8]) -> Result<(), ScanError> {
    if !bytes.is_ascii() {
        if let Err(error) = std::str::from_utf8(bytes) {
            return Err(ScanError::NotUtf8(error.valid_up_to()));
        }
        // U+FFFE and U+FFFF.
        for at in memchr::memchr_iter(0xef, bytes) {
            if let Some([0xef, 0xbf, 0xbe | 0xbf, ..]) = bytes.get(at..) {
                return Err(ScanError::NotWellFormed(at));
            }
        }
    }
    if bytes.iter().fold(false, |found, byte| found | is_control(*byte))
        && let Some(at) = bytes.iter().position(|byte| is_control(*byte))
    {
        return Err(ScanError::NotWellFormed(at));
    }
    Ok(())
}

#[inline]
fn is_control(byte: u8) -> bool {
    byte < b' ' && byte != b'\t' && byte != b'\n' && byte != b'\r'
}
