//! What has happened to a notice on its way to each receiver.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Content, DeliveryMode, EventKind, NoticeStore, deciding, number, webhooks};
use crate::clock::Timestamp;
use crate::storage::{StorageError, Ticket};

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    /// Number.
    pub id: i64,
    /// What the world calls it.
    pub name: String,
    /// When it came.
    pub created: Timestamp,
    /// What it says.
    pub content: Content,
    /// Which way.
    pub delivery: DeliveryMode,
    /// After so many microseconds unread it goes to the phone; 0 is never.
    pub escalate_after: i64,
    /// After this it is not sent any more; 0 is never.
    pub expires: Timestamp,
    /// `open`, `handled` or `withdrawn`.
    pub state: String,
    /// From 1.
    pub revision: u32,
}

/// Columns of [`NoticeRow`], from a table called `n`.
pub(super) const COLUMNS: &str =
    "n.id, n.name, n.created, n.content, n.delivery, n.escalate_after, n.expires, n.state, n.revision";

pub(super) fn read_notice(row: &Row<'_>) -> rusqlite::Result<NoticeRow> {
    let content: String = row.get(3)?;
    let delivery: String = row.get(4)?;
    Ok(NoticeRow {
        id: row.get(0)?,
        name: row.get(1)?,
        created: Timestamp(row.get(2)?),
        content: serde_json::from_str(&content).unwrap_or_default(),
        delivery: DeliveryMode::of_word(&delivery).unwrap_or_default(),
        escalate_after: row.get(5)?,
        expires: Timestamp(row.get(6)?),
        state: row.get(7)?,
        revision: number(row.get(8)?),
    })
}

/// The notice of this name, if it is this application's.
pub(super) fn notice(
    connection: &Connection,
    application: i64,
    name: &str,
) -> Result<Option<NoticeRow>, StorageError> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM notice n WHERE n.name = ?1 AND n.application = ?2"))
        .and_then(|mut statement| statement.query_row(params![name, application], read_notice).optional())
        .map_err(StorageError::at("notice by name"))
}

/// Something that has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// When.
    pub time: Timestamp,
    /// More about it, or empty.
    pub detail: String,
}

/// One receiver and what has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Number; grows along the list.
    pub id: i64,
    /// Id in the directory.
    pub person: String,
    /// Bare address.
    pub address: String,
    /// How far it is.
    pub state: String,
    /// In the order in which it happened.
    pub events: Vec<Event>,
}

/// A part of the list of receivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// The notice.
    pub notice: NoticeRow,
    /// How many receivers are how far.
    pub counts: Vec<(String, i64)>,
    /// The receivers.
    pub lines: Vec<Line>,
    /// There are more.
    pub has_more: bool,
}

/// What a client or the gateway says about a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Short name of the application that was written to.
    pub application: String,
    /// Number of the receiver's line; `None` for the newest one of this application.
    pub line: Option<i64>,
    /// The receiver, as the routing knows it.
    pub address: String,
    /// What has happened.
    pub kind: EventKind,
    /// More about it, or empty.
    pub detail: String,
    /// When.
    pub time: Timestamp,
}

/// What has become of what was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// It is noted, now or since before.
    Yes,
    /// Nobody can have said it.
    Unknown,
    /// It was decided before, by somebody or by time.
    TooLate,
}

impl NoticeStore {
    /// A part of the list of receivers, behind the line with this number; `None` when the application has no such
    /// notice.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn timeline(
        &self,
        application: i64,
        name: String,
        after: i64,
        most: u32,
    ) -> Result<Option<Timeline>, StorageError> {
        self.database
            .read(move |connection| {
                let Some(notice) = notice(connection, application, &name)? else { return Ok(None) };
                let counts = counts(connection, notice.id)?;
                let mut lines = lines(connection, notice.id, after, most.saturating_add(1))?;
                let has_more = u32::try_from(lines.len()).unwrap_or(u32::MAX) > most;
                if has_more {
                    lines.pop();
                }
                Ok(Some(Timeline { notice, counts, lines, has_more }))
            })
            .await
    }

    /// Notes what was said, later; what nobody can have said is passed over.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn note_later(&self, said: Said) -> Result<Ticket, StorageError> {
        let ticket = self.database.write_later(move |connection| note(connection, &said).map(|_| ())).await?;
        self.ring();
        Ok(ticket)
    }

    /// Notes what was said; it is on the disk when this returns.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn note(&self, said: Said) -> Result<Noted, StorageError> {
        let noted = self.database.write(move |connection| note(connection, &said)).await?;
        self.ring();
        Ok(noted)
    }
}

