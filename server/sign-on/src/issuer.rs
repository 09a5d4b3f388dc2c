//! The provider's own address. Every URL it hands out begins with it; the `Host` header counts for nothing.

use url::Url;

use crate::parameters::encode;

/// An `https` address without query and fragment (OpenID Connect Discovery section 3), without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    path: String,
}

impl Issuer {
    /// Reads the setting.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn new(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("{text:?} is not an address: {error}"))?;
        if url.scheme() != "https" {
            return Err(format!("{text:?} does not begin with https://"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("{text:?} has a query or a fragment"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(format!("{text:?} has a name or a password"));
        }
        if !matches!(url.path(), "" | "/") {
            return Err(format!("{text:?} has a path; give the address of the host alone"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        Ok(Self { text: url.as_str().trim_end_matches('/').to_owned(), path })
    }

    /// As it stands in `iss`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Path of the provider on its host, without a slash at the end.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Address of something of the provider's; `path` begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// The same with parameters.
    pub fn with(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let pairs: Vec<String> =
            parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        format!("{}{path}?{}", self.text, pairs.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::Issuer;

    #[test]
    fn only_https_without_anything_behind_the_host_is_an_issuer() {
        assert_eq!(Issuer::new("https://Im.Example.org/").unwrap().as_str(), "https://im.example.org");
        assert_eq!(
            Issuer::new("https://im.example.org:5281").unwrap().at("/x"),
            "https://im.example.org:5281/x"
        );
        for wrong in [
            "http://im.example.org",
            "https://im.example.org/?a",
            "https://im.example.org/#a",
            "https://u:p@im.example.org",
            "https://im.example.org/sso",
            "im.example.org",
        ] {
            assert!(Issuer::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn parameters_cannot_break_out() {
        let issuer = Issuer::new("https://im.example.org").unwrap();
        assert_eq!(
            issuer.with("/sso/expired", &[("app", "a&b\r\nX: 张")]),
            "https://im.example.org/sso/expired?app=a%26b%0D%0AX%3A%20%E5%BC%A0"
        );
    }
}
