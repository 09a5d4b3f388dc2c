//! Texts to phones and their parts.

mod attempts;
mod due;
mod parts;
mod reports;
mod settling;

pub(crate) use due::{Look, Page, Place};
pub(crate) use parts::Wait;
pub(crate) use reports::NewReport;
pub(crate) use settling::Deadline;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Judge, Store, StoreError, usage};
use crate::clock::Moment;
use crate::outbox::{Failure, Order, PartState, TextState, aggregate};
use crate::quotas::Refusal;

/// A text to keep.
#[derive(Debug, Clone)]
pub struct NewText {
    /// What is wanted.
    pub order: Order,
    /// How many messages it takes.
    pub parts: usize,
    /// When it was taken.
    pub created: Moment,
    /// When it is too old.
    pub expires: Moment,
    /// Until when it waits although it could go; 0 when it need not.
    pub held: Moment,
    /// What a message of it costs, in millionths.
    pub price: i64,
}

/// What became of a text that was to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is kept.
    New,
    /// Its sender had given it before.
    Known,
    /// It is over a limit.
    Refused(Refusal),
}

/// A text that may be sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueText {
    /// Its number here.
    pub id: i64,
    /// The phone.
    pub number: String,
    /// What it says.
    pub body: String,
    /// Shown at once and not kept.
    pub is_flash: bool,
    /// The modem its conversation belongs to; empty for any.
    pub wanted: String,
    /// The modem its first parts went through; empty before.
    pub pinned: String,
    /// The modem it did not get through with; empty for none.
    pub avoided: String,
    /// Tries that count.
    pub attempts: u32,
    /// When it is too old.
    pub expires: Moment,
    /// Its parts that wait, in their order.
    pub queued: Vec<u8>,
}

/// A text as its sender knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRow {
    /// Its number here.
    pub id: i64,
    /// Who asked.
    pub origin: String,
    /// Their name for it.
    pub origin_id: String,
    /// Where errors go.
    pub reply_to: String,
    /// The address that was written to.
    pub recipient: String,
    /// The phone.
    pub number: String,
    /// How far it is.
    pub state: TextState,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// The state its sender knows.
    pub told: TextState,
    /// A part of it was sent a second time.
    pub is_resent: bool,
    /// Until when it waits although it could go; 0 when it need not.
    pub held: Moment,
}

/// A part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartRow {
    /// Its number, from 1.
    pub number: u8,
    /// How far it is.
    pub state: PartState,
    /// The modem that has or had it.
    pub modem: String,
    /// It was sent a second time.
    pub is_resent: bool,
}

impl Store {
    /// Keeps a text unless this sender had given it before, or `judge` finds it over a limit.
    pub(crate) async fn take_text(&self, text: NewText, judge: Judge) -> Result<Taken, StoreError> {
        self.run(move |connection| {
            let order = &text.order;
            if is_known(connection, order)? {
                return Ok(Taken::Known);
            }
            let (day, messages) = (judge.day, i64::try_from(text.parts).unwrap_or(i64::MAX));
            if let Err(refusal) = judge.grant(connection, &order.origin, messages)? {
                return Ok(Taken::Refused(refusal));
            }
            connection
                .prepare_cached(
                    "INSERT INTO text (origin, origin_id, number, recipient, body, is_flash, wanted, created, \
                     due, expires, reply_to, told, held, day, price) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, max(?8, ?11), ?9, ?10, '', ?11, ?12, ?13)",
                )
                .and_then(|mut statement| {
                    statement.execute(params![
                        order.origin,
                        order.origin_id,
                        order.number,
                        order.recipient,
                        order.body,
                        order.is_flash,
                        order.wanted.as_deref().unwrap_or_default(),
                        text.created.0,
                        text.expires.0,
                        order.reply_to,
                        text.held.0,
                        day,
                        text.price
                    ])
                })
                .map_err(StoreError::at("take a text"))?;
            let id = connection.last_insert_rowid();
            for number in 1..=text.parts {
                let number = i64::try_from(number).unwrap_or(i64::MAX);
                connection
                    .prepare_cached("INSERT INTO part (text, number) VALUES (?1, ?2)")
                    .and_then(|mut statement| statement.execute(params![id, number]))
                    .map_err(StoreError::at("take a part"))?;
            }
            Ok(Taken::New)
        })
        .await
    }

