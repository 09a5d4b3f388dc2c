//! Hunts with random input: what they have in common, whatever they are after.

mod edits;
mod finding;
mod hunt;
mod randomness;

use std::path::{Path, PathBuf};

use anyhow::Context;

pub use edits::Edits;
pub(crate) use edits::{insert, remove};
pub use finding::Finding;
pub use hunt::{Hunt, Report};
pub use randomness::Randomness;

/// What is put to the test, and with what.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Holds the promises against one input. What is checked depends on the input alone, so that a finding needs
    /// nothing but its file to show up again.
    pub check: fn(&[u8]) -> Result<Traits, Finding>,
    /// Makes up an input.
    pub invent: fn(&mut Randomness) -> Vec<u8>,
    /// Changes the first input a little; the second lends pieces.
    pub change: fn(&[u8], &[u8], &mut Randomness) -> Vec<u8>,
}

/// What an input turned out to be. New traits make an input worth changing further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Traits {
    /// Messages in it that were accepted.
    pub accepted: usize,
    /// Why it was refused, if it was.
    pub error: Option<&'static str>,
    /// What it looked like.
    pub around: u64,
}

/// The files of a folder in `tests/corpus`, by name.
///
/// # Errors
/// The folder or a file in it cannot be read.
pub fn corpus(folder: &str) -> anyhow::Result<Vec<(PathBuf, Vec<u8>)>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(folder);
    let mut inputs = Vec::new();
    for entry in std::fs::read_dir(&path).with_context(|| path.display().to_string())? {
        let file = entry?.path();
        let bytes = std::fs::read(&file).with_context(|| file.display().to_string())?;
        inputs.push((file, bytes));
    }
    inputs.sort();
    Ok(inputs)
}

#[cfg(test)]
mod tests;
