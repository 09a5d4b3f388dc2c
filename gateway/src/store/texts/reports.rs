//! What the network reports about parts, and which part it means.
//!
//! A report names the modem it came through, a reference of one byte and the phone. The reference is known for
//! a part whose result came; where the result was lost, nobody knows it. A wrong guess would call a lost text
//! delivered, and no guess at all would send a text twice that has arrived. So:
//!
//! 1. A report is about an *attempt*: one giving of one part to one modem. It can only be about attempts of its
//!    modem to its phone that began before it came, in the last week. Each attempt has one final report.
//! 2. The same report read again (the modem kept it, or the program was killed before it could be removed) says
//!    nothing: modem, reference, phone and the network's time stamp are the same.
//! 3. An attempt whose reference is known and fits has the report.
//! 4. Otherwise it is about an attempt whose reference nobody knows. While one of those is under way, its result
//!    may tell: the report is kept. What is still unknown then is given when there are as many kept reports as
//!    attempts they may mean: all of these attempts are reported then, one after another in the network's order.
//!    With fewer reports they wait for the others; see `matching`.
//! 5. A part without a result is `unconfirmed` and waits for its report for the policy's window, which begins
//!    anew whenever its modem comes back, since only then can it hand over what came; six windows at most. After
//!    that it is sent once more, marked as such. The first attempt stays a candidate: a report that comes late
//!    still takes the part out of the queue, and never counts for another part.
//! 6. A report that belongs to nobody when six windows are over is counted as a stray.
//!
//! A lost text is therefore never called delivered, and a text that is out is sent again only when no report
//! came in time, or when another text to the same phone was lost beside it and the reports could be either's.

mod matching;
#[cfg(test)]
mod properties;

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::{fail, refresh};
use crate::clock::Moment;
use crate::outbox::{Failure, PartState};
use crate::store::incoming::count;
use crate::store::{Store, StoreError};

use matching::{Candidate, OpenReport, certain};

/// A report of the network.
#[derive(Debug, Clone)]
pub(crate) struct NewReport {
    pub(crate) modem: String,
    pub(crate) reference: i64,
    pub(crate) number: String,
    /// When the network took the text, in its own time.
    pub(crate) stamp: i64,
    /// What it says.
    pub(crate) state: PartState,
    pub(crate) received: Moment,
}

/// Reports are about attempts of this time.
const WEEK: Duration = Duration::from_secs(7 * 86_400);
/// How long a report is known again.
const MONTH: Duration = Duration::from_secs(30 * 86_400);

impl Store {
    /// Notes a report and gives it to the part it is about; it is kept while that is not certain.
    pub(crate) async fn report(&self, report: NewReport) -> Result<(), StoreError> {
        self.run(move |connection| {
            let phone = tail(&report.number);
            if !note(connection, &report, &phone)? {
                return Ok(());
            }
            give_out(connection, &report.modem, &phone, report.received)
        })
        .await
    }

    /// The newest attempt of this line that has one of these references, and its phone.
    pub(crate) async fn attempt_of(
        &self,
        line: String,
        references: Vec<i64>,
    ) -> Result<Option<(i64, String)>, StoreError> {
        self.run(move |connection| {
            let mut statement = connection
                .prepare_cached(
                    "SELECT attempt.reference, text.number FROM attempt JOIN text ON text.id = attempt.text \
                     WHERE attempt.modem = ?1 AND attempt.reference = ?2 ORDER BY attempt.id DESC LIMIT 1",
                )
                .map_err(StoreError::at("find a carrier's message"))?;
            for reference in references {
                let found = statement
                    .query_row(params![line, reference], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()
                    .map_err(StoreError::at("find a carrier's message"))?;
                if found.is_some() {
                    return Ok(found);
                }
            }
            Ok(None)
        })
        .await
    }

    /// Reports from before `before` that are nobody's are closed; says how many. Old ones are forgotten.
    pub(crate) async fn close_strays(&self, before: Moment, now: Moment) -> Result<usize, StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("DELETE FROM report WHERE received < ?1")
                .and_then(|mut statement| statement.execute([now.before(MONTH).0]))
                .map_err(StoreError::at("forget old reports"))?;
            let strays = connection
                .prepare_cached("UPDATE report SET is_open = 0 WHERE is_open = 1 AND received < ?1")
                .and_then(|mut statement| statement.execute([before.0]))
                .map_err(StoreError::at("close stray reports"))?;
            (0..strays).try_for_each(|_| count(connection, "stray reports"))?;
            Ok(strays)
        })
        .await
    }
}