/// Adds an event, unless it is there.
pub(super) fn add_event(
    connection: &Connection,
    application: i64,
    line: i64,
    (kind, detail): (EventKind, &str),
    time: Timestamp,
) -> Result<(), StorageError> {
    let at = StorageError::at("insert event of a notice");
    let is_new = connection
        .prepare_cached(
            "INSERT OR IGNORE INTO notice_event (application, receiver, kind, detail, time)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .and_then(|mut statement| statement.execute(params![application, line, kind.word(), detail, time.0]))
        .map_err(&at)?
        > 0;
    // Of what was accepted its application has been told already.
    if is_new && kind != EventKind::Accepted {
        webhooks::queue(connection, line, connection.last_insert_rowid(), time)?;
    }
    connection
        .prepare_cached("UPDATE notice_receiver SET state = ?2, rank = ?3 WHERE id = ?1 AND rank <= ?3")
        .and_then(|mut statement| statement.execute(params![line, kind.word(), kind.rank()]))
        .map(|_| ())
        .map_err(&at)
}

fn note(connection: &Connection, said: &Said) -> Result<Noted, StorageError> {
    let found: Option<(i64, i64)> = connection
        .prepare_cached(
            "SELECT r.id, n.application FROM notice_receiver r JOIN notice n ON n.id = r.notice
             JOIN application a ON a.id = n.application AND a.name = ?2
             WHERE r.address = ?1 AND (?3 IS NULL OR r.id = ?3) ORDER BY r.id DESC LIMIT 1",
        )
        .and_then(|mut statement| {
            statement
                .query_row(params![said.address, said.application, said.line], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()
        })
        .map_err(StorageError::at("receiver of a notice"))?;
    let Some((line, application)) = found else { return Ok(Noted::Unknown) };
    if said.kind == EventKind::Acted && !deciding::decide(connection, line, said)? {
        return Ok(Noted::TooLate);
    }
    if said.kind == EventKind::SmsFailed && has(connection, line, EventKind::SmsFailed)? {
        // The gateway says it twice, to the sender's client and to the person.
        return Ok(Noted::Yes);
    }
    if said.kind == EventKind::SmsReported {
        // The gateway tells the newest state: a quick report comes in place of the word that the text was sent.
        add_event(connection, application, line, (EventKind::SmsSent, ""), said.time)?;
    }
    let is_of_client = matches!(said.kind, EventKind::Delivered | EventKind::Read);
    if is_of_client && !has(connection, line, EventKind::SmsQueued)? {
        // A quick client speaks before it is noted that it was given the notice; so does one behind a kill.
        add_event(connection, application, line, (EventKind::Pushed, ""), said.time)?;
    }
    if said.kind == EventKind::Read {
        // What was seen is there, also when no receipt said so.
        add_event(connection, application, line, (EventKind::Delivered, ""), said.time)?;
    }
    add_event(connection, application, line, (said.kind, &said.detail), said.time)?;
    if said.kind == EventKind::Read {
        read_through(connection, application, line, said)?;
    }
    Ok(Noted::Yes)
}

fn has(connection: &Connection, line: i64, kind: EventKind) -> Result<bool, StorageError> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM notice_event WHERE receiver = ?1 AND kind = ?2)")
        .and_then(|mut statement| statement.query_row(params![line, kind.word()], |row| row.get(0)))
        .map_err(StorageError::at("event of a notice"))
}

/// A marker is for all that came before as well (XEP-0333 section 4.1).
fn read_through(
    connection: &Connection,
    application: i64,
    line: i64,
    said: &Said,
) -> Result<(), StorageError> {
    let at = StorageError::at("unread notices");
    let unread: Vec<i64> = connection
        .prepare_cached(
            "SELECT r.id FROM notice_receiver r JOIN notice n ON n.id = r.notice AND n.application = ?3
             WHERE r.address = ?1 AND r.read = 0 AND r.id <= ?2 AND (r.told > 0 OR r.id = ?2)",
        )
        .and_then(|mut statement| {
            statement.query_map(params![said.address, line, application], |row| row.get(0))?.collect()
        })
        .map_err(&at)?;
    for one in unread {
        add_event(connection, application, one, (EventKind::Delivered, ""), said.time)?;
        add_event(connection, application, one, (EventKind::Read, ""), said.time)?;
        connection
            .prepare_cached("UPDATE notice_receiver SET read = 1 WHERE id = ?1")
            .and_then(|mut statement| statement.execute([one]))
            .map_err(&at)?;
    }
    Ok(())
}

fn counts(connection: &Connection, notice: i64) -> Result<Vec<(String, i64)>, StorageError> {
    connection
        .prepare_cached(
            "SELECT state, count(*) FROM notice_receiver WHERE notice = ?1 GROUP BY state ORDER BY state",
        )
        .and_then(|mut statement| {
            statement.query_map([notice], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
        .map_err(StorageError::at("states of a notice"))
}

fn lines(connection: &Connection, notice: i64, after: i64, most: u32) -> Result<Vec<Line>, StorageError> {
    let at = StorageError::at("receivers of a notice");
    let mut lines: Vec<Line> = connection
        .prepare_cached(
            "SELECT id, person, address, state FROM notice_receiver WHERE notice = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
        )
        .and_then(|mut statement| {
            let rows = statement.query_map(params![notice, after, most], |row| {
                Ok(Line {
                    id: row.get(0)?,
                    person: row.get(1)?,
                    address: row.get(2)?,
                    state: row.get(3)?,
                    events: Vec::new(),
                })
            })?;
            rows.collect()
        })
        .map_err(&at)?;
    for line in &mut lines {
        line.events = events(connection, line.id)?;
    }
    Ok(lines)
}

/// What has happened to one receiver's notice, in the order in which it happened.
pub(super) fn events(connection: &Connection, line: i64) -> Result<Vec<Event>, StorageError> {
    connection
        .prepare_cached("SELECT kind, time, detail FROM notice_event WHERE receiver = ?1 ORDER BY id")
        .and_then(|mut statement| statement.query_map([line], read_event)?.collect())
        .map_err(StorageError::at("events of a notice"))
}

pub(super) fn read_event(row: &Row<'_>) -> rusqlite::Result<Event> {
    let kind: String = row.get(0)?;
    let kind = EventKind::of_word(&kind).unwrap_or(EventKind::Accepted);
    Ok(Event { kind, time: Timestamp(row.get(1)?), detail: row.get(2)? })
}
