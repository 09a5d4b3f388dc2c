//! User data as text or bytes, and long texts put together again.

use super::alphabet;
use super::coding::{Alphabet, Coding};
use super::header::Header;
use super::septets;

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Letters of the 7-bit alphabets.
    Text(String),
    /// Units of UTF-16: a part of a longer text may begin or end in the middle of a character.
    Units(Vec<u16>),
    /// Bytes.
    Data(Vec<u8>),
}

impl Content {
    /// As text; bytes are none.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Units(units) => Some(String::from_utf16_lossy(units)),
            Self::Data(_) => None,
        }
    }
}

/// The text of all parts in their order: a character cut in two by its sender's phone is whole again.
pub fn join<'a>(parts: impl IntoIterator<Item = &'a Content>) -> String {
    let mut text = String::new();
    let mut units = Vec::new();
    for part in parts {
        match part {
            Content::Units(more) => units.extend_from_slice(more),
            Content::Text(more) => {
                text.push_str(&String::from_utf16_lossy(&std::mem::take(&mut units)));
                text.push_str(more);
            }
            Content::Data(_) => {}
        }
    }
    text.push_str(&String::from_utf16_lossy(&units));
    text
}

/// Reads user data. `length` is TP-UDL: septets or bytes; some modems give less data than it says.
pub(super) fn decode(bytes: &[u8], length: u8, has_header: bool, coding: Coding) -> (Header, Content) {
    let (header, header_bytes) = if has_header { read_header(bytes) } else { (Header::default(), 0) };
    let body = bytes.get(header_bytes..).unwrap_or_default();
    let alphabet = if coding.is_compressed { Alphabet::Data } else { coding.alphabet };
    let content = match alphabet {
        Alphabet::Default => {
            let before = (header_bytes * 8).div_ceil(7);
            let count = usize::from(length).saturating_sub(before);
            let unpacked = septets::unpack(body, septets::fill_behind(header_bytes), count);
            Content::Text(alphabet::text_of(&unpacked, header.locking_shift(), header.single_shift()))
        }
        Alphabet::Ucs2 => {
            let count = usize::from(length).saturating_sub(header_bytes);
            let pairs = body.get(..count).unwrap_or(body).chunks_exact(2);
            Content::Units(pairs.filter_map(|pair| Some(u16::from_be_bytes(pair.try_into().ok()?))).collect())
        }
        Alphabet::Data => {
            let count = usize::from(length).saturating_sub(header_bytes);
            Content::Data(body.get(..count).unwrap_or(body).to_owned())
        }
    };
    (header, content)
}

fn read_header(bytes: &[u8]) -> (Header, usize) {
    let Some((length, rest)) = bytes.split_first() else { return (Header::default(), 0) };
    let length = usize::from(*length);
    let elements = rest.get(..length).unwrap_or(rest);
    (Header::decode(elements), elements.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::{Content, join};

    #[test]
    fn an_emoji_cut_by_its_sender_is_whole_again() {
        let parts = [Content::Units(vec![0x4f60, 0xd83d]), Content::Units(vec![0xde00, 0x597d])];
        assert_eq!(join(&parts), "你😀好");
    }

    #[test]
    fn parts_in_different_alphabets_are_joined() {
        let parts = [Content::Text("ok ".to_owned()), Content::Units(vec![0x597d])];
        assert_eq!(join(&parts), "ok 好");
    }
}
