//! Cuts a text into parts that fit into messages, and counts what that will cost.

mod borders;

use super::alphabet;
use super::header::Concatenation;
use super::text::Content;

/// How a text travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoding {
    /// 160 letters in one message.
    SevenBit,
    /// 70 characters in one message.
    Ucs2,
}

/// Width of the number that the parts of one text share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum References {
    /// 8 bits, understood by every phone.
    Narrow,
    /// 16 bits.
    Wide,
}

/// One message's share of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it says.
    pub content: Content,
    /// Number from 1 and total; `None` when there is one part only.
    pub place: Option<(u8, u8)>,
}

/// A text in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// How it travels.
    pub encoding: TextEncoding,
    /// In their order; at least one.
    pub parts: Vec<Part>,
}

/// What a person wants to know while writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Characters as people count them, roughly: Unicode scalar values.
    pub characters: usize,
    /// Messages it takes.
    pub parts: usize,
    /// How it travels.
    pub encoding: TextEncoding,
}

/// The most parts of one text; longer ones end there.
const MOST_PARTS: usize = 255;

impl References {
    /// A part's place in the header.
    pub(super) fn place(self, reference: u16, total: u8, number: u8) -> Concatenation {
        let (is_wide, reference) = match self {
            Self::Narrow => (false, reference & 0xff),
            Self::Wide => (true, reference),
        };
        Concatenation { reference, is_wide, total, number }
    }
}

impl TextEncoding {
    /// Units in a message that is the only one, and in each of several.
    fn room(self, references: References) -> (usize, usize) {
        match (self, references) {
            (Self::SevenBit, References::Narrow) => (160, 153),
            (Self::SevenBit, References::Wide) => (160, 152),
            (Self::Ucs2, References::Narrow) => (70, 67),
            (Self::Ucs2, References::Wide) => (70, 66),
        }
    }

    fn units(self, character: char) -> usize {
        match self {
            Self::SevenBit => match alphabet::septets_of(character) {
                Some((Some(_), _)) => 2,
                _ => 1,
            },
            Self::Ucs2 => character.len_utf16(),
        }
    }
}

impl Part {
    /// The septets of a 7-bit part.
    pub(super) fn septets(&self) -> Vec<u8> {
        let Content::Text(text) = &self.content else { return Vec::new() };
        text.chars()
            .filter_map(alphabet::septets_of)
            .flat_map(|(escape, septet)| escape.into_iter().chain([septet]))
            .collect()
    }

    /// The part with a byte for every septet, or its units.
    pub(crate) fn octets(&self) -> Vec<u8> {
        match &self.content {
            Content::Text(_) => self.septets(),
            Content::Units(units) => units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
            Content::Data(bytes) => bytes.clone(),
        }
    }
}

/// The encoding that carries the whole text unchanged in the fewest messages.
fn encoding_of(text: &str) -> TextEncoding {
    if text.chars().all(|character| alphabet::septets_of(character).is_some()) {
        TextEncoding::SevenBit
    } else {
        TextEncoding::Ucs2
    }
}

/// Cuts a text for a carrier whose alphabet has only some of the 7-bit letters for certain.
pub(crate) fn split_with(text: &str, is_plain: impl Fn(char) -> bool) -> Split {
    let encoding = if text.chars().all(is_plain) { encoding_of(text) } else { TextEncoding::Ucs2 };
    split_as(text, encoding, References::Narrow)
}

/// Cuts a text. No character is ever cut, and what people see as one (a family, a flag, a letter with its
/// accents) is kept together where that takes no extra message.
pub fn split(text: &str, references: References) -> Split {
    split_as(text, encoding_of(text), references)
}

fn split_as(text: &str, encoding: TextEncoding, references: References) -> Split {
    let (alone, shared) = encoding.room(references);
    let units: usize = text.chars().map(|character| encoding.units(character)).sum();
    let pieces = if units <= alone { vec![text] } else { borders::cut(text, shared, |c| encoding.units(c)) };
    let total = u8::try_from(pieces.len().min(MOST_PARTS)).unwrap_or(u8::MAX);
    let parts = pieces
        .into_iter()
        .zip(1..=total)
        .map(|(piece, number)| Part {
            content: match encoding {
                TextEncoding::SevenBit => Content::Text(piece.to_owned()),
                TextEncoding::Ucs2 => Content::Units(piece.encode_utf16().collect()),
            },
            place: (total > 1).then_some((number, total)),
        })
        .collect();
    Split { encoding, parts }
}

/// What a text will cost.
pub fn count(text: &str) -> Count {
    let split = split(text, References::Narrow);
    Count { characters: text.chars().count(), parts: split.parts.len(), encoding: split.encoding }
}

#[cfg(test)]
mod tests;
