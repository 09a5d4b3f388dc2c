//! Rows that a program writes one by one, each with the columns that it names: what a row does not name stays as it is.

use super::columns::Head;
use super::rows::{Reading, Wanted};
use super::sheet::Row;
use super::{Place, Problem};

/// A row: names of columns and what stands in them.
pub type ListedRow = Vec<(&'static str, String)>;

/// Reads rows as [`super::read`] reads those of a sheet; they are counted from 1.
///
/// # Errors
/// At least one problem.
pub fn read_listed(rows: Vec<ListedRow>) -> Result<Wanted, Vec<Problem>> {
    let mut reading = Reading::default();
    for (number, row) in (1..).zip(rows) {
        let (names, cells): (Vec<String>, Vec<String>) =
            row.into_iter().map(|(name, cell)| (name.to_owned(), cell.trim().to_owned())).unzip();
        let head = Head::of(&Row { number: 0, cells: names });
        let place = Place { row: number, ..Place::default() };
        reading.line(&head, &Row { number, cells }, place);
    }
    reading.finish()
}
