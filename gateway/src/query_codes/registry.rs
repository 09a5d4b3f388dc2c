//! All codes of a gateway, and what somebody means who writes something.

use std::collections::BTreeMap;

use super::Asker;
use super::code::{Code, Mistake};
use super::secrets::Secrets;
use super::settings::{QueriesConfig, QueryCode};
use super::spoken;
use super::wording::Language;

/// Words that ask for the list.
const HELP: [&str; 3] = ["帮助", "000", "help"];

/// The codes. Empty: there is nothing to ask with, and every text is an ordinary one.
#[derive(Clone, Default)]
pub struct Registry {
    codes: Vec<Code>,
    pub(super) language: Language,
    pub(super) per_minute: usize,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.codes.iter().map(|code| code.name.as_str()).collect();
        formatter.debug_struct("Registry").field("codes", &names).finish_non_exhaustive()
    }
}

/// What a text means.
pub(super) enum Meaning<'a> {
    /// The list of codes.
    Help,
    /// A code.
    Code(&'a Code),
    /// A code that is not there.
    Unknown,
    /// No code at all.
    Ordinary,
}

impl Registry {
    /// From settings, with secrets and authorities.
    ///
    /// # Errors
    /// Says in plain words what is wrong.
    pub fn open(queries: &QueriesConfig, codes: &[QueryCode]) -> Result<Self, Mistake> {
        let secrets = Secrets::read(&queries.secrets)
            .map_err(|problem| Mistake { key: "queries.secrets:".to_owned(), problem })?;
        Self::build(queries, codes, &secrets, true)
    }

    /// Looks at the form alone: no file is read.
    ///
    /// # Errors
    /// Says in plain words what is wrong.
    pub fn check(queries: &QueriesConfig, codes: &[QueryCode]) -> Result<(), Mistake> {
        Self::build(queries, codes, &Secrets::unknown(), false).map(|_| ())
    }

    fn build(
        queries: &QueriesConfig,
        configs: &[QueryCode],
        secrets: &Secrets,
        with_files: bool,
    ) -> Result<Self, Mistake> {
        let wrong = |key: &str, problem: String| Err(Mistake { key: key.to_owned(), problem });
        if queries.per_minute == 0 || queries.per_minute > 1_000 {
            return wrong("queries.per_minute", "has to be 1 to 1000".to_owned());
        }
        let mut codes = Vec::new();
        let mut known: BTreeMap<String, String> =
            HELP.iter().map(|word| ((*word).to_owned(), "the list of codes".to_owned())).collect();
        for config in configs {
            let code = Code::new(config, secrets, with_files)?;
            for word in &code.words {
                if let Some(other) = known.insert(word.clone(), format!("\"{}\"", code.name)) {
                    return wrong("query_codes.code", format!("\"{word}\" stands for {other} already"));
                }
            }
            codes.push(code);
        }
        Ok(Self { codes, language: queries.language, per_minute: queries.per_minute })
    }

    /// Nothing to ask with.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The name of the contact.
    pub fn contact(&self) -> &'static str {
        self.language.contact()
    }

    /// A text that is for the gateway itself and no ordinary one.
    pub fn hears(&self, text: &str) -> bool {
        !matches!(self.meaning(text), Meaning::Ordinary)
    }

    pub(super) fn meaning(&self, text: &str) -> Meaning<'_> {
        if self.codes.is_empty() {
            return Meaning::Ordinary;
        }
        let said = spoken::normal(text);
        if HELP.contains(&said.as_str()) {
            return Meaning::Help;
        }
        match self.codes.iter().find(|code| code.words.contains(&said)) {
            Some(code) => Meaning::Code(code),
            None if spoken::looks_like_code(&said) => Meaning::Unknown,
            None => Meaning::Ordinary,
        }
    }

    pub(super) fn codes(&self) -> &[Code] {
        &self.codes
    }

    /// Codes that this person may use, with their words of help.
    pub(crate) fn offered(&self, asker: &Asker) -> Vec<(&str, &str)> {
        let mine = self.codes.iter().filter(|code| code.rights.allow(asker));
        mine.map(|code| (code.name.as_str(), code.help.as_str())).collect()
    }

    /// Every code, as `check` shows it: code, rights, where it asks.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |code: &Code| {
            let hosts = code.connector.guard.hosts.join(", ");
            format!("Code {}: asks {hosts}, for {}", code.line(), code.rights.sentence())
        };
        self.codes.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests;
