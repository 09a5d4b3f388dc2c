//! What the command line asks for.

use std::collections::BTreeSet;

use anyhow::Context;

use crate::kind::Kind;

const USAGE: &str = "cargo xtask load sms [--without smstools,gammu] [--quick]";

/// The choices.
#[derive(Debug, Default)]
pub(crate) struct Options {
    without: BTreeSet<Kind>,
    /// Fewer texts and modems.
    pub(crate) is_quick: bool,
}

impl Options {
    /// Reads the words after `load sms`.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Self::default();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--quick" => options.is_quick = true,
                "--without" => {
                    let list = words.next().context("--without needs a list")?;
                    for name in list.split(',') {
                        options.without.insert(match name {
                            "smstools" => Kind::Smstools,
                            "gammu" => Kind::Gammu,
                            other => anyhow::bail!("{other} is no peer"),
                        });
                    }
                }
                other => anyhow::bail!("what is {other}? {USAGE}"),
            }
        }
        Ok(options)
    }

    /// Who is measured.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|kind| !self.without.contains(kind)).collect()
    }

    /// How many modems, one after the other.
    pub(crate) fn modems(&self) -> &'static [usize] {
        if self.is_quick { &[1, 4] } else { &[1, 4, 16] }
    }
}
