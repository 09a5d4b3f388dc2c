//! What a search looks at, prepared once for each person: name, pinyin, ID and phone numbers in one text.

use pinyin::ToPinyin;
use posthouse_protocol::organization::{Department, Person};

/// The prepared text, and where its parts end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SearchKey {
    text: Box<str>,
    name: usize,
    pinyin: usize,
    login: usize,
    /// Its letters.
    pub(super) letters: Letters,
}

/// Which letters a text has, roughly: two of them may count as the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letters(u64);

impl Letters {
    pub(super) fn of(text: &str) -> Self {
        let letters = text.chars().filter(|letter| *letter != ' ');
        Self(letters.fold(0, |letters, letter| letters | Self::bit(letter)))
    }

    fn bit(letter: char) -> u64 {
        let code = u32::from(letter);
        let bit = match letter {
            'a'..='z' => code % 32,
            '0'..='9' => 27 + code % 16,
            _ => 37 + code % 27,
        };
        1_u64.rotate_left(bit)
    }

    /// Whether a text with these letters may have the others somewhere in it.
    pub(super) fn may_have(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }
}

impl SearchKey {
    pub(super) fn of(person: &Person) -> Self {
        let login = person.jid.node().map(|node| node.as_str().to_lowercase()).unwrap_or_default();
        let mut key = Self::of_name(&person.name, person.pinyin.as_deref());
        let mut text = String::from(std::mem::take(&mut key.text));
        text.push_str(&login);
        key.login = text.len();
        for number in person.mobile.iter().chain(&person.phones) {
            text.push(' ');
            text.extend(number.chars().filter(char::is_ascii_digit));
        }
        key.text = text.into_boxed_str();
        key.with_letters()
    }

    pub(super) fn of_department(department: &Department) -> Self {
        Self::of_name(&department.name, department.pinyin.as_deref()).with_letters()
    }

    fn of_name(name: &str, pinyin: Option<&str>) -> Self {
        let mut text = name.to_lowercase();
        let name_end = text.len();
        match pinyin {
            // As it is typed: 吕 is lv.
            Some(pinyin) => {
                text.extend(pinyin.chars().map(|letter| if letter == 'ü' { 'v' } else { letter }))
            }
            None => text.push_str(&syllables(name)),
        }
        let end = text.len();
        Self { text: text.into_boxed_str(), name: name_end, pinyin: end, login: end, letters: Letters(0) }
    }

    fn with_letters(mut self) -> Self {
        self.letters = Letters::of(&self.text);
        if self.pinyin().contains('v') {
            // Some type it as u.
            self.letters.0 |= Letters::bit('u');
        }
        self
    }

    /// All parts behind each other.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// In lower case.
    pub(super) fn name(&self) -> &str {
        self.text.get(..self.name).unwrap_or_default()
    }

    /// Syllables with blanks between them.
    pub(super) fn pinyin(&self) -> &str {
        self.text.get(self.name..self.pinyin).unwrap_or_default()
    }

    /// In lower case.
    pub(super) fn login(&self) -> &str {
        self.text.get(self.pinyin..self.login).unwrap_or_default()
    }

    /// Digits of the phone numbers, with blanks between the numbers.
    pub(super) fn numbers(&self) -> &str {
        self.text.get(self.login..).unwrap_or_default()
    }
}

/// For a server that does not say how a name is read.
fn syllables(name: &str) -> String {
    let mut text = String::new();
    let mut is_after_syllable = false;
    for letter in name.chars() {
        let syllable = letter.to_pinyin().map(pinyin::Pinyin::plain);
        if is_after_syllable || (syllable.is_some() && !text.is_empty()) {
            text.push(' ');
        }
        match syllable {
            Some(syllable) => text.push_str(&syllable.replace('ü', "v")),
            None => text.extend(letter.to_lowercase()),
        }
        is_after_syllable = syllable.is_some();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::tests::person;
    use super::{Letters, SearchKey};

    #[test]
    fn a_name_without_pinyin_is_read_here() {
        let mut it = person("p1", "吕布Alice2号", "x", &[]);
        it.pinyin = None;
        assert_eq!(SearchKey::of(&it).pinyin(), "lv bu alice2 hao");
    }

    #[test]
    fn a_text_may_have_what_it_has() {
        let text = Letters::of("张三 zhang san 0138");
        for word in ["张", "三", "zs", "hang", "0138", ""] {
            assert!(text.may_have(Letters::of(word)), "{word}");
        }
        for word in ["x", "7", "zx", "97"] {
            assert!(!text.may_have(Letters::of(word)), "{word}");
        }
    }
}
