//! Which modem and SIM each name of the settings stands for. What is kept under a name is about a SIM: it goes with
//! the card from one modem to another, and waits under the card's number while that is in none.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Store, StoreError};
use crate::clock::Moment;

/// What is known of a modem by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownModem {
    pub(crate) name: String,
    pub(crate) imei: String,
}

/// Attempts of this time still matter: reports come for a week.
const ATTEMPTS: std::time::Duration = std::time::Duration::from_secs(8 * 86_400);

/// All that is about a SIM, and what of it still matters.
const KEPT: [&str; 8] = [
    "UPDATE correspondence SET modem = ?2 WHERE modem = ?1",
    "UPDATE text SET wanted = ?2 WHERE wanted = ?1 AND state IN ('queued', 'sending')",
    "UPDATE text SET pinned = ?2 WHERE pinned = ?1 AND state IN ('queued', 'sending', 'unconfirmed')",
    "UPDATE part SET modem = ?2 WHERE modem = ?1 AND state IN ('queued', 'sending', 'unconfirmed')",
    "UPDATE attempt SET modem = ?2 WHERE modem = ?1 AND given > ?3",
    "UPDATE OR IGNORE report SET modem = ?2 WHERE modem = ?1",
    "UPDATE OR REPLACE waiting SET modem = ?2 WHERE modem = ?1",
    "UPDATE incoming SET modem = ?2 WHERE modem = ?1 AND is_handed = 0",
];

impl Store {
    /// The modems that were known by a name.
    pub(crate) async fn known_modems(&self) -> Result<Vec<KnownModem>, StoreError> {
        self.run(|connection| {
            connection
                .prepare_cached("SELECT name, imei FROM known_modem ORDER BY name")
                .and_then(|mut statement| {
                    let rows = statement
                        .query_map([], |row| Ok(KnownModem { name: row.get(0)?, imei: row.get(1)? }))?;
                    rows.collect()
                })
                .map_err(StoreError::at("read known modems"))
        })
        .await
    }

    /// This modem with this SIM is the one of that name. What is kept for the SIM comes along; true when that was
    /// somewhere else, or when another SIM was there before.
    pub(crate) async fn modem_is(
        &self,
        name: String,
        imei: String,
        imsi: String,
        now: Moment,
    ) -> Result<bool, StoreError> {
        self.run(move |connection| {
            let before = sim_of(connection, &name)?;
            note(connection, &name, &imei, &imsi)?;
            if before.as_ref() == Some(&imsi) {
                return Ok(false);
            }
            if let Some(old) = before.as_ref().filter(|old| !old.is_empty()) {
                move_all(connection, &name, &absent(old), now)?;
            }
            let elsewhere = take_from_others(connection, &name, &imsi)?;
            let place = elsewhere.clone().unwrap_or_else(|| absent(&imsi));
            move_all(connection, &place, &name, now)?;
            Ok(elsewhere.is_some() || before.is_some())
        })
        .await
    }
}

/// Where what is kept for a SIM waits that is in no modem. No name in settings has a line break.
fn absent(imsi: &str) -> String {
    format!("sim\n{imsi}")
}

fn sim_of(connection: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    connection
        .prepare_cached("SELECT imsi FROM known_modem WHERE name = ?1")
        .and_then(|mut statement| statement.query_row([name], |row| row.get(0)).optional())
        .map_err(StoreError::at("read a modem's SIM"))
}

fn note(connection: &Connection, name: &str, imei: &str, imsi: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO known_modem (name, imei, imsi) VALUES (?1, ?2, ?3) \
             ON CONFLICT (name) DO UPDATE SET imei = ?2, imsi = ?3",
        )
        .and_then(|mut statement| statement.execute(params![name, imei, imsi]))
        .map(|_| ())
        .map_err(StoreError::at("note a modem"))
}

/// The name that the SIM had before, which has none from now on.
fn take_from_others(connection: &Connection, name: &str, imsi: &str) -> Result<Option<String>, StoreError> {
    connection
        .prepare_cached("UPDATE known_modem SET imsi = '' WHERE imsi = ?2 AND name <> ?1 RETURNING name")
        .and_then(|mut statement| statement.query_row(params![name, imsi], |row| row.get(0)).optional())
        .map_err(StoreError::at("find where a SIM was"))
}

fn move_all(connection: &Connection, from: &str, to: &str, now: Moment) -> Result<(), StoreError> {
    let since = now.before(ATTEMPTS).0;
    for statement in KEPT {
        connection
            .prepare_cached(statement)
            .and_then(|mut prepared| match prepared.parameter_count() {
                3 => prepared.execute(params![from, to, since]),
                _ => prepared.execute(params![from, to]),
            })
            .map_err(StoreError::at(statement))?;
    }
    connection
        .execute_batch(
            "DELETE FROM queue; INSERT INTO queue SELECT wanted, count(*) FROM text \
             WHERE state IN ('queued', 'sending') GROUP BY wanted;",
        )
        .map_err(StoreError::at("count what waits for each modem"))
}
