//! Which colleague writes to which phone through which modem.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::incoming::count;
use super::{Store, StoreError};
use crate::clock::Moment;
use crate::conversation::Colleague;

/// One colleague's conversation with one phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correspondence {
    /// The colleague.
    pub person: String,
    /// What the colleague's texts are signed with.
    pub name: String,
    /// The address they know the phone by.
    pub recipient: String,
    /// The modem it goes through; empty when no modem is its own.
    pub modem: String,
    /// The short number that the phone's owner can put in front.
    pub tag: u32,
    /// When it was used last.
    pub used: Moment,
}

impl Store {
    /// Who wrote the last text that this phone got or is getting; our own answers do not count.
    pub(crate) async fn last_writer(&self, number: String) -> Result<Option<String>, StoreError> {
        self.look_up(move |connection| {
            connection
                .prepare_cached(
                    "SELECT origin FROM text WHERE number = ?1 AND origin <> 'gateway' AND state <> 'failed' \
                     ORDER BY id DESC LIMIT 1",
                )
                .and_then(|mut statement| statement.query_row([number], |row| row.get(0)).optional())
                .map_err(StoreError::at("find the last writer"))
        })
        .await
    }

    /// All who write to a phone, the newest first.
    pub(crate) async fn correspondences(&self, number: String) -> Result<Vec<Correspondence>, StoreError> {
        self.run(move |connection| of_number(connection, &number)).await
    }

    /// A colleague writes to a phone: gives the conversation, with a tag no other has and, when some of these
    /// modems belong to nobody else there, the one for which the fewest texts wait.
    pub(crate) async fn correspond(
        &self,
        number: String,
        writer: Colleague,
        recipient: String,
        modems: Vec<String>,
        now: Moment,
    ) -> Result<Correspondence, StoreError> {
        self.run(move |connection| {
            let Colleague { address: person, name } = writer;
            let known = of_number(connection, &number)?;
            let known_one = known.iter().find(|one| one.person == person);
            let tag = known_one
                .map_or_else(|| known.iter().map(|one| one.tag).max().unwrap_or(0) + 1, |one| one.tag);
            let is_taken = |modem: &str| known.iter().any(|one| one.person != person && one.modem == modem);
            let own = known_one.map(|one| one.modem.clone()).filter(|modem| modems.contains(modem));
            let modem = match own {
                Some(own) => own,
                None => least_wanted(connection, modems.into_iter().filter(|modem| !is_taken(modem)))?,
            };
            connection
                .prepare_cached(
                    "INSERT INTO correspondence (number, person, recipient, modem, tag, used, name) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (number, person) \
                     DO UPDATE SET recipient = ?3, modem = ?4, used = ?6, name = ?7",
                )
                .and_then(|mut statement| {
                    statement.execute(params![number, person, recipient, modem, tag, now.0, name])
                })
                .map_err(StoreError::at("note a correspondence"))?;
            Ok(Correspondence { person, name, recipient, modem, tag, used: now })
        })
        .await
    }

    /// A text of a phone nobody knows came: noted for the administrator, without what it says.
    pub(crate) async fn ignore(&self, number: String, modem: String, now: Moment) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("INSERT INTO ignored (modem, number, received) VALUES (?1, ?2, ?3)")
                .and_then(|mut statement| statement.execute(params![modem, number, now.0]))
                .map_err(StoreError::at("note an ignored text"))?;
            count(connection, "ignored")
        })
        .await
    }

    /// Phones nobody knows that wrote lately, the newest first: number, modem, when.
    ///
    /// # Errors
    /// SQLite's.
    pub async fn ignored(&self) -> Result<Vec<(String, String, Moment)>, StoreError> {
        self.run(|connection| {
            connection
                .prepare_cached("SELECT number, modem, received FROM ignored ORDER BY id DESC LIMIT 100")
                .and_then(|mut statement| {
                    let rows =
                        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, Moment(row.get(2)?))))?;
                    rows.collect()
                })
                .map_err(StoreError::at("read ignored texts"))
        })
        .await
    }

    /// The phone's owner was told how to answer this colleague. True the first time.
    pub(crate) async fn explain(&self, number: String, person: String) -> Result<bool, StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO explained (number, person) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                )
                .and_then(|mut statement| statement.execute(params![number, person]))
                .map(|inserted| inserted > 0)
                .map_err(StoreError::at("note an explanation"))
        })
        .await
    }
}

/// The modem for which the fewest texts wait, the first of those; empty when there is none.
fn least_wanted(connection: &Connection, modems: impl Iterator<Item = String>) -> Result<String, StoreError> {
    let mut waiting: BTreeMap<String, i64> = connection
        .prepare_cached("SELECT modem, texts FROM queue")
        .and_then(|mut statement| statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .map_err(StoreError::at("count what waits for modems"))?;
    let modem = modems.min_by_key(|modem| waiting.remove(modem).unwrap_or_default());
    Ok(modem.unwrap_or_default())
}

fn of_number(connection: &Connection, number: &str) -> Result<Vec<Correspondence>, StoreError> {
    connection
        .prepare_cached(
            "SELECT person, recipient, modem, tag, used, name FROM correspondence WHERE number = ?1 \
             ORDER BY used DESC, tag",
        )
        .and_then(|mut statement| {
            let rows = statement.query_map([number], correspondence)?;
            rows.collect()
        })
        .map_err(StoreError::at("read correspondences"))
}

fn correspondence(row: &Row<'_>) -> rusqlite::Result<Correspondence> {
    Ok(Correspondence {
        person: row.get(0)?,
        recipient: row.get(1)?,
        modem: row.get(2)?,
        tag: row.get(3)?,
        used: Moment(row.get(4)?),
        name: row.get(5)?,
    })
}
