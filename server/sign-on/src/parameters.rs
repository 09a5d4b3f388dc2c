//! Parameters of a query or a form (`application/x-www-form-urlencoded`), each at most once (RFC 6749
//! section 3.1).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Most bytes of a query or a form.
pub const LONGEST: usize = 16_384;

/// Most parameters.
const MOST: usize = 64;

/// Why parameters cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Too long, or too many.
    #[error("the request is too long")]
    TooLong,
    /// A percent sign without two digits, or bytes that are not UTF-8.
    #[error("the request is not percent-encoded UTF-8")]
    Encoding,
}

/// Names and values as they came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameters {
    values: BTreeMap<String, String>,
    repeated: Option<String>,
}

impl Parameters {
    /// Reads the text behind the question mark, or a form.
    ///
    /// # Errors
    /// It is too long or not percent-encoded UTF-8.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() > LONGEST {
            return Err(Malformed::TooLong);
        }
        let mut parameters = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            if parameters.values.len() >= MOST {
                return Err(Malformed::TooLong);
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            parameters.add(decode(name)?, decode(value)?);
        }
        Ok(parameters)
    }

    fn add(&mut self, name: String, value: String) {
        match self.values.entry(name) {
            Entry::Occupied(known) => {
                self.repeated.get_or_insert_with(|| known.key().clone());
            }
            Entry::Vacant(place) => {
                place.insert(value);
            }
        }
    }

    /// The value; an empty one counts as absent (RFC 6749 section 3.1).
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The parameter is there, be it empty.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Name of a parameter that came more than once.
    pub fn repeated(&self) -> Option<&str> {
        self.repeated.as_deref()
    }

    /// All names and values.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl FromIterator<(String, String)> for Parameters {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(pairs: T) -> Self {
        let mut parameters = Self::default();
        for (name, value) in pairs {
            parameters.add(name, value);
        }
        parameters
    }
}

/// Decodes a name or value of a form.
///
/// # Errors
/// A percent sign without two digits, or bytes that are not UTF-8.
pub fn decode(text: &str) -> Result<String, Malformed> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                high.wrapping_mul(16).wrapping_add(low)
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).map_err(|_| Malformed::Encoding)
}

fn digit(byte: Option<u8>) -> Result<u8, Malformed> {
    let value = byte.and_then(|byte| char::from(byte).to_digit(16)).ok_or(Malformed::Encoding)?;
    u8::try_from(value).map_err(|_| Malformed::Encoding)
}

/// Encodes a value so that it can stand in a query, a form, a path or a header: everything but the unreserved
/// characters of RFC 3986.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::{Malformed, Parameters, decode, encode};

    #[test]
    fn what_is_encoded_comes_back() {
        for text in ["张爱丽", "a b+c&d=e%", "\r\nSet-Cookie: x", ""] {
            assert_eq!(decode(&encode(text)).unwrap(), text);
        }
        assert_eq!(encode("财务 部"), "%E8%B4%A2%E5%8A%A1%20%E9%83%A8");
    }

    #[test]
    fn a_parameter_that_comes_twice_is_noticed_and_an_empty_one_is_absent() {
        let parameters = Parameters::parse("scope=openid&state=&scope=email&x").unwrap();
        assert_eq!(parameters.repeated(), Some("scope"));
        assert_eq!(parameters.value("scope"), Some("openid"));
        assert_eq!(parameters.value("state"), None);
        assert!(parameters.has("state") && parameters.has("x"));
    }

    #[test]
    fn broken_encoding_and_floods_are_refused() {
        assert_eq!(Parameters::parse("a=%zz"), Err(Malformed::Encoding));
        assert_eq!(Parameters::parse("a=%E8"), Err(Malformed::Encoding));
        assert_eq!(Parameters::parse("a=%"), Err(Malformed::Encoding));
        assert_eq!(Parameters::parse(&"a".repeat(20_000)), Err(Malformed::TooLong));
        let many: Vec<String> = (0..70).map(|number| format!("p{number}=1")).collect();
        assert_eq!(Parameters::parse(&many.join("&")), Err(Malformed::TooLong));
    }
}
