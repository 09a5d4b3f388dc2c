//! Addresses of other systems: checked when they are registered, compared exactly, and built only from
//! registered parts. Nobody is ever sent to an address that came with a request.

use url::{Host, Url};

use crate::parameters::encode;

/// Adds parameters to an address that has no fragment.
pub fn with_parameters(address: &str, parameters: &[(&str, &str)]) -> String {
    let mut text = address.to_owned();
    for (name, value) in parameters {
        let separator = match text.find('?') {
            None => "?",
            Some(_) if text.ends_with(['?', '&']) => "",
            Some(_) => "&",
        };
        text.push_str(&format!("{separator}{}={}", encode(name), encode(value)));
    }
    text
}

/// Checks an address that is to be registered: absolute, `https` (or `http`, where `plain` lets it), without name,
/// password, fragment and control characters.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn check(text: &str, plain: bool) -> Result<Url, String> {
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(format!("{text:?} holds a character that no address has"));
    }
    let url = Url::parse(text).map_err(|error| format!("{text:?} is not an address: {error}"))?;
    if !(url.scheme() == "https" || plain && url.scheme() == "http") {
        return Err(format!("{text:?} does not begin with https://"));
    }
    if url.host().is_none() || !url.username().is_empty() || url.password().is_some() {
        return Err(format!("{text:?} must name a host, and no user"));
    }
    if url.fragment().is_some() {
        return Err(format!("{text:?} has a fragment"));
    }
    Ok(url)
}

/// Scheme, host and port, such as `https://oa.example.org`.
pub fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let origin = url.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

/// The registered redirect URI that a request may be answered at: equal character for character (RFC 9700 section
/// 4.1.3). A native program's loopback address may have another port (RFC 8252 section 7.3).
pub fn is_registered(asked: &str, registered: &[String], is_native: bool) -> bool {
    registered.iter().any(|one| one == asked || is_native && differs_in_loopback_port(asked, one))
}

fn differs_in_loopback_port(asked: &str, registered: &str) -> bool {
    let (Ok(mut asked), Ok(mut registered)) = (check(asked, true), check(registered, true)) else {
        return false;
    };
    // `localhost` may be anything that a resolver makes of it: section 8.3.
    let is_loopback = match registered.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    };
    if !is_loopback || registered.scheme() != "http" {
        return false;
    }
    asked.set_port(None).is_ok() && registered.set_port(None).is_ok() && asked == registered
}

/// An address below `base` for a relative path such as `/todo/42?done=0`; `None` when the path is anything else.
pub fn below(base: &str, path: &str) -> Option<String> {
    let harmless = path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 2_048
        && !path.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\')
        && !path.contains("://");
    if !harmless {
        return None;
    }
    let base = check(base, true).ok()?;
    let root = base.path().trim_end_matches('/').to_owned();
    let (target, fragment) =
        path.split_once('#').map_or((path, None), |(path, fragment)| (path, Some(fragment)));
    let (target, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let mut url = base.clone();
    url.set_path(&format!("{root}{target}"));
    url.set_query(query);
    url.set_fragment(fragment);
    let stays = url.origin() == base.origin()
        && (root.is_empty() || url.path() == root || url.path().starts_with(&format!("{root}/")));
    stays.then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::{below, check, is_registered, with_parameters};

    #[test]
    fn parameters_follow_those_that_are_there() {
        assert_eq!(
            with_parameters("https://a/cb", &[("code", "x y"), ("state", "&")]),
            "https://a/cb?code=x%20y&state=%26"
        );
        assert_eq!(with_parameters("https://a/cb?t=1", &[("code", "x")]), "https://a/cb?t=1&code=x");
        assert_eq!(with_parameters("https://a/cb?", &[("code", "x")]), "https://a/cb?code=x");
    }

    #[test]
    fn a_redirect_uri_is_compared_character_for_character() {
        let registered = vec!["https://oa.example.org/cb".to_owned()];
        assert!(is_registered("https://oa.example.org/cb", &registered, false));
        for other in [
            "https://oa.example.org/cb/",
            "https://oa.example.org/cb?x=1",
            "https://oa.example.org/CB",
            "https://OA.example.org/cb",
            "https://oa.example.org:443/cb",
            "https://oa.example.org/x/../cb",
            "https://oa.example.org.evil.net/cb",
            "https://oa.example.org@evil.net/cb",
            "http://oa.example.org/cb",
            "",
        ] {
            assert!(!is_registered(other, &registered, true), "{other}");
        }
    }

    #[test]
    fn only_the_loopback_address_of_a_native_program_may_have_any_port() {
        let registered = vec!["http://127.0.0.1/cb".to_owned(), "http://[::1]/cb".to_owned()];
        assert!(is_registered("http://127.0.0.1:49152/cb", &registered, true));
        assert!(is_registered("http://[::1]:49152/cb", &registered, true));
        assert!(!is_registered("http://127.0.0.1:49152/cb", &registered, false));
        assert!(!is_registered("http://127.0.0.1:49152/other", &registered, true));
        assert!(!is_registered("http://127.0.0.2:49152/cb", &registered, true));
        assert!(!is_registered("http://localhost:1/cb", &["http://localhost/cb".to_owned()], true));
    }

    #[test]
    fn a_path_stays_below_the_registered_address() {
        let base = "https://oa.example.org/portal/";
        assert_eq!(below(base, "/todo/42").unwrap(), "https://oa.example.org/portal/todo/42");
        assert_eq!(below(base, "/?q=张").unwrap(), "https://oa.example.org/portal/?q=%E5%BC%A0");
        assert_eq!(below("https://oa.example.org", "/a#b").unwrap(), "https://oa.example.org/a#b");
        for wrong in [
            "todo",
            "//evil.net",
            "/\\evil.net",
            "https://evil.net",
            "/../admin",
            "/%2e%2e/admin",
            "/a/../../b",
            "/x\r\ny",
            "/ x",
            "",
            "@evil.net",
            ".evil.net",
            "/go?to=https://evil.net",
        ] {
            assert!(below(base, wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn addresses_with_users_fragments_or_strange_characters_cannot_be_registered() {
        assert!(check("https://oa.example.org/cb", false).is_ok());
        assert!(check("http://oa.example.org/cb", true).is_ok());
        for wrong in [
            "http://oa.example.org/cb",
            "https://u@oa.example.org/",
            "https://oa.example.org/#x",
            "/cb",
            "https://oa.example.org/\n",
            "https:\\\\oa.example.org",
            "javascript:alert(1)",
            "data:text/html,x",
        ] {
            assert!(check(wrong, false).is_err(), "{wrong}");
        }
    }
}
