//! Tries one input after the other until time is up, and writes down what breaks a promise.

use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;

use super::{Finding, Randomness, Target, Traits};

/// Interesting inputs of each sort that are kept.
const MOST_KEPT: usize = 10_000;

/// With more findings it is time to mend something.
const MOST_FINDINGS: usize = 10;

/// Tries at making a finding smaller.
const MOST_TRIES: usize = 2_000;

/// What is held against each input.
type Check = fn(&[u8]) -> Result<Traits, Finding>;

/// A hunt under way.
#[derive(Debug)]
pub struct Hunt {
    random: Randomness,
    target: Target,
    /// Not tried yet.
    start: Vec<Vec<u8>>,
    /// With messages that are accepted.
    accepted: Vec<Vec<u8>>,
    /// Without.
    refused: Vec<Vec<u8>>,
    known: HashSet<Traits>,
    report: Report,
}

/// What a hunt found.
#[derive(Debug, Default)]
pub struct Report {
    /// Inputs tried.
    pub inputs: u64,
    /// Messages that were accepted.
    pub accepted: u64,
    /// Inputs refused, by reason.
    pub refused: BTreeMap<&'static str, u64>,
    /// Inputs of a kind not seen before.
    pub kinds: usize,
    /// Findings by promise, each with the smallest input known to break it.
    pub findings: BTreeMap<&'static str, (Finding, Vec<u8>)>,
}

impl Hunt {
    /// A hunt that starts from these inputs.
    pub fn new(seed: u64, start: impl IntoIterator<Item = Vec<u8>>, target: Target) -> Self {
        Self {
            random: Randomness::new(seed),
            target,
            start: start.into_iter().collect(),
            accepted: Vec::new(),
            refused: Vec::new(),
            known: HashSet::new(),
            report: Report::default(),
        }
    }

    /// What it is after.
    pub fn target(&self) -> Target {
        self.target
    }

    /// Tries the first inputs, then new ones until time is up, `most` were tried or there are findings enough.
    pub fn go_on(&mut self, longest: Duration, most: u64) {
        let end = Instant::now().checked_add(longest);
        for input in std::mem::take(&mut self.start) {
            self.try_input(input);
        }
        while self.report.inputs < most && !self.has_enough() && end.is_some_and(|end| Instant::now() < end) {
            for _ in 0..64 {
                let input = self.next_input();
                self.try_input(input);
            }
        }
    }

    /// There is something to mend first.
    pub fn has_enough(&self) -> bool {
        self.report.findings.len() >= MOST_FINDINGS
    }

    /// What it found.
    pub fn report(self) -> Report {
        self.report
    }

    fn next_input(&mut self) -> Vec<u8> {
        let random = &mut self.random;
        if random.once_in(4) {
            return (self.target.invent)(random);
        }
        let from = if random.once_in(4) { &self.refused } else { &self.accepted };
        let one = from.get(random.below(from.len())).map(Vec::as_slice).unwrap_or_default();
        let other = random.below(self.accepted.len());
        let other = self.accepted.get(other).map(Vec::as_slice).unwrap_or_default();
        (self.target.change)(one, other, random)
    }

    fn try_input(&mut self, input: Vec<u8>) {
        let check = self.target.check;
        self.report.inputs = self.report.inputs.saturating_add(1);
        match guarded(check, &input) {
            Ok(traits) => {
                let accepted = u64::try_from(traits.accepted).unwrap_or(u64::MAX);
                self.report.accepted = self.report.accepted.saturating_add(accepted);
                if let Some(error) = traits.error {
                    let count = self.report.refused.entry(error).or_default();
                    *count = count.saturating_add(1);
                }
                let pool = if traits.accepted > 0 { &mut self.accepted } else { &mut self.refused };
                if pool.len() < MOST_KEPT && self.known.insert(traits) {
                    self.report.kinds = self.report.kinds.saturating_add(1);
                    pool.push(input);
                }
            }
            Err(finding) => {
                let claim = finding.claim;
                if !self.report.findings.contains_key(claim) {
                    let small = smaller(check, claim, input);
                    let finding = guarded(check, &small).err().unwrap_or(finding);
                    self.report.findings.insert(claim, (finding, small));
                }
            }
        }
    }
}

/// A panic is a finding like any other.
fn guarded(check: Check, input: &[u8]) -> Result<Traits, Finding> {
    catch_unwind(AssertUnwindSafe(|| check(input))).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words");
        Err(Finding::new("no input makes it panic", words))
    })
}

/// Leaves out what is not needed to break the same promise, as far as [`MOST_TRIES`] go.
fn smaller(check: Check, claim: &str, input: Vec<u8>) -> Vec<u8> {
    let mut smallest = input;
    let mut size = smallest.len();
    let mut tries = 0;
    while size > 0 {
        let mut at = 0;
        while at < smallest.len() && tries < MOST_TRIES {
            tries += 1;
            let mut candidate = smallest.clone();
            candidate.drain(at..at.saturating_add(size).min(smallest.len()));
            if guarded(check, &candidate).is_err_and(|finding| finding.claim == claim) {
                smallest = candidate;
            } else {
                at = at.saturating_add(size);
            }
        }
        size /= 2;
    }
    smallest
}

impl Report {
    /// Writes every finding's input to a file of its own; answers which.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&self, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
        let mut written = Vec::new();
        for (claim, (_, input)) in &self.findings {
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
            let file = folder.join(format!("{}.input", claim.replace([' ', ','], "-")));
            std::fs::write(&file, input).with_context(|| file.display().to_string())?;
            written.push(file);
        }
        Ok(written)
    }
}
