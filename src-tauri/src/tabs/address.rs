//! What is decided about addresses in tabs.

use tauri::Url;

/// Where the provider sends a tab that it does not know (any more).
const EXPIRED_PATH: &str = "/sso/expired";

/// What becomes of a navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Course {
    /// It goes on.
    Go,
    /// A program of the desktop has it, such as the mail program.
    Outside(String),
    /// It stops.
    Stop,
}

/// Decides about a navigation.
pub(super) fn course(url: &str) -> Course {
    let Ok(address) = Url::parse(url) else { return Course::Stop };
    match address.scheme() {
        "http" | "https" | "about" | "blob" => Course::Go,
        "mailto" => Course::Outside(address.into()),
        _ => Course::Stop,
    }
}

/// The system for which a tab needs a new entrance (empty when it is not said), when that address says so. `provider`:
/// scheme, host and port of the sign-on.
pub(super) fn expired(url: &str, provider: &str) -> Option<String> {
    let address = Url::parse(url).ok()?;
    if origin(&address) != provider || address.path() != EXPIRED_PATH {
        return None;
    }
    let app = address.query_pairs().find(|(name, _)| name == "app");
    Some(app.map(|(_, value)| value.into_owned()).unwrap_or_default())
}

/// A new window opens as a tab when it belongs to the page that opens it; the rest is for the system's browser.
pub(super) fn opens_here(url: &str, opener: &str, provider: &str) -> bool {
    let Ok(address) = Url::parse(url) else { return url.is_empty() };
    let host = |url: &Url| url.host_str().map(str::to_owned);
    address.scheme() == "about"
        || origin(&address) == provider
        || Url::parse(opener).is_ok_and(|opener| host(&opener).is_some() && host(&opener) == host(&address))
}

/// Scheme, host and port, without what could be secret.
pub(super) fn origin(address: &Url) -> String {
    address.origin().ascii_serialization()
}

/// The same of a text; empty when it is no web address.
pub(super) fn origin_of(url: &str) -> String {
    match Url::parse(url) {
        Ok(address) if matches!(address.scheme(), "http" | "https") => origin(&address),
        _ => String::new(),
    }
}

/// A web address that may be handed to the browser.
pub(super) fn is_web(url: &str) -> bool {
    Url::parse(url).is_ok_and(|address| matches!(address.scheme(), "http" | "https"))
}

/// A file name without anything that leads out of its folder.
pub(super) fn file_name(suggested: &str) -> String {
    let last = suggested.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String =
        last.chars().filter(|c| !c.is_control() && !r#"<>:"|?*"#.contains(*c)).take(120).collect();
    let clean = clean.trim_matches(['.', ' ']);
    if clean.is_empty() { "download".to_owned() } else { clean.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Course, course, expired, file_name, opens_here, origin_of};

    const PROVIDER: &str = "https://chat.example.org:5281";

    #[test]
    fn pages_of_the_web_go_on_and_other_schemes_stop() {
        for url in ["https://oa.example.org/", "http://oa.example.org/x?y", "about:blank"] {
            assert_eq!(course(url), Course::Go, "{url}");
        }
        for url in [
            "file:///etc/passwd",
            "tauri://localhost/",
            "ipc://localhost/x",
            "javascript:alert(1)",
            "ssh://x",
            "",
        ] {
            assert_eq!(course(url), Course::Stop, "{url}");
        }
        assert_eq!(course("mailto:a@b"), Course::Outside("mailto:a@b".to_owned()));
    }

    #[test]
    fn only_the_provider_itself_says_that_a_tab_needs_a_new_entrance() {
        let of = |host: &str| expired(&format!("https://{host}/sso/expired?app=oa"), PROVIDER);
        assert_eq!(of("chat.example.org:5281").as_deref(), Some("oa"));
        assert_eq!(of("chat.example.org"), None);
        assert_eq!(of("oa.example.org"), None);
        assert_eq!(expired(&format!("{PROVIDER}/sso/expired"), PROVIDER).as_deref(), Some(""));
        assert_eq!(expired(&format!("{PROVIDER}/sso/enter"), PROVIDER), None);
    }

    #[test]
    fn new_windows_of_the_same_host_are_tabs_and_others_go_to_the_browser() {
        let opener = "https://oa.example.org/page";
        assert!(opens_here("https://oa.example.org/popup", opener, PROVIDER));
        assert!(opens_here("about:blank", opener, PROVIDER));
        assert!(opens_here("https://chat.example.org:5281/oauth2/authorize", opener, PROVIDER));
        assert!(!opens_here("https://elsewhere.net/", opener, PROVIDER));
        assert!(!opens_here("file:///etc/passwd", "file:///x", PROVIDER));
    }

    #[test]
    fn names_of_files_stay_in_their_folder() {
        assert_eq!(file_name("季度报表.xlsx"), "季度报表.xlsx");
        assert_eq!(file_name("../../.bashrc"), "bashrc");
        assert_eq!(file_name("C:\\x\\报表?.pdf"), "报表.pdf");
        assert_eq!(file_name(".."), "download");
    }

    #[test]
    fn an_origin_has_no_path_and_no_query() {
        assert_eq!(origin_of("https://oa.example.org/x?ticket=1"), "https://oa.example.org");
        assert_eq!(origin_of("about:blank"), "");
    }
}
