//! What the command line asks for.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use anyhow::Context;

use crate::servers::Kind;

/// What `--help` says.
pub(crate) const USAGE: &str = "\
cargo xtask load [--only LIST] [--without LIST] [--quick]

  --only LIST     of messages,memory,logins,storm,directory; all when absent
  --without LIST  of prosody,ejabberd: peers that are not measured
  --quick         fewer and shorter rounds: figures to work with, not to publish
";

/// A group of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Measure {
    /// Cost and delay of a routed message.
    Messages,
    /// Memory of an idle session.
    Memory,
    /// Cost of a login.
    Logins,
    /// Everybody comes at once.
    Storm,
    /// A large organisation.
    Directory,
}

const ALL: [Measure; 5] =
    [Measure::Messages, Measure::Memory, Measure::Logins, Measure::Storm, Measure::Directory];

impl fmt::Display for Measure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Messages => "messages",
            Self::Memory => "memory",
            Self::Logins => "logins",
            Self::Storm => "storm",
            Self::Directory => "directory",
        })
    }
}

/// The choices.
#[derive(Debug, Default)]
pub(crate) struct Options {
    only: BTreeSet<Measure>,
    without: BTreeSet<Kind>,
    /// Short rounds.
    pub(crate) is_quick: bool,
    /// Only says how it is called.
    pub(crate) wants_help: bool,
}

impl Options {
    /// Reads the words after `load`.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Self::default();
        while let Some(word) = words.next() {
            let mut list = || words.next().with_context(|| format!("{word} needs a list"));
            match word.as_str() {
                "--only" => options.only.extend(measures_in(&list()?)?),
                "--without" => options.without.extend(peers_in(&list()?)?),
                "--quick" => options.is_quick = true,
                "--help" | "-h" => options.wants_help = true,
                other => anyhow::bail!("what is {other}?\n\n{USAGE}"),
            }
        }
        Ok(options)
    }

    /// What is measured, in order.
    pub(crate) fn measures(&self) -> Vec<Measure> {
        ALL.into_iter().filter(|measure| self.only.is_empty() || self.only.contains(measure)).collect()
    }

    /// The other servers that stand beside ours.
    pub(crate) fn peers(&self) -> Vec<Kind> {
        [Kind::Prosody, Kind::Ejabberd].into_iter().filter(|peer| !self.without.contains(peer)).collect()
    }

    /// How often each round is repeated.
    pub(crate) fn rounds(&self) -> usize {
        if self.is_quick { 1 } else { 3 }
    }

    /// One of two numbers.
    pub(crate) fn count(&self, full: usize, quick: usize) -> usize {
        if self.is_quick { quick } else { full }
    }

    /// One of two times, in seconds.
    pub(crate) fn seconds(&self, full: u64, quick: u64) -> Duration {
        Duration::from_secs(if self.is_quick { quick } else { full })
    }
}

fn measures_in(list: &str) -> anyhow::Result<Vec<Measure>> {
    let named = |name: &str| ALL.into_iter().find(|measure| measure.to_string() == name);
    list.split(',')
        .map(|name| named(name).with_context(|| format!("there is no {name} to measure")))
        .collect()
}

fn peers_in(list: &str) -> anyhow::Result<Vec<Kind>> {
    let peer = |name: &str| match name {
        "prosody" => Ok(Kind::Prosody),
        "ejabberd" => Ok(Kind::Ejabberd),
        other => anyhow::bail!("{other} is no peer"),
    };
    list.split(',').map(peer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> anyhow::Result<Options> {
        Options::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn without_a_word_everything_is_measured_beside_both_peers() {
        let options = read("").unwrap();
        assert_eq!(options.measures(), ALL);
        assert_eq!(options.peers(), [Kind::Prosody, Kind::Ejabberd]);
    }

    #[test]
    fn lists_choose_and_leave_out() {
        let options = read("--only storm,messages --without ejabberd --quick").unwrap();
        assert_eq!(options.measures(), [Measure::Messages, Measure::Storm]);
        assert_eq!(options.peers(), [Kind::Prosody]);
        assert!(options.is_quick);
    }

    #[test]
    fn an_unknown_word_is_refused() {
        assert!(read("--only rooms").is_err());
        assert!(read("--without posthouse").is_err());
        assert!(read("--fast").is_err());
        assert!(read("--only").is_err());
    }
}
