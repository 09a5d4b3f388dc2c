//! How numbers are written, and which addresses phones have.

/// The rules of one gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbering {
    /// The gateway's domain.
    pub domain: String,
    /// The country of numbers that are written without: `+86`.
    pub country: String,
}

impl Numbering {
    /// A number with `+` and country; short numbers and names stay as they are.
    pub fn normal(&self, number: &str) -> String {
        let is_digits = number.bytes().all(|byte| byte.is_ascii_digit());
        match number {
            _ if number.starts_with('+') || !is_digits || number.len() < 8 => number.to_owned(),
            _ if number.starts_with("00") => format!("+{}", number.trim_start_matches('0')),
            _ => format!("{}{}", self.country, number.trim_start_matches('0')),
        }
    }

    /// The address of a phone that is no colleague's.
    pub(super) fn address_of(&self, number: &str) -> String {
        format!("{number}@{}", self.domain)
    }
}
