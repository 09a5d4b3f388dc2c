//! Which colleague writes to which phone through which modem.

use rusqlite::{Connection, Row, params};

use super::{Store, StoreError};
use crate::clock::Moment;

/// One colleague's conversation with one phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correspondence {
    /// The colleague.
    pub person: String,
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
    /// All who write to a phone, the newest first.
    pub(crate) async fn correspondences(&self, number: String) -> Result<Vec<Correspondence>, StoreError> {
        self.run(move |connection| of_number(connection, &number)).await
    }

    /// A colleague writes to a phone: gives the conversation, with a tag no other has and, when one of these
    /// modems belongs to nobody else there, that modem.
    pub(crate) async fn correspond(
        &self,
        number: String,
        person: String,
        recipient: String,
        modems: Vec<String>,
        now: Moment,
    ) -> Result<Correspondence, StoreError> {
        self.run(move |connection| {
            let known = of_number(connection, &number)?;
            let known_one = known.iter().find(|one| one.person == person);
            let tag = known_one
                .map_or_else(|| known.iter().map(|one| one.tag).max().unwrap_or(0) + 1, |one| one.tag);
            let is_taken = |modem: &str| known.iter().any(|one| one.person != person && one.modem == modem);
            let modem = known_one
                .map(|one| one.modem.clone())
                .filter(|modem| !modem.is_empty() && modems.contains(modem))
                .or_else(|| modems.iter().find(|modem| !is_taken(modem)).cloned())
                .unwrap_or_default();
            connection
                .prepare_cached(
                    "INSERT INTO correspondence (number, person, recipient, modem, tag, used) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (number, person) \
                     DO UPDATE SET recipient = ?3, modem = ?4, used = ?6",
                )
                .and_then(|mut statement| {
                    statement.execute(params![number, person, recipient, modem, tag, now.0])
                })
                .map_err(StoreError::at("note a correspondence"))?;
            Ok(Correspondence { person, recipient, modem, tag, used: now })
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

fn of_number(connection: &Connection, number: &str) -> Result<Vec<Correspondence>, StoreError> {
    connection
        .prepare_cached(
            "SELECT person, recipient, modem, tag, used FROM correspondence WHERE number = ?1 ORDER BY used DESC, tag",
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
    })
}
