//! What the writer tells about itself.

use std::time::Instant;

use crate::metrics::{Counter, Family, Histogram, Unit};

/// Upper bounds of commit times in microseconds.
const TIMES: &[u64] =
    &[250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000];
/// Upper bounds of the number of changes in a group.
const SIZES: &[u64] = &[1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_048];

/// Counts of the writer.
#[derive(Debug)]
pub(super) struct WriterFigures {
    commits: Histogram,
    groups: Histogram,
    failures: Counter,
}

impl Default for WriterFigures {
    fn default() -> Self {
        Self {
            commits: Histogram::new(Unit::Microseconds, TIMES),
            groups: Histogram::new(Unit::Number, SIZES),
            failures: Counter::default(),
        }
    }
}

impl WriterFigures {
    /// A group is on the disk.
    pub(super) fn committed(&self, begun: Instant, changes: u64, failed: u64) {
        self.commits.observe(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
        self.groups.observe(changes);
        self.failures.add(failed);
    }

    /// Changes that failed since the start.
    pub(super) fn failures(&self) -> u64 {
        self.failures.value()
    }

    /// For Prometheus; `waiting` changes are in the queue.
    pub(super) fn families(&self, waiting: u64) -> Vec<Family> {
        vec![
            Family::gauge("posthouse_writer_queue", "Changes that wait for the database writer", waiting),
            self.commits.family(
                "posthouse_writer_commit_seconds",
                "Time from the first change of a group until the group is on the disk",
            ),
            self.groups.family("posthouse_writer_group_changes", "Changes that were committed together"),
            Family::counter(
                "posthouse_writer_failed_changes_total",
                "Changes that were refused or failed; the others of their group stand",
                self.failures(),
            ),
        ]
    }
}
