//! Changes bytes without knowing what they mean.

use super::Randomness;

/// Pieces that mean something to the reader of the bytes, and the longest input worth trying.
#[derive(Debug, Clone, Copy)]
pub struct Edits {
    /// The pieces.
    pub words: &'static [&'static [u8]],
    /// In bytes.
    pub longest: usize,
}

impl Edits {
    /// A copy of `input` with a few changes; `other` lends pieces.
    #[must_use]
    pub fn change(self, input: &[u8], other: &[u8], random: &mut Randomness) -> Vec<u8> {
        let mut bytes = input.to_vec();
        for _ in 0..=random.below(4) {
            self.once(&mut bytes, other, random);
        }
        bytes.truncate(self.longest);
        bytes
    }

    /// One change.
    pub fn once(self, bytes: &mut Vec<u8>, other: &[u8], random: &mut Randomness) {
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
                    *byte = random.byte();
                }
            }
            2 => remove(bytes, at, end),
            3 | 4 => insert(bytes, at, random.pick(self.words).unwrap_or_default()),
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
                insert(bytes, at.min(bytes.len()), random.pick(self.words).unwrap_or_default());
            }
        }
    }
}

/// Takes out what lies between two places, when there is something.
pub(crate) fn remove(bytes: &mut Vec<u8>, start: usize, end: usize) {
    if start < end && end <= bytes.len() {
        bytes.drain(start..end);
    }
}

/// Puts a piece in, when there is such a place.
pub(crate) fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    if at <= bytes.len() {
        bytes.splice(at..at, piece.iter().copied());
    }
}
