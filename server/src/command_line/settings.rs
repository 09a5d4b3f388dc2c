//! `check-config`: reads the settings as `run` does and says what is wrong.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;
use tracing_subscriber::EnvFilter;

use super::folder::SETTINGS;
use super::{CommandError, DataFolder, remark, say};
use crate::config::{Config, explain};
use crate::organization::visibility::VisibilityRules;
use crate::stream::tls::Tls;

/// Arguments of `check-config`.
#[derive(Debug, Args)]
pub(crate) struct CheckConfig {
    #[command(flatten)]
    folder: DataFolder,
    /// Another settings file than DIR/server.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl CheckConfig {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let path = self.config.unwrap_or_else(|| self.folder.file(SETTINGS));
        let config = Config::read(&path, &self.folder.data)?;
        let warnings = check_settings(&path, &config)?;
        Tls::load(&config.tls.certificate, &config.tls.key).map_err(|error| {
            CommandError::Refused(format!("{}: [tls] cannot be used: {error}", path.display()))
        })?;
        warnings.iter().for_each(|warning| remark(&format!("{}: {warning}", path.display())));
        say(&format!("{} is in order.", path.display()))?;
        for (door, addresses) in config.listen.doors() {
            let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            let text = if list.is_empty() { "off".to_owned() } else { list.join(", ") };
            say(&format!("  {door:<11} {text}"))?;
        }
        Ok(())
    }
}

/// What the settings hold beyond what they are by themselves; answers what works but is hardly meant.
pub(crate) fn check_settings(path: &Path, config: &Config) -> Result<Vec<String>, CommandError> {
    let text = std::fs::read_to_string(path)
        .map_err(CommandError::file(format!("{} cannot be read", path.display())))?;
    rules_in(&text).map_err(|problem| CommandError::Refused(format!("{}, {problem}", path.display())))?;
    filter(config)?;
    let mut warnings = Vec::new();
    let listen = &config.listen;
    for (door, list) in
        [("component", &listen.component), ("http", &listen.http), ("metrics", &listen.metrics)]
    {
        let open: Vec<&SocketAddr> = list.iter().filter(|address| !address.ip().is_loopback()).collect();
        if let Some(address) = open.first() {
            warnings.push(format!("{door} at {address} is not encrypted and others reach it"));
        }
    }
    if listen.starttls.is_empty() && listen.direct_tls.is_empty() && listen.any.is_empty() {
        warnings.push("starttls, direct_tls and any are all off: nobody can sign in".to_owned());
    }
    Ok(warnings)
}

/// The visibility rules of the text, or line, key and what is wrong.
fn rules_in(text: &str) -> Result<VisibilityRules, String> {
    #[derive(Deserialize)]
    struct OnlyVisibility {
        #[serde(default)]
        visibility: VisibilityRules,
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match toml::from_str::<OnlyVisibility>(text) {
        Ok(file) => Ok(file.visibility),
        Err(error) => Err(explain(text, &error)),
    }
}

/// The visibility rules of the settings.
pub(crate) fn visibility(config: &Config) -> Result<VisibilityRules, CommandError> {
    VisibilityRules::deserialize(config.visibility.clone())
        .map_err(|error| CommandError::Refused(format!("[visibility] in the settings: {}", error.message())))
}

/// Which lines go into the log.
pub(crate) fn filter(config: &Config) -> Result<EnvFilter, CommandError> {
    EnvFilter::try_new(&config.log.level).map_err(|error| {
        CommandError::Refused(format!(
            "log.level in the settings is {:?}: {error}; write \"info\", \"debug\" or another level",
            config.log.level
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::rules_in;

    #[test]
    fn mistakes_in_the_visibility_rules_have_a_line() {
        for (text, problem) in [
            ("[visibility]\nhidden = []\n", "line 2: unknown key \"hidden\"; did you mean"),
            (
                "[visibility.fields]\nmobile = \"boss\"\n",
                "line 2: visibility.fields.mobile is \"boss\"; write",
            ),
        ] {
            let error = rules_in(text).unwrap_err();
            assert!(error.contains(problem), "{error}");
        }
        assert!(rules_in("domain = \"a.org\"\n").unwrap().is_open());
    }
}
