//! Named steps with their time, and the table at the end.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::{console, interrupt, process};

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

struct Step {
    name: String,
    outcome: Outcome,
    took: Duration,
    again: String,
}

/// The steps of a run, in order. A failed step does not stop the ones behind it, unless they need it.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<Step>,
}

impl Steps {
    /// Runs one command as one step; answers whether it passed.
    pub(crate) fn command(&mut self, name: &str, command: &mut Command) -> bool {
        let again = process::shown(command);
        self.step(name, &again, || process::run(command))
    }

    /// Runs one step; `again` is what to type to repeat it alone.
    pub(crate) fn step(
        &mut self,
        name: &str,
        again: &str,
        work: impl FnOnce() -> anyhow::Result<()>,
    ) -> bool {
        if interrupt::is_pending() {
            self.skip(name, "stopped by Ctrl-C");
            return false;
        }
        console::say(&format!("\n=== {name}: {again}"));
        let start = Instant::now();
        let result = work();
        let took = start.elapsed();
        let outcome = if result.is_ok() { Outcome::Passed } else { Outcome::Failed };
        match result {
            Ok(()) => console::say(&format!("=== {name}: passed in {}", seconds(took))),
            Err(error) => console::say(&format!(
                "=== {name}: FAILED after {}: {error:#}\n    to repeat it alone: {again}",
                seconds(took)
            )),
        }
        self.done.push(Step { name: name.to_owned(), outcome, took, again: again.to_owned() });
        outcome == Outcome::Passed
    }

    /// Notes a step that did not run.
    pub(crate) fn skip(&mut self, name: &str, reason: &str) {
        console::say(&format!("\n=== {name}: skipped, {reason}"));
        self.done.push(Step {
            name: name.to_owned(),
            outcome: Outcome::Skipped,
            took: Duration::ZERO,
            again: reason.to_owned(),
        });
    }

    /// Prints the table; the last line is the sum.
    ///
    /// # Errors
    /// At least one step failed.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let width = self.done.iter().map(|step| step.name.chars().count()).max().unwrap_or(0);
        console::say("");
        for step in &self.done {
            let (word, note) = match step.outcome {
                Outcome::Passed => ("passed", String::new()),
                Outcome::Failed => ("FAILED", format!("  repeat: {}", step.again)),
                Outcome::Skipped => ("skipped", format!("  {}", step.again)),
            };
            console::say(&format!("{word:8}{:>9}  {:width$}{note}", seconds(step.took), step.name));
        }
        let total = self.done.iter().map(|step| step.took).sum();
        let count = |outcome| self.done.iter().filter(|step| step.outcome == outcome).count();
        let (passed, failed) = (count(Outcome::Passed), count(Outcome::Failed));
        console::say(&format!("{:8}{:>9}", "in all", seconds(total)));
        let skipped = match count(Outcome::Skipped) {
            0 => String::new(),
            skipped => format!(", {skipped} skipped"),
        };
        console::say(&format!("{passed} passed, {failed} failed{skipped}"));
        if failed > 0 {
            std::process::exit(1);
        }
        anyhow::ensure!(!interrupt::is_pending(), "stopped by Ctrl-C");
        Ok(())
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
