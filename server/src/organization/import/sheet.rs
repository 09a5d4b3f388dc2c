//! From the bytes of a file to rows of text: CSV in UTF-8, UTF-16 or GB18030, or a workbook of a spreadsheet.

use std::io::Cursor;

use calamine::{Data, Range, Reader};
use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};

use super::Problem;
use super::columns::Head;

/// A file as rows of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    /// What the file turned out to be, such as `CSV in UTF-8 with commas`.
    pub(super) form: String,
    /// At least one.
    pub(super) sheets: Vec<Sheet>,
}

/// One worksheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet {
    /// Empty for a CSV file.
    pub(super) name: String,
    /// Without those that are empty.
    pub(super) rows: Vec<Row>,
}

/// One row, with its number as a spreadsheet counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) number: usize,
    pub(super) cells: Vec<String>,
}

/// Reads a file of any known form; the name is not looked at.
pub(super) fn read(file: &[u8]) -> Result<Document, Problem> {
    // A ZIP archive and the older compound file: the containers of workbooks.
    if file.starts_with(b"PK\x03\x04") || file.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return workbook(file);
    }
    let (text, encoding) = decode(file)?;
    let (rows, separators) = separated(&text)?;
    Ok(Document {
        form: format!("CSV in {encoding} with {separators}"),
        sheets: vec![Sheet { name: String::new(), rows }],
    })
}

fn decode(file: &[u8]) -> Result<(String, &'static str), Problem> {
    let wide = match file {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        _ => None,
    };
    if let Some(encoding) = wide {
        let (text, had_errors) = encoding.decode_with_bom_removal(file);
        return if had_errors {
            Err(Problem::of_file("the file begins like UTF-16 but is damaged; save it again as CSV UTF-8"))
        } else {
            Ok((text.into_owned(), "UTF-16"))
        };
    }
    let bytes = file.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(file);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((text.to_owned(), "UTF-8"));
    }
    match GB18030.decode_without_bom_handling_and_without_replacement(file) {
        Some(text) => Ok((text.into_owned(), "GB18030")),
        None => Err(Problem::of_file(
            "the file is neither UTF-8 nor GB18030 text nor a workbook; save it as CSV UTF-8 or XLSX",
        )),
    }
}

/// The rows under the separator that makes the most of the first rows; commas when none makes anything.
fn separated(text: &str) -> Result<(Vec<Row>, &'static str), Problem> {
    let mut best: Option<(usize, Vec<Row>, &'static str)> = None;
    for (separator, word) in [(b',', "commas"), (b';', "semicolons"), (b'\t', "tabs")] {
        let rows = csv_rows(text, separator)?;
        let known = Head::find(&rows).map_or(0, |head| head.known());
        if best.as_ref().is_none_or(|(most, ..)| known > *most) {
            best = Some((known, rows, word));
        }
    }
    Ok(best.map(|(_, rows, word)| (rows, word)).unwrap_or_default())
}

fn csv_rows(text: &str, separator: u8) -> Result<Vec<Row>, Problem> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let (mut number, mut counted) = (1_usize, 0_usize);
    for record in reader.records() {
        let record = record.map_err(|error| Problem::of_file(format!("the file cannot be read: {error}")))?;
        // The reader places a record before the empty lines that it skips.
        let begin = record.position().and_then(|place| usize::try_from(place.byte()).ok()).unwrap_or(counted);
        let rest = text.get(begin..).unwrap_or_default();
        let begin =
            begin.saturating_add(rest.len().saturating_sub(rest.trim_start_matches(['\r', '\n']).len()));
        number = number.saturating_add(text.get(counted..begin).unwrap_or_default().matches('\n').count());
        counted = begin;
        push(&mut rows, number, record.iter().map(|cell| cell.trim().to_owned()).collect());
        // A spreadsheet counts a row with line breaks in its cells once.
        number = number.saturating_sub(record.iter().map(|cell| cell.matches('\n').count()).sum());
    }
    Ok(rows)
}

fn push(rows: &mut Vec<Row>, number: usize, cells: Vec<String>) {
    if cells.iter().any(|cell| !cell.is_empty()) {
        rows.push(Row { number, cells });
    }
}

fn workbook(file: &[u8]) -> Result<Document, Problem> {
    let broken = |error: calamine::Error| {
        Problem::of_file(format!(
            "the workbook cannot be read: {error}; a password on the file must be taken off first"
        ))
    };
    let mut workbook = calamine::open_workbook_auto_from_rs(Cursor::new(file)).map_err(broken)?;
    let mut sheets = Vec::new();
    for name in workbook.sheet_names() {
        let range = workbook.worksheet_range(&name).map_err(broken)?;
        let rows = worksheet_rows(&name, &range)?;
        if !rows.is_empty() {
            sheets.push(Sheet { name, rows });
        }
    }
    if sheets.is_empty() {
        return Err(Problem::of_file("the workbook is empty"));
    }
    Ok(Document { form: "a workbook".to_owned(), sheets })
}

fn worksheet_rows(name: &str, range: &Range<Data>) -> Result<Vec<Row>, Problem> {
    let (first, left) = range.start().unwrap_or_default();
    let mut rows = Vec::new();
    for (index, cells) in range.rows().enumerate() {
        let number = usize::try_from(first).unwrap_or_default().saturating_add(index).saturating_add(1);
        let mut texts = vec![String::new(); usize::try_from(left).unwrap_or_default()];
        for cell in cells {
            let text = cell_text(cell).map_err(|error| {
                Problem::of_file(format!(
                    "sheet {name}, row {number}: a cell holds the error {error}; mend it in the sheet"
                ))
            })?;
            texts.push(text);
        }
        push(&mut rows, number, texts);
    }
    Ok(rows)
}

/// A cell as a person would have written it; answers the error that a formula ended with.
fn cell_text(cell: &Data) -> Result<String, String> {
    Ok(match cell {
        Data::Empty => String::new(),
        Data::String(text) | Data::DurationIso(text) => text.trim().to_owned(),
        Data::DateTimeIso(text) => text.split('T').next().unwrap_or_default().to_owned(),
        Data::Int(number) => number.to_string(),
        // A phone number that the spreadsheet took for a number; Rust writes it without an exponent.
        Data::Float(number) => number.to_string(),
        Data::Bool(is_true) => is_true.to_string(),
        Data::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::Error(error) => return Err(error.to_string()),
    })
}
