//! Texts that carriers hand over. They have no time stamp that would tell two of the same words apart, so a text
//! that comes again is known by the answer it is still owed.

use super::{Inbox, joined, mark};
use crate::clock::Moment;
use crate::pdu::Content;
use crate::store::{Kept, Report, StoreError};

/// A part's place in a longer text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    /// What all parts share.
    pub(crate) reference: i64,
    /// How many there are.
    pub(crate) total: u8,
    /// Which one this is, from 1.
    pub(crate) number: u8,
}

/// A text as a carrier hands it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    /// Who sent it.
    pub(crate) sender: String,
    /// Its place in a longer one.
    pub(crate) piece: Option<Piece>,
    /// No person is to read it.
    pub(crate) is_for_an_application: bool,
    /// What it says.
    pub(crate) content: Content,
    /// As it came, to recognise it again.
    pub(crate) raw: Vec<u8>,
}

/// A text of an earlier connection whose answer may not have reached the carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owed {
    row: i64,
    mark: i64,
}

/// How long after it was kept a text may come again for want of an answer.
const AGAIN: std::time::Duration = std::time::Duration::from_secs(3_600);
/// Before the units of a part: no PDU begins like that.
const UNITS: &str = "units ";

impl Inbox {
    /// Texts of this line that may come again.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn owed(&self, line: &str) -> Result<Vec<Owed>, StoreError> {
        let since = self.clock.now().before(AGAIN);
        let rows = self.store.owed_answers(line.to_owned(), since).await?;
        Ok(rows.into_iter().map(|(row, mark)| Owed { row, mark }).collect())
    }

    /// Keeps a text; gives the number under which it is owed an answer. One alike to one of `owed` is that one.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn take_letter(
        &self,
        line: &str,
        letter: Letter,
        owed: &mut Vec<Owed>,
    ) -> Result<i64, StoreError> {
        let mark = mark::of(line, &letter.sender, Moment(0), &letter.raw);
        if let Some(place) = owed.iter().position(|owed| owed.mark == mark) {
            tracing::info!(line, "a text came twice");
            self.store.count("doubles").await?;
            return Ok(owed.remove(place).row);
        }
        let received = self.clock.now();
        let kept = kind(&letter);
        let report =
            Report { modem: line.to_owned(), sender: letter.sender, mark, sent: received, received, kept };
        let row = self.store.keep_owed(report, joined).await?;
        self.arrived.send_replace(());
        Ok(row)
    }

    /// Keeps what nobody can read, for the administrator.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn keep_unreadable(&self, line: &str, digits: String) -> Result<(), StoreError> {
        self.store.keep_unreadable(line.to_owned(), digits, self.clock.now()).await
    }
}

fn kind(letter: &Letter) -> Kept {
    let body = letter.content.text().filter(|_| !letter.is_for_an_application);
    match (letter.piece, body) {
        (_, None) => Kept::Counted { name: "data" },
        (Some(piece), Some(_)) => Kept::Part {
            reference: piece.reference,
            total: piece.total,
            number: piece.number,
            digits: digits(&letter.content),
        },
        (None, Some(body)) => Kept::Whole { body },
    }
}

/// A part in the store. Units are kept, not letters: a character may be cut in two.
fn digits(content: &Content) -> String {
    let units: Vec<u16> = match content {
        Content::Text(text) => text.encode_utf16().collect(),
        Content::Units(units) => units.clone(),
        Content::Data(_) => Vec::new(),
    };
    let digits: String = units.iter().map(|unit| format!("{unit:04X}")).collect();
    format!("{UNITS}{digits}")
}

/// A part that a carrier handed over; `None`: it is a modem's.
pub(super) fn content_of(digits: &str) -> Option<Content> {
    let digits = digits.strip_prefix(UNITS)?.as_bytes();
    let unit = |four: &[u8]| u16::from_str_radix(std::str::from_utf8(four).ok()?, 16).ok();
    Some(Content::Units(digits.chunks(4).filter_map(unit).collect()))
}

#[cfg(test)]
mod tests {
    use super::{Content, content_of, digits};

    #[test]
    fn a_part_in_the_store_keeps_half_an_emoji() {
        let half = Content::Units(vec![0x4f60, 0xd83d]);
        assert_eq!(content_of(&digits(&half)), Some(half));
        assert_eq!(content_of(&digits(&Content::Text("ok".into()))).unwrap().text().unwrap(), "ok");
        assert_eq!(content_of("0791"), None);
    }
}
