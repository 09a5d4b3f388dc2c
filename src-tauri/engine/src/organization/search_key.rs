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
        Self { text: text.into_boxed_str(), ..key }
    }

    pub(super) fn of_department(department: &Department) -> Self {
        Self::of_name(&department.name, department.pinyin.as_deref())
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
        Self { text: text.into_boxed_str(), name: name_end, pinyin: end, login: end }
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
