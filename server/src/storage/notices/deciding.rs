//! What waits for somebody's decision. A notice is decided once: the first press of an action counts, whatever client it
//! comes from; a later revision that is open again may be decided again.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::timeline::{COLUMNS, read_notice};
use super::{EventKind, NoticeRow, NoticeStore, Said, number};
use crate::clock::Timestamp;
use crate::storage::StorageError;

/// The revision that each receiver has decided.
pub(in super::super) const DECIDED: &str = "
ALTER TABLE notice_receiver ADD COLUMN decided INTEGER NOT NULL DEFAULT 0;
UPDATE notice_receiver SET decided = (SELECT revision FROM notice WHERE notice.id = notice_receiver.notice)
WHERE id IN (SELECT receiver FROM notice_event WHERE kind = 'acted');
";

/// How many of somebody's newest notices are looked through for those that wait.
const LOOKED_AT: u32 = 1_000;

/// A notice as its receiver may decide it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Number of the receiver's line.
    pub line: i64,
    /// Short name of the application.
    pub application: String,
    /// What people call it.
    pub title: String,
    /// The notice.
    pub notice: NoticeRow,
    /// The revision that the receiver has decided; 0 is none.
    pub decided: u32,
}

/// Whether there is something to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There is.
    Open,
    /// The receiver has done so.
    Decided,
    /// Somebody else has seen to it.
    Handled,
    /// The application has taken it back.
    Withdrawn,
    /// It is of no interest any more.
    Expired,
    /// There never was.
    Nothing,
}

impl Decision {
    /// Whether there is something to decide at this time.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let expires = self.notice.expires;
        match self.notice.state.as_str() {
            "withdrawn" => Standing::Withdrawn,
            _ if self.decided >= self.notice.revision => Standing::Decided,
            "handled" => Standing::Handled,
            _ if expires.0 > 0 && expires <= now => Standing::Expired,
            _ if self.notice.content.actions.is_empty() => Standing::Nothing,
            _ => Standing::Open,
        }
    }
}

impl NoticeStore {
    /// A notice to this person; `None` when there is no such one.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn decision(&self, line: i64, address: String) -> Result<Option<Decision>, StorageError> {
        self.database
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS}, r.id, r.decided, a.name, a.title
                         FROM notice_receiver r JOIN notice n ON n.id = r.notice AND n.state <> 'arriving'
                         JOIN application a ON a.id = n.application WHERE r.id = ?1 AND r.address = ?2"
                    ))
                    .and_then(|mut statement| statement.query_row(params![line, address], read).optional())
                    .map_err(StorageError::at("decision about a notice"))
            })
            .await
    }

    /// What waits for this person's decision, the newest first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn decisions(
        &self,
        address: String,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<Decision>, StorageError> {
        let newest: Vec<Decision> = self
            .database
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS}, r.id, r.decided, a.name, a.title
                         FROM (SELECT * FROM notice_receiver WHERE address = ?1 ORDER BY id DESC LIMIT ?2) r
                         JOIN notice n ON n.id = r.notice AND n.state = 'open' AND r.decided < n.revision
                         JOIN application a ON a.id = n.application ORDER BY r.id DESC"
                    ))
                    .and_then(|mut statement| {
                        statement.query_map(params![address, LOOKED_AT], read)?.collect()
                    })
                    .map_err(StorageError::at("decisions about notices"))
            })
            .await?;
        Ok(newest.into_iter().filter(|one| one.standing(now) == Standing::Open).take(most).collect())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Decision> {
    Ok(Decision {
        notice: read_notice(row)?,
        line: row.get(9)?,
        decided: number(row.get(10)?),
        application: row.get(11)?,
        title: row.get(12)?,
    })
}

/// Whether this press counts, or did when it was said before.
pub(super) fn decide(connection: &Connection, line: i64, said: &Said) -> Result<bool, StorageError> {
    let at = StorageError::at("decide a notice");
    let is_said_before: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM notice_event WHERE receiver = ?1 AND kind = ?2 AND detail = ?3)",
        )
        .and_then(|mut statement| {
            statement.query_row(params![line, EventKind::Acted.word(), said.detail], |row| row.get(0))
        })
        .map_err(&at)?;
    let is_first = connection
        .prepare_cached(
            "UPDATE notice_receiver SET decided = n.revision FROM notice n
             WHERE notice_receiver.id = ?1 AND n.id = notice_receiver.notice AND n.state = 'open'
             AND (n.expires = 0 OR n.expires > ?2) AND notice_receiver.decided < n.revision",
        )
        .and_then(|mut statement| statement.execute(params![line, said.time.0]))
        .map_err(&at)?
        > 0;
    Ok(is_first || is_said_before)
}
