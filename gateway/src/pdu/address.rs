//! Phone numbers and alphanumeric senders (3GPP TS 23.040 section 9.1.2.5).

use super::PduError;
use super::alphabet;
use super::reader::Reader;
use super::septets;

/// How an address is to be understood (type of number).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressKind {
    /// With the country in front.
    International,
    /// A name.
    Alphanumeric,
    /// National, short, of the network, or unknown: the type-of-address byte as it came.
    Other(u8),
}

/// A sender or receiver.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    kind: AddressKind,
    text: String,
}

/// Most digits of an address.
const LONGEST: usize = 20;
/// ISDN numbering, unknown type.
const UNKNOWN: u8 = 0x81;
/// ISDN numbering, international.
const INTERNATIONAL: u8 = 0x91;

impl Address {
    /// A number as people write it: digits, `*`, `#`, with `+` in front when international.
    ///
    /// # Errors
    /// Anything else is in it, or it is empty or over twenty digits.
    pub fn number(text: &str) -> Result<Self, PduError> {
        let (kind, digits) = match text.strip_prefix('+') {
            Some(rest) => (AddressKind::International, rest),
            None => (AddressKind::Other(UNKNOWN), text),
        };
        let is_number = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'*' | b'#'));
        if digits.is_empty() || digits.len() > LONGEST || !is_number {
            return Err(PduError::Number);
        }
        Ok(Self { kind, text: digits.to_owned() })
    }

    /// How it is to be understood.
    pub fn kind(&self) -> AddressKind {
        self.kind
    }

    /// Length in semi-octets, type and value, as in a TPDU.
    pub(super) fn encode(&self, bytes: &mut Vec<u8>) -> Result<(), PduError> {
        bytes.push(u8::try_from(self.text.len()).map_err(|_| PduError::Number)?);
        self.encode_value(bytes)
    }

    /// Length in bytes, type and value, as for a service centre.
    pub(super) fn encode_centre(&self, bytes: &mut Vec<u8>) -> Result<(), PduError> {
        let length = self.text.len().div_ceil(2) + 1;
        bytes.push(u8::try_from(length).map_err(|_| PduError::Number)?);
        self.encode_value(bytes)
    }

    fn encode_value(&self, bytes: &mut Vec<u8>) -> Result<(), PduError> {
        bytes.push(match self.kind {
            AddressKind::International => INTERNATIONAL,
            AddressKind::Other(kind) => kind,
            AddressKind::Alphanumeric => return Err(PduError::Number),
        });
        let digits =
            self.text.chars().map(semi_octet).collect::<Option<Vec<u8>>>().ok_or(PduError::Number)?;
        for pair in digits.chunks(2) {
            bytes.push(match pair {
                [low, high] => (high << 4) | low,
                [low] => 0xf0 | low,
                _ => return Err(PduError::Number),
            });
        }
        Ok(())
    }

    /// Length in semi-octets, type and value, as in a TPDU.
    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, PduError> {
        let semi_octets = usize::from(reader.byte()?);
        let kind = reader.byte()?;
        let value = reader.take(semi_octets.div_ceil(2))?;
        Ok(Self::of_value(kind, value, semi_octets))
    }

    /// A service centre's; `None` when the modem does not say which.
    pub(super) fn decode_centre(reader: &mut Reader<'_>) -> Result<Option<Self>, PduError> {
        let length = usize::from(reader.byte()?);
        if length == 0 {
            return Ok(None);
        }
        let kind = reader.byte()?;
        let value = reader.take(length - 1)?;
        Ok(Some(Self::of_value(kind, value, value.len() * 2)))
    }

    fn of_value(kind: u8, value: &[u8], semi_octets: usize) -> Self {
        match kind & 0x70 {
            0x50 => {
                let packed = septets::unpack(value, 0, semi_octets * 4 / 7);
                let text = alphabet::text_of(&packed, None, None);
                Self { kind: AddressKind::Alphanumeric, text: text.trim_end_matches(['\r', '\0']).to_owned() }
            }
            0x10 => Self { kind: AddressKind::International, text: digits(value, semi_octets) },
            _ => Self { kind: AddressKind::Other(kind), text: digits(value, semi_octets) },
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.kind == AddressKind::International {
            formatter.write_str("+")?;
        }
        formatter.write_str(&self.text)
    }
}

fn digits(value: &[u8], semi_octets: usize) -> String {
    value
        .iter()
        .flat_map(|byte| [byte & 0x0f, byte >> 4])
        .take(semi_octets)
        .filter_map(|nibble| match nibble {
            0..=9 => Some(char::from(b'0' + nibble)),
            10 => Some('*'),
            11 => Some('#'),
            12 => Some('a'),
            13 => Some('b'),
            14 => Some('c'),
            _ => None,
        })
        .collect()
}

fn semi_octet(digit: char) -> Option<u8> {
    match digit {
        '*' => Some(10),
        '#' => Some(11),
        'a'..='c' => u8::try_from(digit).ok().map(|byte| byte - b'a' + 12),
        _ => digit.to_digit(10).and_then(|value| u8::try_from(value).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, AddressKind};
    use crate::pdu::reader::Reader;

    #[test]
    fn an_odd_number_is_filled_with_f() {
        let mut bytes = Vec::new();
        Address::number("+8613800000001").unwrap().encode(&mut bytes).unwrap();
        assert_eq!(bytes, [13, 0x91, 0x68, 0x31, 0x08, 0x00, 0x00, 0x00, 0xf1]);
    }

    #[test]
    fn a_sender_with_a_name_is_read() {
        // Nine septets are 63 bits: sixteen semi-octets.
        let packed = crate::pdu::septets::pack(b"Posthouse", 0);
        let mut bytes = vec![16, 0xd0];
        bytes.extend(&packed);
        let address = Address::decode(&mut Reader::new(&bytes)).unwrap();
        assert_eq!(
            (address.kind(), address.to_string()),
            (AddressKind::Alphanumeric, "Posthouse".to_owned())
        );
    }

    #[test]
    fn letters_are_no_number() {
        for wrong in ["", "+", "12a", "+86 138", "123456789012345678901"] {
            assert!(Address::number(wrong).is_err(), "{wrong}");
        }
    }
}