/// Networks write a number their own way; the last nine digits are the subscriber's.
fn tail(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let tail = digits.get(digits.len().saturating_sub(9)..).unwrap_or(&digits);
    tail.iter().collect()
}

/// False when it was there before.
fn note(connection: &Connection, report: &NewReport, phone: &str) -> Result<bool, StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO report (modem, reference, phone, stamp, state, received) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                report.modem,
                report.reference,
                phone,
                report.stamp,
                report.state.word(),
                report.received.0
            ])
        })
        .map(|inserted| inserted > 0)
        .map_err(StoreError::at("note a report"))
}

/// More is known about this text's attempts: a report that was kept may be certain now.
pub(super) fn look_again(
    connection: &Connection,
    text: i64,
    part: u8,
    now: Moment,
) -> Result<(), StoreError> {
    let way: Option<(String, String)> = connection
        .prepare_cached(
            "SELECT part.modem, text.number FROM part JOIN text ON text.id = part.text \
             WHERE part.text = ?1 AND part.number = ?2",
        )
        .and_then(|mut statement| {
            statement.query_row(params![text, part], |row| Ok((row.get(0)?, row.get(1)?))).optional()
        })
        .map_err(StoreError::at("find a part's phone"))?;
    way.map_or(Ok(()), |(modem, number)| give_out(connection, &modem, &tail(&number), now))
}

