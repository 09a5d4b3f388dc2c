//! What came from phones: marks against doubles, parts that wait, whole texts for the server.

use rusqlite::{Connection, params};

use super::{Store, StoreError};
use crate::clock::Moment;

/// A message that came and was never seen before.
#[derive(Debug, Clone)]
pub enum Kept {
    /// A whole text.
    Whole {
        /// What it says.
        body: String,
    },
    /// A part of a longer one.
    Part {
        /// The number all parts share; with its width, so that both widths never meet.
        reference: i64,
        /// How many there are.
        total: u8,
        /// Which one this is.
        number: u8,
        /// The PDU, to be joined with the others.
        digits: String,
    },
    /// Counted only: pictures, data.
    Counted {
        /// Under which name.
        name: &'static str,
    },
    /// Of no interest; only known again when it comes twice.
    Marked,
}

/// A message with what is known about it.
#[derive(Debug, Clone)]
pub struct Report {
    /// The modem it came through.
    pub modem: String,
    /// Who sent it.
    pub sender: String,
    /// A number that the same message has again and no other has.
    pub mark: i64,
    /// When it was sent.
    pub sent: Moment,
    /// When it came.
    pub received: Moment,
    /// What it is.
    pub kept: Kept,
}

/// A whole text that the server does not have yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its number here.
    pub id: i64,
    /// The modem it came through.
    pub modem: String,
    /// Who sent it.
    pub sender: String,
    /// What it says.
    pub body: String,
    /// Parts are missing.
    pub is_complete: bool,
    /// When it was sent.
    pub sent: Moment,
}

/// A longer text's parts in their order, with the PDUs; `None` where one is missing.
type Parts = Vec<Option<String>>;

impl Store {
    /// Keeps a message. `join` makes the text of a longer one when its last part came. False when the same
    /// message had come before.
    pub(crate) async fn keep(
        &self,
        report: Report,
        join: impl Fn(&[Option<String>]) -> String + Send + 'static,
    ) -> Result<bool, StoreError> {
        self.run(move |connection| {
            if !mark(connection, report.mark, report.received)? {
                count(connection, "doubles")?;
                return Ok(false);
            }
            put(connection, &report, &join)?;
            Ok(true)
        })
        .await
    }

    /// Keeps a message of a carrier, which is owed an answer: gives that one's number.
    pub(crate) async fn keep_owed(
        &self,
        report: Report,
        join: impl Fn(&[Option<String>]) -> String + Send + 'static,
    ) -> Result<i64, StoreError> {
        self.run(move |connection| {
            put(connection, &report, &join)?;
            connection
                .prepare_cached("INSERT INTO owed_answer (line, mark, received) VALUES (?1, ?2, ?3)")
                .and_then(|mut statement| {
                    statement.execute(params![report.modem, report.mark, report.received.0])
                })
                .map_err(StoreError::at("note an owed answer"))?;
            Ok(connection.last_insert_rowid())
        })
        .await
    }

