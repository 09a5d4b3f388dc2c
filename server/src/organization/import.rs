//! Reads a sheet of departments and people and compares it with the organisation. Pure: the file's bytes and
//! the organisation's rows go in, the steps of one edit come out; `docs/administration.md` describes the sheet.

use std::fmt;

mod columns;
mod difference;
mod listed;
mod report;
mod rows;
mod sheet;
mod words;

pub use difference::{Choices, Difference, Present};
pub use listed::{ListedRow, read_listed};
pub use report::Report;
pub use rows::{Wanted, WantedPerson, read};

/// Where something stands in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Name of the worksheet; empty when the file has only one.
    pub sheet: String,
    /// Row as a spreadsheet counts, from 1; 0 for the whole file.
    pub row: usize,
    /// Head of the column, as it is written; empty for the whole row.
    pub column: String,
}

/// What is wrong in the file and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// A plain sentence without a full stop.
    pub text: String,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.sheet.is_empty() {
            parts.push(format!("sheet {}", self.sheet));
        }
        if self.row > 0 {
            parts.push(format!("row {}", self.row));
        }
        if !self.column.is_empty() {
            parts.push(format!("column {}", self.column));
        }
        formatter.write_str(&parts.join(", "))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.to_string();
        if place.is_empty() {
            formatter.write_str(&self.text)
        } else {
            write!(formatter, "{place}: {}", self.text)
        }
    }
}

impl Problem {
    /// A problem of the whole file.
    fn of_file(text: impl Into<String>) -> Self {
        Self { place: Place::default(), text: text.into() }
    }
}

#[cfg(test)]
mod tests;
