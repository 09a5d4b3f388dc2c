//! Edits of a person's tags.

use std::collections::BTreeSet;

use super::EditError;
use crate::organization::fields::MOST_TAGS;

/// What becomes of a person's tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagsEdit {
    /// These and no others.
    All(Vec<String>),
    /// Some more and some less.
    Some {
        /// Those that come.
        more: Vec<String>,
        /// Those that go; of one that comes and goes, it goes.
        less: Vec<String>,
    },
}

impl TagsEdit {
    /// The tags of somebody who had those before, in their order.
    pub(super) fn applied(&self, login: &str, before: &[String]) -> Result<Vec<String>, EditError> {
        let after: BTreeSet<&String> = match self {
            Self::All(tags) => tags.iter().collect(),
            Self::Some { more, less } => {
                before.iter().chain(more).filter(|tag| !less.contains(tag)).collect()
            }
        };
        if after.len() > MOST_TAGS {
            return Err(EditError::TooManyTags(login.to_owned()));
        }
        Ok(after.into_iter().cloned().collect())
    }

    /// For the audit log, with the tags themselves: they open doors.
    pub(super) fn words(&self) -> String {
        let signed = |sign: &'static str, tags: &[String]| -> Vec<String> {
            tags.iter().map(|tag| format!("{sign}{tag}")).collect()
        };
        let words = match self {
            Self::All(tags) => signed("", tags),
            Self::Some { more, less } => [signed("+", more), signed("-", less)].concat(),
        };
        if words.is_empty() { "tags: none".to_owned() } else { format!("tags: {}", words.join(" ")) }
    }
}
