//! The table at the end: figures side by side, and the goal beside them.

use std::collections::BTreeMap;

use crate::options::Options;
use crate::process;
use crate::servers::Kind;

/// A line of the table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    what: String,
    figures: BTreeMap<Kind, String>,
    goal: Option<Goal>,
}

#[derive(Debug, Clone)]
struct Goal {
    text: String,
    is_met: bool,
    reached: String,
}

impl Row {
    /// A line without figures yet.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), figures: BTreeMap::new(), goal: None }
    }

    /// Adds a figure as it is to be shown.
    pub(crate) fn figure(mut self, of: Kind, shown: impl Into<String>) -> Self {
        self.figures.insert(of, shown.into());
        self
    }

    /// The goal: our figure is at most so many times the relay's.
    pub(crate) fn at_most_times(self, ours: f64, relay: f64, most: f64) -> Self {
        let ratio = if relay > 0.0 { ours / relay } else { f64::INFINITY };
        self.goal(format!("≤ {most} × relay"), ratio <= most, format!("{ratio:.2} × relay"))
    }

    /// The goal: our figure is at most this.
    pub(crate) fn at_most(self, ours: f64, most: f64, unit: &str) -> Self {
        self.goal(format!("≤ {most} {unit}"), ours <= most, format!("{ours:.2} {unit}"))
    }

    /// Any other goal.
    pub(crate) fn goal(mut self, text: impl Into<String>, is_met: bool, reached: impl Into<String>) -> Self {
        self.goal = Some(Goal { text: text.into(), is_met, reached: reached.into() });
        self
    }

    fn cells(&self) -> Vec<String> {
        let mut cells = vec![self.what.clone()];
        cells.extend(Kind::ALL.iter().map(|kind| self.figures.get(kind).cloned().unwrap_or_default()));
        let (goal, verdict) = match &self.goal {
            None => (String::new(), String::new()),
            Some(goal) => {
                let verdict = if goal.is_met { "met" } else { "NOT met" };
                (goal.text.clone(), format!("{verdict}: {}", goal.reached))
            }
        };
        cells.extend([goal, verdict]);
        cells
    }
}

/// All lines so far.
#[derive(Debug)]
pub(crate) struct Report {
    rows: Vec<Row>,
    is_quick: bool,
    load_before: String,
}

impl Report {
    /// An empty table; notes how busy the machine is before anything of ours runs.
    pub(crate) fn begin(options: &Options) -> Self {
        Self { rows: Vec::new(), is_quick: options.is_quick, load_before: process::load_average() }
    }

    /// Adds lines.
    pub(crate) fn add(&mut self, rows: Vec<Row>) {
        self.rows.extend(rows);
    }

    /// The table as Markdown.
    pub(crate) fn table(&self) -> String {
        let head = ["", "relay", "Posthouse", "Prosody", "ejabberd", "goal", "reached"];
        let mut lines = vec![head.map(str::to_owned).to_vec()];
        lines.extend(self.rows.iter().map(Row::cells));
        let widths: Vec<usize> = (0..head.len())
            .map(|column| lines.iter().filter_map(|line| line.get(column)).map(|cell| width(cell)).max())
            .map(Option::unwrap_or_default)
            .collect();
        let mut text = String::from("\n");
        for (number, line) in lines.iter().enumerate() {
            text.push_str(&written(line, &widths));
            if number == 0 {
                let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
                text.push_str(&written(&rule, &widths));
            }
        }
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let rounds = if self.is_quick { "a quick run" } else { "medians of three rounds" };
        text.push_str(&format!(
            "\n{rounds}; {processors} processors; load average before {}, at the end {}\n",
            self.load_before,
            process::load_average(),
        ));
        text
    }
}

fn written(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::from("|");
    for (cell, wanted) in cells.iter().zip(widths) {
        line.push_str(&format!(" {cell}{} |", " ".repeat(wanted.saturating_sub(width(cell)))));
    }
    line.push('\n');
    line
}

fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_that_is_missed_says_by_how_much() {
        let row = Row::new("a").at_most_times(9.0, 3.0, 2.0);
        assert_eq!(row.cells().last().unwrap(), "NOT met: 3.00 × relay");
        let row = Row::new("a").at_most_times(6.0, 3.0, 2.0);
        assert_eq!(row.cells().last().unwrap(), "met: 2.00 × relay");
    }

    #[test]
    fn all_lines_of_the_table_are_of_one_width() {
        let mut report = Report::begin(&Options::default());
        report.add(vec![Row::new("message").figure(Kind::Relay, "3.7 µs").at_most(1.0, 2.0, "ms")]);
        let table = report.table();
        let widths: Vec<usize> = table.lines().filter(|line| line.starts_with('|')).map(width).collect();
        assert_eq!(widths.len(), 3);
        assert!(widths.iter().all(|width| Some(width) == widths.first()), "{table}");
    }
}