    /// Texts since then whose answer may not have reached the carrier: number and mark, in their order. Older
    /// ones are forgotten.
    pub(crate) async fn owed_answers(
        &self,
        line: String,
        since: Moment,
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("DELETE FROM owed_answer WHERE line = ?1 AND received < ?2")
                .and_then(|mut statement| statement.execute(params![line, since.0]))
                .map_err(StoreError::at("forget owed answers"))?;
            connection
                .prepare_cached("SELECT id, mark FROM owed_answer WHERE line = ?1 ORDER BY id")
                .and_then(|mut statement| {
                    let rows = statement.query_map([line], |row| Ok((row.get(0)?, row.get(1)?)))?;
                    rows.collect()
                })
                .map_err(StoreError::at("read owed answers"))
        })
        .await
    }

    /// The carrier has these answers.
    pub(crate) async fn answers_arrived(&self, rows: Vec<i64>) -> Result<(), StoreError> {
        self.run(move |connection| {
            let mut statement = connection
                .prepare_cached("DELETE FROM owed_answer WHERE id = ?1")
                .map_err(StoreError::at("note that answers arrived"))?;
            rows.iter().try_for_each(|row| {
                statement.execute([row]).map(|_| ()).map_err(StoreError::at("note that answers arrived"))
            })
        })
        .await
    }

    /// Keeps what nobody can read, for the administrator.
    pub(crate) async fn keep_unreadable(
        &self,
        modem: String,
        digits: String,
        now: Moment,
    ) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("INSERT INTO unreadable (modem, digits, received) VALUES (?1, ?2, ?3)")
                .and_then(|mut statement| statement.execute(params![modem, digits, now.0]))
                .map_err(StoreError::at("keep an unreadable message"))?;
            count(connection, "unreadable")
        })
        .await
    }

    /// Longer texts whose parts waited since before `before` are given as they are. Says how many.
    pub(crate) async fn give_up_waiting(
        &self,
        before: Moment,
        now: Moment,
        join: impl Fn(&[Option<String>]) -> String + Send + 'static,
    ) -> Result<usize, StoreError> {
        self.run(move |connection| {
            let groups = old_groups(connection, before)?;
            for (modem, sender, reference, total) in &groups {
                let parts = parts(connection, modem, sender, *reference, *total)?;
                let report = Report {
                    modem: modem.clone(),
                    sender: sender.clone(),
                    mark: 0,
                    sent: now,
                    received: now,
                    kept: Kept::Counted { name: "incomplete" },
                };
                whole(connection, &report, &join(&parts), false)?;
                forget_parts(connection, modem, sender, *reference, *total)?;
                count(connection, "incomplete")?;
            }
            connection
                .prepare_cached("DELETE FROM seen WHERE received < ?1")
                .and_then(|mut statement| {
                    statement.execute([now.before(std::time::Duration::from_secs(30 * 86_400)).0])
                })
                .map_err(StoreError::at("forget old marks"))?;
            Ok(groups.len())
        })
        .await
    }

    /// Whole texts the server does not have, oldest first.
    pub(crate) async fn unhanded(&self) -> Result<Vec<Waiting>, StoreError> {
        self.run(|connection| {
            let mut statement = connection
                .prepare_cached(
                    "SELECT id, modem, sender, body, is_complete, sent FROM incoming WHERE is_handed = 0 \
                     ORDER BY id LIMIT 64",
                )
                .map_err(StoreError::at("find new texts"))?;
            let rows = statement
                .query_map([], |row| {
                    Ok(Waiting {
                        id: row.get(0)?,
                        modem: row.get(1)?,
                        sender: row.get(2)?,
                        body: row.get(3)?,
                        is_complete: row.get(4)?,
                        sent: Moment(row.get(5)?),
                    })
                })
                .map_err(StoreError::at("find new texts"))?;
            rows.collect::<Result<_, _>>().map_err(StoreError::at("find new texts"))
        })
        .await
    }

    /// The server has it.
    pub(crate) async fn is_handed(&self, id: i64) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("UPDATE incoming SET is_handed = 1 WHERE id = ?1")
                .and_then(|mut statement| statement.execute([id]))
                .map(|_| ())
                .map_err(StoreError::at("note that the server has a text"))
        })
        .await
    }

    /// Adds one to a counter.
    pub(crate) async fn count(&self, name: &'static str) -> Result<(), StoreError> {
        self.run(move |connection| count(connection, name)).await
    }

    /// All counters.
    ///
    /// # Errors
    /// SQLite's.
    pub async fn counters(&self) -> Result<Vec<(String, i64)>, StoreError> {
        self.run(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT name, value FROM counter ORDER BY name")
                .map_err(StoreError::at("read counters"))?;
            let rows = statement
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
                .map_err(StoreError::at("read counters"))?;
            rows.collect::<Result<_, _>>().map_err(StoreError::at("read counters"))
        })
        .await
    }
}

