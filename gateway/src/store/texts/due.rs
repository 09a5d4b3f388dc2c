//! Which texts could be sent now. Texts wait in lanes, one for each modem that has to take them and one for all
//! others, so that what waits for a busy modem is in nobody's way.

#[cfg(test)]
mod properties;

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::DueText;
use crate::clock::Moment;
use crate::store::{Store, StoreError};

/// Where in a lane the reading goes on: behind the text with this due time and number.
pub(crate) type Place = (i64, i64);

/// Some texts of a lane, the longest waiting first. What one colleague writes to one phone keeps its order: a
/// text waits for those before it.
#[derive(Debug)]
pub(crate) struct Page {
    /// The modem that has to take them; empty for any.
    pub(crate) lane: String,
    pub(crate) texts: Vec<DueText>,
    /// Where it ends, when there may be more behind it.
    pub(crate) more: Option<Place>,
}

/// What a look at the queue found.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) pages: Vec<Page>,
    /// When the next text becomes due that is not yet.
    pub(crate) next: Option<Moment>,
}

/// Texts of a lane that are read at a time.
const PAGE: usize = 64;

impl Store {
    /// A page of each lane that is open, read from these places on.
    pub(crate) async fn look(
        &self,
        now: Moment,
        places: BTreeMap<String, Place>,
        is_open: impl Fn(&str) -> bool + Send + 'static,
    ) -> Result<Look, StoreError> {
        self.look_up(move |connection| {
            release(connection, now)?;
            let mut pages = Vec::new();
            for lane in lanes(connection)?.into_iter().filter(|lane| is_open(lane)) {
                let place = places.get(&lane).copied().unwrap_or((i64::MIN, i64::MIN));
                pages.push(page(connection, lane, place, now)?);
            }
            Ok(Look { pages, next: next_due(connection, now)? })
        })
        .await
    }
}

/// Texts that were held until now are in their place of the queue again.
fn release(connection: &Connection, now: Moment) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE text SET is_held = 0 WHERE is_held = 1 AND held <= ?1")
        .and_then(|mut statement| statement.execute([now.0]))
        .map(|_| ())
        .map_err(StoreError::at("release held texts"))
}

/// Lanes in which something waits: a jump over the index for each.
fn lanes(connection: &Connection) -> Result<Vec<String>, StoreError> {
    connection
        .prepare_cached(
            "WITH RECURSIVE one (lane) AS (SELECT min(lane) FROM text \
             WHERE is_first = 1 AND state IN ('queued', 'sending') UNION ALL \
             SELECT (SELECT min(text.lane) FROM text WHERE text.lane > one.lane \
             AND is_first = 1 AND state IN ('queued', 'sending')) FROM one WHERE one.lane IS NOT NULL) \
             SELECT lane FROM one WHERE lane IS NOT NULL",
        )
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .map_err(StoreError::at("find lanes"))
}

fn page(connection: &Connection, lane: String, place: Place, now: Moment) -> Result<Page, StoreError> {
    let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
    let rows: Vec<(Place, DueText)> = connection
        .prepare_cached(
            "SELECT id, number, body, is_flash, wanted, pinned, avoided, attempts, expires, due, \
             (SELECT group_concat(part.number) FROM part \
             WHERE part.text = text.id AND part.state = 'queued') AS queued FROM text \
             WHERE is_first = 1 AND state IN ('queued', 'sending') AND lane = ?1 \
             AND (due, id) > (?2, ?3) AND due <= ?4 AND expires > ?4 AND queued IS NOT NULL \
             ORDER BY due, id LIMIT ?5",
        )
        .and_then(|mut statement| {
            let rows = statement.query_map(params![lane, place.0, place.1, now.0, limit], |row| {
                let text = DueText {
                    id: row.get(0)?,
                    number: row.get(1)?,
                    body: row.get(2)?,
                    is_flash: row.get(3)?,
                    wanted: row.get(4)?,
                    pinned: row.get(5)?,
                    avoided: row.get(6)?,
                    attempts: row.get(7)?,
                    expires: Moment(row.get(8)?),
                    queued: numbers(&row.get::<_, String>(10)?),
                };
                Ok(((row.get(9)?, text.id), text))
            })?;
            rows.collect()
        })
        .map_err(StoreError::at("find due texts"))?;
    let more = rows.last().map(|(place, _)| *place).filter(|_| rows.len() == PAGE);
    Ok(Page { lane, texts: rows.into_iter().map(|(_, text)| text).collect(), more })
}

/// The parts of a list such as `1,2,3`.
fn numbers(list: &str) -> Vec<u8> {
    let mut numbers: Vec<u8> = list.split(',').filter_map(|number| number.parse().ok()).collect();
    numbers.sort_unstable();
    numbers
}

fn next_due(connection: &Connection, now: Moment) -> Result<Option<Moment>, StoreError> {
    connection
        .prepare_cached("SELECT min(due) FROM text WHERE state IN ('queued', 'sending') AND due > ?1")
        .and_then(|mut statement| statement.query_row([now.0], |row| row.get::<_, Option<i64>>(0)))
        .map(|due| due.map(Moment))
        .map_err(StoreError::at("find the next due text"))
}
