//! National languages of 7-bit texts (3GPP TS 23.038 section 6.2.1.2): which tables a header asks for.

mod locking;
mod single;

/// A language that has tables of its own, by its identifier on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language(pub u8);

impl Language {
    /// The character of a septet in the language's own alphabet; `None` when it has no such alphabet.
    pub(super) fn locking(self, septet: u8) -> Option<char> {
        let table = match self.0 {
            1 => &locking::TURKISH,
            3 => &locking::PORTUGUESE,
            4 => &locking::BENGALI,
            5 => &locking::GUJARATI,
            6 => &locking::HINDI,
            7 => &locking::KANNADA,
            8 => &locking::MALAYALAM,
            9 => &locking::ORIYA,
            10 => &locking::PUNJABI,
            11 => &locking::TAMIL,
            12 => &locking::TELUGU,
            13 => &locking::URDU,
            _ => return None,
        };
        table.get(usize::from(septet)).and_then(|code| char::from_u32(u32::from(*code)))
    }

    /// The character of a septet behind an escape; `None` when the language has none there.
    pub(super) fn single(self, septet: u8) -> Option<char> {
        let own = match self.0 {
            1 => single::TURKISH,
            2 => single::SPANISH,
            3 => single::PORTUGUESE,
            4 => single::BENGALI,
            5 => single::GUJARATI,
            6 => single::HINDI,
            7 => single::KANNADA,
            8 => single::MALAYALAM,
            9 => single::ORIYA,
            10 => single::PUNJABI,
            11 => single::TAMIL,
            12 => single::TELUGU,
            13 => single::URDU,
            _ => return None,
        };
        let shared: &[(u8, u16)] = if self.0 > 3 { single::SOUTH_ASIAN } else { &[] };
        own.iter()
            .chain(shared)
            .find(|(place, _)| *place == septet)
            .and_then(|(_, code)| char::from_u32(u32::from(*code)))
    }

    /// The standard gives this language tables for the escape.
    pub(super) fn has_single(self) -> bool {
        (1..=13).contains(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn turkish_letters_stand_where_the_standard_puts_them() {
        assert_eq!(Language(1).locking(0x0b), Some('Ğ'));
        assert_eq!(Language(1).single(0x69), Some('ı'));
    }

    #[test]
    fn a_hindi_alphabet_stays_within_its_script() {
        let foreign: Vec<char> = (0..128)
            .filter_map(|septet| Language(6).locking(septet))
            .filter(|letter| !letter.is_ascii() && !('\u{900}'..='\u{97f}').contains(letter))
            .collect();
        assert!(foreign.is_empty(), "{foreign:?}");
    }

    #[test]
    fn every_alphabet_keeps_latin_small_letters_and_the_escape() {
        for language in [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13].map(Language) {
            assert_eq!(language.locking(0x61), Some('a'), "{language:?}");
            assert_eq!(language.locking(0x7a), Some('z'), "{language:?}");
            assert_eq!(language.locking(0x1b), Some('\u{1b}'), "{language:?}");
        }
    }

    #[test]
    fn south_asian_languages_share_capitals_behind_the_escape() {
        assert_eq!(Language(13).single(0x41), Some('A'));
        assert_eq!(Language(13).single(0x1c), Some('۰'));
        assert_eq!(Language(1).single(0x41), None);
    }
}
