//! The user data header (3GPP TS 23.040 section 9.2.3.24). Unknown elements are kept.

use super::shift_tables::Language;

/// A part's place in a longer text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Concatenation {
    /// The number all parts share.
    pub reference: u16,
    /// The reference has 16 bits on the wire.
    pub is_wide: bool,
    /// How many parts there are.
    pub total: u8,
    /// Which one this is, from 1.
    pub number: u8,
}

/// Application ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ports {
    /// Of the receiver.
    pub destination: u16,
    /// Of the sender.
    pub source: u16,
}

/// One information element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Element {
    /// Part of a longer text.
    Concatenation(Concatenation),
    /// For an application.
    Ports(Ports),
    /// The language of one escaped character.
    SingleShift(Language),
    /// The language of the whole alphabet.
    LockingShift(Language),
    /// Anything else, as it came.
    Other {
        /// Identifier.
        id: u8,
        /// Value.
        value: Vec<u8>,
    },
}

/// All elements in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header(pub Vec<Element>);

impl Header {
    /// The part's place in a longer text; the last valid element counts.
    pub fn concatenation(&self) -> Option<Concatenation> {
        self.0.iter().rev().find_map(|element| match element {
            Element::Concatenation(place) => Some(*place),
            _ => None,
        })
    }

    /// Application ports.
    pub fn ports(&self) -> Option<Ports> {
        self.0.iter().rev().find_map(|element| match element {
            Element::Ports(ports) => Some(*ports),
            _ => None,
        })
    }

    pub(super) fn locking_shift(&self) -> Option<Language> {
        self.0.iter().rev().find_map(|element| match element {
            Element::LockingShift(language) => Some(*language),
            _ => None,
        })
    }

    pub(super) fn single_shift(&self) -> Option<Language> {
        self.0.iter().rev().find_map(|element| match element {
            Element::SingleShift(language) => Some(*language),
            _ => None,
        })
    }

    /// The elements without the length in front. A broken element ends the reading.
    pub(crate) fn decode(mut bytes: &[u8]) -> Self {
        let mut elements = Vec::new();
        while let [id, length, rest @ ..] = bytes {
            let Some((value, rest)) = rest.split_at_checked(usize::from(*length)) else { break };
            elements.push(element(*id, value));
            bytes = rest;
        }
        Self(elements)
    }

    /// Length and elements; nothing at all without elements.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for element in &self.0 {
            let (id, value) = wire_form(element);
            body.push(id);
            body.push(u8::try_from(value.len()).unwrap_or(u8::MAX));
            body.extend(value);
        }
        match u8::try_from(body.len()) {
            Ok(length) if length > 0 => {
                body.insert(0, length);
                body
            }
            _ => body,
        }
    }
}

fn element(id: u8, value: &[u8]) -> Element {
    let other = || Element::Other { id, value: value.to_owned() };
    match (id, value) {
        (0x00, [reference, total, number]) => {
            concatenation(u16::from(*reference), false, *total, *number).unwrap_or_else(other)
        }
        (0x08, [high, low, total, number]) => {
            concatenation(u16::from_be_bytes([*high, *low]), true, *total, *number).unwrap_or_else(other)
        }
        (0x04, [destination, source]) => {
            Element::Ports(Ports { destination: u16::from(*destination), source: u16::from(*source) })
        }
        (0x05, [a, b, c, d]) => Element::Ports(Ports {
            destination: u16::from_be_bytes([*a, *b]),
            source: u16::from_be_bytes([*c, *d]),
        }),
        (0x24, [language]) => Element::SingleShift(Language(*language)),
        (0x25, [language]) => Element::LockingShift(Language(*language)),
        _ => other(),
    }
}

/// Impossible places are to be ignored (section 9.2.3.24.1).
fn concatenation(reference: u16, is_wide: bool, total: u8, number: u8) -> Option<Element> {
    let is_possible = number >= 1 && number <= total;
    is_possible.then_some(Element::Concatenation(Concatenation { reference, is_wide, total, number }))
}

fn wire_form(element: &Element) -> (u8, Vec<u8>) {
    match element {
        Element::Concatenation(Concatenation { reference, is_wide: true, total, number }) => {
            let [high, low] = reference.to_be_bytes();
            (0x08, vec![high, low, *total, *number])
        }
        Element::Concatenation(Concatenation { reference, is_wide: false, total, number }) => {
            let [_, low] = reference.to_be_bytes();
            (0x00, vec![low, *total, *number])
        }
        Element::Ports(Ports { destination, source }) => {
            let ([a, b], [c, d]) = (destination.to_be_bytes(), source.to_be_bytes());
            (0x05, vec![a, b, c, d])
        }
        Element::SingleShift(language) => (0x24, vec![language.0]),
        Element::LockingShift(language) => (0x25, vec![language.0]),
        Element::Other { id, value } => (*id, value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Concatenation, Element, Header};

    #[test]
    fn both_widths_of_reference_are_read() {
        let narrow = Header::decode(&[0x00, 3, 0x2a, 2, 1]).concatenation().unwrap();
        assert_eq!(narrow, Concatenation { reference: 0x2a, is_wide: false, total: 2, number: 1 });
        let wide = Header::decode(&[0x08, 4, 0x12, 0x34, 2, 1]).concatenation().unwrap();
        assert_eq!(wide, Concatenation { reference: 0x1234, is_wide: true, total: 2, number: 1 });
    }

    #[test]
    fn a_part_number_beyond_the_total_is_no_part() {
        assert_eq!(Header::decode(&[0x00, 3, 1, 2, 3]).concatenation(), None);
        assert_eq!(Header::decode(&[0x00, 3, 1, 0, 0]).concatenation(), None);
    }

    #[test]
    fn unknown_elements_are_kept() {
        let bytes = [0x70, 2, 1, 2, 0x00, 3, 9, 1, 1];
        let header = Header::decode(&bytes);
        assert_eq!(header.0.first(), Some(&Element::Other { id: 0x70, value: vec![1, 2] }));
        assert_eq!(header.encode().split_first().unwrap().1, bytes);
    }
}
