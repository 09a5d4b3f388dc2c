//! Secrets that stand in headers: `{secret:NAME}` from a file of its own that only its owner can read, `{env:NAME}`
//! from the environment. They are never shown.

use std::collections::BTreeMap;
use std::path::Path;

/// A header of a request.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) name: String,
    /// What may be shown.
    pub(super) shown: String,
    value: String,
    /// What must not be shown anywhere.
    hidden: Vec<String>,
}

impl std::fmt::Debug for Header {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.name, self.shown)
    }
}

/// Where secrets come from.
pub(super) struct Secrets {
    file: Option<BTreeMap<String, String>>,
    environment: fn(&str) -> Option<String>,
}

/// What is shown in the place of a secret.
const MASK: &str = "***";

/// Headers whose value is a secret even when it stands in the settings.
const CONFIDENTIAL: [&str; 6] = ["authorization", "cookie", "key", "token", "secret", "password"];

impl Secrets {
    /// Only the form is looked at: every secret is there.
    pub(super) fn unknown() -> Self {
        Self { file: None, environment: |_| None }
    }

    /// Those of a file, when one is named, and of the environment.
    ///
    /// # Errors
    /// The sentence behind the name of the setting.
    pub(super) fn read(file: &Path) -> Result<Self, String> {
        let mut secrets = BTreeMap::new();
        if !file.as_os_str().is_empty() {
            let shown = file.display();
            let text =
                std::fs::read_to_string(file).map_err(|error| format!("{shown} cannot be read: {error}"))?;
            private(file)?;
            // What the parser would quote is a secret.
            secrets = toml::from_str(&text)
                .map_err(|_| format!("{shown} has to be lines such as: oa = \"the secret\""))?;
        }
        Ok(Self { file: Some(secrets), environment })
    }

    /// A header with its secrets.
    ///
    /// # Errors
    /// The sentence behind the name of the header.
    pub(super) fn header(&self, name: &str, template: &str) -> Result<Header, String> {
        let lower = name.to_ascii_lowercase();
        let is_confidential = CONFIDENTIAL.iter().any(|word| lower.contains(word));
        let (mut value, mut shown, mut hidden) = (String::new(), String::new(), Vec::new());
        let mut rest = template;
        while let Some((before, behind)) = rest.split_once('{') {
            value.push_str(before);
            shown.push_str(before);
            let (inside, after) = behind.split_once('}').ok_or("has a { without a } behind it")?;
            let secret = self.secret(inside)?;
            value.push_str(&secret);
            shown.push_str(MASK);
            hidden.push(secret);
            rest = after;
        }
        value.push_str(rest);
        shown.push_str(rest);
        if is_confidential && hidden.is_empty() {
            hidden.push(value.clone());
            shown = MASK.to_owned();
        }
        hidden.retain(|secret| !secret.is_empty());
        Ok(Header { name: name.to_owned(), shown, value, hidden })
    }

    fn secret(&self, inside: &str) -> Result<String, String> {
        let found = match (inside.split_once(':'), &self.file) {
            (Some(("secret" | "env", _)), None) => return Ok(String::new()),
            (Some(("secret", name)), Some(file)) => file.get(name).cloned(),
            (Some(("env", name)), Some(_)) => (self.environment)(name),
            _ => {
                return Err(format!(
                    "has \"{{{inside}}}\"; in headers there are {{secret:NAME}} and {{env:NAME}}"
                ));
            }
        };
        let secret = found.ok_or_else(|| format!("needs \"{inside}\", which is not there"))?;
        if secret.is_empty() || secret.contains(|sign: char| sign.is_control()) {
            return Err(format!("needs \"{inside}\", which is empty or has several lines"));
        }
        Ok(secret)
    }
}

impl Header {
    /// For the request alone.
    pub(super) fn value(&self) -> &str {
        &self.value
    }

    /// A text without the secrets of this header.
    pub(super) fn mask(&self, text: &str) -> String {
        self.hidden.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "a secret may come from the environment, where containers put it"
)]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(unix)]
fn private(file: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let shown = file.display();
    let mode = std::fs::metadata(file).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    if mode.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(format!("{shown} can be read by others; run: chmod 600 {shown}"))
}

#[cfg(not(unix))]
fn private(_: &Path) -> Result<(), String> {
    // Elsewhere the folder's own rights have to do.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Secrets;

    fn secrets(folder: &std::path::Path, mode: u32) -> Result<Secrets, String> {
        use std::os::unix::fs::PermissionsExt;
        let file = folder.join("secrets.toml");
        std::fs::write(&file, "oa = \"geheim\"\nempty = \"\"\n").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        Secrets::read(&file)
    }

    #[test]
    fn a_secret_goes_into_the_request_and_is_shown_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let header =
            secrets(folder.path(), 0o600).unwrap().header("Authorization", "Bearer {secret:oa}").unwrap();
        assert_eq!((header.value(), header.shown.as_str()), ("Bearer geheim", "Bearer ***"));
        assert_eq!(format!("{header:?}"), "Authorization: Bearer ***");
        assert_eq!(header.mask("you said geheim"), "you said ***");
    }

    #[test]
    fn what_stands_in_the_settings_is_hidden_where_headers_are_confidential() {
        let header = Secrets::unknown().header("X-Api-Key", "abc").unwrap();
        assert_eq!((header.value(), header.shown.as_str()), ("abc", "***"));
        let header = Secrets::unknown().header("Accept", "text/json").unwrap();
        assert_eq!((header.value(), header.shown.as_str()), ("text/json", "text/json"));
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_and_what_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(secrets(folder.path(), 0o640).err().unwrap().contains("chmod 600"));
        let secrets = secrets(folder.path(), 0o600).unwrap();
        let problem = |value: &str| secrets.header("A", value).unwrap_err();
        assert!(problem("{secret:erp}").contains("\"secret:erp\", which is not there"));
        assert!(problem("{env:POSTHOUSE_NOWHERE}").contains("which is not there"));
        assert!(problem("{secret:empty}").contains("is empty"));
        assert!(problem("{person}").contains("{secret:NAME}"));
        assert!(problem("{secret:oa").contains("without a }"));
    }
}