    /// Texts whose sender does not know their state.
    pub(crate) async fn untold_texts(&self) -> Result<Vec<TextRow>, StoreError> {
        self.run(|connection| {
            let mut statement = connection
                .prepare_cached(
                    "SELECT id, origin, origin_id, recipient, number, state, class, told, reply_to, held, EXISTS \
                     (SELECT 1 FROM part WHERE part.text = text.id AND part.resends > 0) FROM text \
                     WHERE told <> state ORDER BY id LIMIT 256",
                )
                .map_err(StoreError::at("find untold texts"))?;
            let rows = statement.query_map([], text_row).map_err(StoreError::at("find untold texts"))?;
            rows.collect::<Result<_, _>>().map_err(StoreError::at("find untold texts"))
        })
        .await
    }

    /// The senders know these states; newer ones stay untold.
    pub(crate) async fn texts_are_told(&self, states: Vec<(i64, TextState)>) -> Result<(), StoreError> {
        self.run(move |connection| {
            let mut statement = connection
                .prepare_cached("UPDATE text SET told = ?2 WHERE id = ?1")
                .map_err(StoreError::at("note that a state is told"))?;
            for (id, state) in states {
                statement
                    .execute(params![id, state.word()])
                    .map_err(StoreError::at("note that a state is told"))?;
            }
            Ok(())
        })
        .await
    }

    /// Nobody is known to know the state of this text.
    pub(crate) async fn text_is_untold(&self, origin: String, origin_id: String) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("UPDATE text SET told = '' WHERE origin = ?1 AND origin_id = ?2")
                .and_then(|mut statement| statement.execute(params![origin, origin_id]))
                .map(|_| ())
                .map_err(StoreError::at("tell a state again"))
        })
        .await
    }

    /// A text by its sender's name for it.
    pub(crate) async fn find_text(
        &self,
        origin: String,
        origin_id: String,
    ) -> Result<Option<TextRow>, StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "SELECT id, origin, origin_id, recipient, number, state, class, told, reply_to, held, EXISTS \
                     (SELECT 1 FROM part WHERE part.text = text.id AND part.resends > 0) FROM text \
                     WHERE origin = ?1 AND origin_id = ?2",
                )
                .and_then(|mut statement| {
                    statement.query_row(params![origin, origin_id], text_row).optional()
                })
                .map_err(StoreError::at("find a text"))
        })
        .await
    }
}

fn is_known(connection: &Connection, order: &Order) -> Result<bool, StoreError> {
    connection
        .prepare_cached("SELECT 1 FROM text WHERE origin = ?1 AND origin_id = ?2 AND number = ?3")
        .and_then(|mut statement| {
            statement.query_row(params![order.origin, order.origin_id, order.number], |_| Ok(())).optional()
        })
        .map(|found| found.is_some())
        .map_err(StoreError::at("look for a text"))
}

fn text_row(row: &Row<'_>) -> rusqlite::Result<TextRow> {
    let (state, class, told): (String, String, String) = (row.get(5)?, row.get(6)?, row.get(7)?);
    Ok(TextRow {
        id: row.get(0)?,
        origin: row.get(1)?,
        origin_id: row.get(2)?,
        recipient: row.get(3)?,
        number: row.get(4)?,
        state: TextState::of_word(&state),
        failure: Failure::of_word(&class),
        told: TextState::of_word(&told),
        reply_to: row.get(8)?,
        held: Moment(row.get(9)?),
        is_resent: row.get(10)?,
    })
}

/// Writes the state that follows from the parts. A text that was given up stays so, unless it arrived after all.
fn refresh(connection: &Connection, text: i64) -> Result<TextState, StoreError> {
    let states: Vec<PartState> = connection
        .prepare_cached("SELECT state FROM part WHERE text = ?1 ORDER BY number")
        .and_then(|mut statement| {
            let rows = statement.query_map([text], |row| row.get::<_, String>(0))?;
            rows.map(|word| word.map(|word| PartState::of_word(&word))).collect()
        })
        .map_err(StoreError::at("read a text's parts"))?;
    let state = aggregate(&states);
    connection
        .prepare_cached(
            "UPDATE text SET state = ?2, class = '' \
             WHERE id = ?1 AND state <> ?2 AND (state <> 'failed' OR ?2 = 'delivered')",
        )
        .and_then(|mut statement| statement.execute(params![text, state.word()]))
        .map_err(StoreError::at("write a text's state"))?;
    Ok(state)
}

fn fail(connection: &Connection, text: i64, failure: Failure) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE text SET state = 'failed', class = ?2 WHERE id = ?1")
        .and_then(|mut statement| statement.execute(params![text, failure.word()]))
        .map(|_| ())
        .map_err(StoreError::at("fail a text"))
}
