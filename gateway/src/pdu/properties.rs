//! Properties of the codec: what is written is read again, and nothing from the air can make it panic.

use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

use super::{Address, Content, References, Submit, decode_incoming, join, split};

fn any_text() -> impl Strategy<Value = String> {
    let letters = prop::sample::select(vec![
        "a",
        "Z",
        "€",
        "[",
        "\\",
        "é",
        "字",
        "您",
        "😀",
        "👨‍👩‍👧",
        "🇨🇳",
        "\n",
        " ",
        "@",
        "\u{301}",
    ]);
    prop::collection::vec(letters, 0..400).prop_map(|letters| letters.concat())
}

proptest! {
    #[test]
    fn a_text_survives_cutting_sending_and_joining(text in any_text(), reference in any::<u16>()) {
        for references in [References::Narrow, References::Wide] {
            let mut contents = Vec::new();
            for part in &split(&text, references).parts {
                let to = Address::number("+8613800000001").unwrap();
                let submit = Submit::part(to, part, references, reference, None).unwrap();
                let read = Submit::from_modem(&submit.to_modem(None).unwrap().digits).unwrap();
                prop_assert_eq!(read.header.concatenation().is_some(), part.place.is_some());
                prop_assert!(read.content.text().is_some_and(|part| !part.contains(char::REPLACEMENT_CHARACTER)));
                contents.push(read.content);
            }
            prop_assert_eq!(&join(&contents), &text);
        }
    }

    #[test]
    fn any_digits_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let digits = super::hexadecimal::encode(&bytes);
        let _ = decode_incoming(&digits);
        let _ = Submit::from_modem(&digits);
    }
}

/// Small and quick, and the same in every run.
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.throw() % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }
}

const SEEDS: [&str; 6] = [
    "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07",
    "00400581214365F0000862112300000000100500034202016\
     0A8597D60A8",
    "00400581214365F0000062112300000000060325010158",
    "0040058121436500040462112300000000090605040B8423F00102",
    "000410D0D0F79B8E7EBBE7650000621123000000 02E834",
    "00062A0B916407281553F8621123000000006211235100000000",
];

#[test]
fn a_million_mutated_messages_are_read_or_refused_and_nothing_panics() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let seeds: Vec<Vec<u8>> = SEEDS
        .iter()
        .map(|seed| seed.bytes().filter(u8::is_ascii_hexdigit).collect::<Vec<u8>>())
        .map(|digits| String::from_utf8(digits).unwrap())
        .map(|digits| super::hexadecimal::decode(digits.get(..digits.len() & !1).unwrap()).unwrap())
        .collect();
    let mut read = 0_usize;
    for round in 0..1_000_000 {
        let mut bytes = seeds[round % seeds.len()].clone();
        for _ in 0..=dice.below(4) {
            let place = dice.below(bytes.len());
            match dice.below(4) {
                0 => bytes.truncate(place),
                1 => bytes.insert(place, u8::try_from(dice.below(256)).unwrap()),
                _ => {
                    if let Some(byte) = bytes.get_mut(place) {
                        *byte = u8::try_from(dice.below(256)).unwrap();
                    }
                }
            }
        }
        read += usize::from(super::incoming::read(&bytes).is_ok());
    }
    // The test would be worthless if nothing came through.
    assert!(read > 100_000, "{read}");
}

#[test]
fn bytes_are_no_text() {
    assert_eq!(Content::Data(vec![1]).text(), None);
}
