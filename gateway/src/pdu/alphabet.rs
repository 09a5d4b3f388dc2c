//! The GSM 7-bit default alphabet and its extension (3GPP TS 23.038 section 6.2.1).

use super::shift_tables::Language;

/// The septet before a character of an extension table.
pub(super) const ESCAPE: u8 = 0x1b;

/// The characters by their septet; the escape stands for itself.
const DEFAULT: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// Characters behind an escape.
const EXTENSION: [(u8, char); 10] = [
    (0x0a, '\u{c}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2f, '\\'),
    (0x3c, '['),
    (0x3d, '~'),
    (0x3e, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// The septets of a character: one, or an escape and one; `None` when the alphabet does not have it.
pub(super) fn septets_of(character: char) -> Option<(Option<u8>, u8)> {
    if character == '\u{1b}' {
        return None;
    }
    if let Some((place, _)) = EXTENSION.iter().find(|(_, known)| *known == character) {
        return Some((Some(ESCAPE), *place));
    }
    let place = DEFAULT.chars().position(|known| known == character)?;
    u8::try_from(place).ok().map(|septet| (None, septet))
}

/// Septets as text, with the tables the header asks for.
pub(super) fn text_of(septets: &[u8], locking: Option<Language>, single: Option<Language>) -> String {
    let default: Vec<char> = DEFAULT.chars().collect();
    let plain = |septet: u8| {
        locking
            .and_then(|language| language.locking(septet))
            .or_else(|| default.get(usize::from(septet)).copied())
            .unwrap_or(char::REPLACEMENT_CHARACTER)
    };
    let mut text = String::with_capacity(septets.len());
    let mut is_escaped = false;
    for septet in septets {
        if !is_escaped && *septet == ESCAPE {
            is_escaped = true;
            continue;
        }
        if is_escaped {
            is_escaped = false;
            match behind_escape(*septet, single) {
                Some(character) => text.push(character),
                // A table to come: the standard asks for a space.
                None if *septet == ESCAPE => text.push(' '),
                // Unknown there: the character of the main table, as phones show it.
                None => text.push(plain(*septet)),
            }
        } else {
            text.push(plain(*septet));
        }
    }
    text
}

fn behind_escape(septet: u8, single: Option<Language>) -> Option<char> {
    match single.filter(|language| language.has_single()) {
        Some(language) => language.single(septet),
        None => EXTENSION.iter().find(|(place, _)| *place == septet).map(|(_, character)| *character),
    }
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT, septets_of, text_of};

    #[test]
    fn the_alphabet_has_one_hundred_and_twenty_eight_places() {
        assert_eq!(DEFAULT.chars().count(), 128);
    }

    #[test]
    fn the_euro_takes_two_septets() {
        assert_eq!(septets_of('€'), Some((Some(0x1b), 0x65)));
        assert_eq!(text_of(&[0x1b, 0x65], None, None), "€");
    }

    #[test]
    fn an_unknown_escape_shows_the_plain_character() {
        assert_eq!(text_of(&[0x1b, 0x41], None, None), "A");
    }
}
