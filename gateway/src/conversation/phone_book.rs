//! Whose phone is whose, and how numbers are written.

/// A colleague's phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneEntry {
    /// The first half of the colleague's address.
    pub person: String,
    /// The name texts are signed with.
    pub name: String,
    /// The phone, with `+` and country; empty for colleagues who only write.
    pub number: String,
}

/// All known phones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneBook {
    /// The server's domain.
    pub server: String,
    /// The gateway's domain.
    pub domain: String,
    /// The country of numbers that are written without: `+86`.
    pub country: String,
    /// Colleagues.
    pub entries: Vec<PhoneEntry>,
}

impl PhoneBook {
    /// A number with `+` and country; short numbers and names stay as they are.
    pub fn normal(&self, number: &str) -> String {
        let is_digits = number.bytes().all(|byte| byte.is_ascii_digit());
        match number {
            _ if number.starts_with('+') || !is_digits || number.len() < 8 => number.to_owned(),
            _ if number.starts_with("00") => format!("+{}", number.trim_start_matches('0')),
            _ => format!("{}{}", self.country, number.trim_start_matches('0')),
        }
    }

    pub(super) fn number_of(&self, local: &str) -> Option<String> {
        let is_number = |text: &str| {
            let digits = text.strip_prefix('+').unwrap_or(text);
            (3..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        if is_number(local) {
            return Some(self.normal(local));
        }
        let entry = self.entries.iter().find(|entry| entry.person == local)?;
        Some(entry.number.clone()).filter(|number| !number.is_empty())
    }

    pub(super) fn owner_of(&self, number: &str) -> Option<&PhoneEntry> {
        self.entries.iter().find(|entry| !entry.number.is_empty() && entry.number == number)
    }

    /// The address a phone has for colleagues: its owner's when it is known.
    pub(super) fn address_of(&self, number: &str) -> String {
        let local = self.owner_of(number).map_or(number, |entry| entry.person.as_str());
        format!("{local}@{}", self.domain)
    }

    /// What texts of this person are signed with.
    pub(super) fn name_of(&self, person: &str) -> String {
        let local = person.split_once('@').map_or(person, |(local, _)| local);
        let entry = self.entries.iter().find(|entry| entry.person == local);
        entry.map_or_else(|| local.to_owned(), |entry| entry.name.clone())
    }

    /// The person whose name or login a text begins with, and what it begins with; the longest name wins.
    pub(super) fn person_named_at_start_of(&self, text: &str) -> Option<(String, String)> {
        self.entries
            .iter()
            .flat_map(|entry| [(entry, &entry.name), (entry, &entry.person)])
            .filter(|(_, name)| !name.is_empty() && text.starts_with(name.as_str()))
            .max_by_key(|(_, name)| name.len())
            .map(|(entry, name)| (format!("{}@{}", entry.person, self.server), name.clone()))
    }
}