fn put(
    connection: &Connection,
    report: &Report,
    join: &impl Fn(&[Option<String>]) -> String,
) -> Result<(), StoreError> {
    match &report.kept {
        Kept::Whole { body } => whole(connection, report, body, true),
        Kept::Counted { name } => count(connection, name),
        Kept::Marked => Ok(()),
        Kept::Part { reference, total, number, digits } => {
            put_part(connection, report, *reference, *total, *number, digits)?;
            let parts = parts(connection, &report.modem, &report.sender, *reference, *total)?;
            if !parts.iter().all(Option::is_some) {
                return Ok(());
            }
            whole(connection, report, &join(&parts), true)?;
            forget_parts(connection, &report.modem, &report.sender, *reference, *total)
        }
    }
}

fn mark(connection: &Connection, mark: i64, now: Moment) -> Result<bool, StoreError> {
    connection
        .prepare_cached("INSERT INTO seen (mark, received) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
        .and_then(|mut statement| statement.execute(params![mark, now.0]))
        .map(|inserted| inserted > 0)
        .map_err(StoreError::at("mark a message"))
}

pub(super) fn count(connection: &Connection, name: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO counter (name, value) VALUES (?1, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1",
        )
        .and_then(|mut statement| statement.execute([name]))
        .map(|_| ())
        .map_err(StoreError::at("count"))
}

fn whole(connection: &Connection, report: &Report, body: &str, is_complete: bool) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO incoming (modem, sender, body, is_complete, sent, received) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .and_then(|mut statement| {
            let values =
                params![report.modem, report.sender, body, is_complete, report.sent.0, report.received.0];
            statement.execute(values)
        })
        .map(|_| ())
        .map_err(StoreError::at("keep a text"))
}

fn put_part(
    connection: &Connection,
    report: &Report,
    reference: i64,
    total: u8,
    number: u8,
    digits: &str,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO waiting (modem, sender, reference, total, number, digits, received) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .and_then(|mut statement| {
            let values =
                params![report.modem, report.sender, reference, total, number, digits, report.received.0];
            statement.execute(values)
        })
        .map(|_| ())
        .map_err(StoreError::at("keep a part"))
}

fn parts(
    connection: &Connection,
    modem: &str,
    sender: &str,
    reference: i64,
    total: u8,
) -> Result<Parts, StoreError> {
    let found: Vec<(u8, String)> = connection
        .prepare_cached(
            "SELECT number, digits FROM waiting \
             WHERE modem = ?1 AND sender = ?2 AND reference = ?3 AND total = ?4",
        )
        .and_then(|mut statement| {
            let values = params![modem, sender, reference, total];
            let rows = statement.query_map(values, |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
        .map_err(StoreError::at("read waiting parts"))?;
    Ok((1..=total)
        .map(|wanted| found.iter().find(|(number, _)| *number == wanted).map(|(_, digits)| digits.clone()))
        .collect())
}

fn forget_parts(
    connection: &Connection,
    modem: &str,
    sender: &str,
    reference: i64,
    total: u8,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "DELETE FROM waiting WHERE modem = ?1 AND sender = ?2 AND reference = ?3 AND total = ?4",
        )
        .and_then(|mut statement| statement.execute(params![modem, sender, reference, total]))
        .map(|_| ())
        .map_err(StoreError::at("forget joined parts"))
}

fn old_groups(connection: &Connection, before: Moment) -> Result<Vec<(String, String, i64, u8)>, StoreError> {
    connection
        .prepare_cached(
            "SELECT modem, sender, reference, total FROM waiting GROUP BY 1, 2, 3, 4 HAVING max(received) < ?1",
        )
        .and_then(|mut statement| {
            let rows = statement
                .query_map([before.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
            rows.collect()
        })
        .map_err(StoreError::at("find parts that waited too long"))
}
