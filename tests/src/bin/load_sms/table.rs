//! The table at the end, as Markdown.

use std::collections::BTreeMap;

use crate::kind::Kind;
use crate::options::Options;

/// A line.
#[derive(Debug)]
pub(crate) struct Row {
    what: String,
    figures: BTreeMap<Kind, String>,
    goal: [String; 2],
}

impl Row {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), figures: BTreeMap::new(), goal: Default::default() }
    }

    pub(crate) fn figure(mut self, of: Kind, shown: impl Into<String>) -> Self {
        self.figures.insert(of, shown.into());
        self
    }

    pub(crate) fn goal(mut self, text: impl Into<String>, is_met: bool, reached: impl Into<String>) -> Self {
        let verdict = if is_met { "met" } else { "NOT met" };
        self.goal = [text.into(), format!("{verdict}: {}", reached.into())];
        self
    }
}

/// All lines so far.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    pub(crate) fn add(&mut self, row: Row) {
        self.0.push(row);
    }

    /// As Markdown.
    pub(crate) fn text(&self, options: &Options) -> String {
        let kinds = options.kinds();
        let names: Vec<String> = kinds.iter().map(ToString::to_string).collect();
        let mut text = format!(
            "\n| | {} | goal | reached |\n|---|{}---|---|\n",
            names.join(" | "),
            "---|".repeat(kinds.len())
        );
        for row in &self.0 {
            let figures: Vec<&str> =
                kinds.iter().map(|kind| row.figures.get(kind).map_or("", String::as_str)).collect();
            text.push_str(&format!(
                "| {} | {} | {} |\n",
                row.what,
                figures.join(" | "),
                row.goal.join(" | ")
            ));
        }
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let run = if options.is_quick { "a quick run" } else { "one run" };
        text.push_str(&format!("\n{run}; {processors} processors; load average at the end {}", load.trim()));
        text
    }
}