/// All kept reports at once, after a start.
pub(super) fn look_at_all(connection: &Connection, now: Moment) -> Result<(), StoreError> {
    let ways: Vec<(String, String)> = connection
        .prepare_cached("SELECT DISTINCT modem, phone FROM report WHERE is_open = 1")
        .and_then(|mut statement| {
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
        .map_err(StoreError::at("find kept reports"))?;
    ways.into_iter().try_for_each(|(modem, phone)| give_out(connection, &modem, &phone, now))
}

/// Gives the kept reports of this modem and phone to the attempts they are certainly about.
fn give_out(connection: &Connection, modem: &str, phone: &str, now: Moment) -> Result<(), StoreError> {
    let reports = open_reports(connection, modem, phone)?;
    if reports.is_empty() {
        return Ok(());
    }
    let since = now.before(WEEK);
    let mut unknown = Vec::new();
    for report in reports {
        match by_reference(connection, modem, &report, phone, since)? {
            Some(attempt) => give(connection, &report, attempt)?,
            None => unknown.push(report),
        }
    }
    let candidates = candidates(connection, modem, phone, since)?;
    for (report, attempt) in certain(unknown, &candidates) {
        give(connection, &report, attempt)?;
    }
    Ok(())
}

fn open_reports(connection: &Connection, modem: &str, phone: &str) -> Result<Vec<OpenReport>, StoreError> {
    connection
        .prepare_cached(
            "SELECT id, reference, stamp, state FROM report \
             WHERE is_open = 1 AND modem = ?1 AND phone = ?2 ORDER BY id",
        )
        .and_then(|mut statement| {
            let rows = statement.query_map(params![modem, phone], |row| {
                let state: String = row.get(3)?;
                let state = PartState::of_word(&state);
                Ok(OpenReport { id: row.get(0)?, reference: row.get(1)?, stamp: row.get(2)?, state })
            })?;
            rows.collect()
        })
        .map_err(StoreError::at("read kept reports"))
}

/// References come again after 256 texts: the last one has it.
fn by_reference(
    connection: &Connection,
    modem: &str,
    report: &OpenReport,
    phone: &str,
    since: Moment,
) -> Result<Option<i64>, StoreError> {
    connection
        .prepare_cached(
            "SELECT attempt.id FROM attempt JOIN text ON text.id = attempt.text \
             WHERE attempt.modem = ?1 AND attempt.reference = ?2 AND attempt.state <> 'reported' \
             AND attempt.after_report < ?3 AND attempt.given > ?4 AND text.number LIKE '%' || ?5 \
             ORDER BY attempt.id DESC LIMIT 1",
        )
        .and_then(|mut statement| {
            let values = params![modem, report.reference, report.id, since.0, phone];
            statement.query_row(values, |row| row.get(0)).optional()
        })
        .map_err(StoreError::at("find a reported attempt"))
}

fn candidates(
    connection: &Connection,
    modem: &str,
    phone: &str,
    since: Moment,
) -> Result<Vec<Candidate>, StoreError> {
    connection
        .prepare_cached(
            "SELECT attempt.id, attempt.after_report, attempt.state = 'under way' \
             FROM attempt JOIN text ON text.id = attempt.text \
             WHERE attempt.modem = ?1 AND attempt.reference = -1 AND attempt.state <> 'reported' \
             AND attempt.given > ?2 AND text.number LIKE '%' || ?3 ORDER BY attempt.id",
        )
        .and_then(|mut statement| {
            let rows = statement.query_map(params![modem, since.0, phone], |row| {
                Ok(Candidate { id: row.get(0)?, after_report: row.get(1)?, is_under_way: row.get(2)? })
            })?;
            rows.collect()
        })
        .map_err(StoreError::at("find attempts without reference"))
}

fn give(connection: &Connection, report: &OpenReport, attempt: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE report SET is_open = 0 WHERE id = ?1")
        .and_then(|mut statement| statement.execute([report.id]))
        .map_err(StoreError::at("close a report"))?;
    let (text, part): (i64, i64) = connection
        .prepare_cached("UPDATE attempt SET state = 'reported' WHERE id = ?1 RETURNING text, part")
        .and_then(|mut statement| statement.query_row([attempt], |row| Ok((row.get(0)?, row.get(1)?))))
        .map_err(StoreError::at("note that an attempt is reported"))?;
    if report.state == PartState::Failed {
        failed(connection, text, part, attempt)
    } else {
        delivered(connection, text, part, attempt)
    }
}

/// Whichever attempt it was, the phone has the part. A longer text that was begun again with another modem needs
/// all its parts from there: phones join what one number sent.
fn delivered(connection: &Connection, text: i64, part: i64, attempt: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE part SET state = 'delivered' WHERE text = ?1 AND number = ?2 AND (state <> 'queued' \
             OR (SELECT count(*) FROM part WHERE text = ?1) = 1 \
             OR (SELECT pinned FROM text WHERE id = ?1) = (SELECT modem FROM attempt WHERE id = ?3))",
        )
        .and_then(|mut statement| statement.execute(params![text, part, attempt]))
        .map_err(StoreError::at("note a delivery"))?;
    refresh(connection, text).map(|_| ())
}

/// An attempt that was followed by another one decides nothing.
fn failed(connection: &Connection, text: i64, part: i64, attempt: i64) -> Result<(), StoreError> {
    let changed = connection
        .prepare_cached(
            "UPDATE part SET state = 'failed' WHERE text = ?1 AND number = ?2 \
             AND state IN ('sent', 'unconfirmed', 'sending') \
             AND NOT EXISTS (SELECT 1 FROM attempt WHERE text = ?1 AND part = ?2 AND id > ?3)",
        )
        .and_then(|mut statement| statement.execute(params![text, part, attempt]))
        .map_err(StoreError::at("note a reported failure"))?;
    if changed > 0 { fail(connection, text, Failure::Reported) } else { Ok(()) }
}
