//! What each sender texted, day by day, and what it cost.

use rusqlite::{Connection, params};

use super::{Store, StoreError};
use crate::quotas::{Refusal, Spent};

/// A sender's sums of a time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Usage {
    /// Who.
    pub origin: String,
    /// Texts taken.
    pub texts: i64,
    /// Messages they take.
    pub messages: i64,
    /// Texts that were over a limit.
    pub refused: i64,
    /// Messages given to the network, second times with them.
    pub sent: i64,
    /// What those cost, in millionths.
    pub cost: i64,
}

/// Whether a text may be taken, by what its sender was granted already.
pub(crate) struct Judge {
    /// The site's day.
    pub(crate) day: i32,
    /// The first day of its month.
    pub(crate) month: i32,
    /// What was granted before matters.
    pub(crate) counts: bool,
    /// The rule.
    pub(crate) rule: Box<dyn FnOnce(Spent) -> Result<(), Refusal> + Send>,
}

impl Judge {
    /// Notes a text of so many messages, or that it is refused.
    pub(super) fn grant(
        self,
        connection: &Connection,
        origin: &str,
        messages: i64,
    ) -> Result<Result<(), Refusal>, StoreError> {
        let sum = |from: i32| {
            connection
                .prepare_cached(
                    "SELECT coalesce(sum(messages), 0) FROM usage WHERE origin = ?1 AND day BETWEEN ?2 AND ?3",
                )
                .and_then(|mut statement| {
                    statement.query_row(params![origin, from, self.day], |row| row.get::<_, u32>(0))
                })
                .map_err(StoreError::at("sum up what a sender texted"))
        };
        let spent = if self.counts {
            Spent { day: sum(self.day)?, month: sum(self.month)? }
        } else {
            Spent::default()
        };
        let verdict = (self.rule)(spent);
        let (texts, messages, refused) = if verdict.is_ok() { (1, messages, 0) } else { (0, 0, 1) };
        connection
            .prepare_cached(
                "INSERT INTO usage (origin, day, texts, messages, refused) VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT (origin, day) DO UPDATE SET texts = texts + ?3, messages = messages + ?4, \
                 refused = refused + ?5",
            )
            .and_then(|mut statement| statement.execute(params![origin, self.day, texts, messages, refused]))
            .map_err(StoreError::at("note what a sender texted"))?;
        Ok(verdict)
    }
}

/// The network has a message of this text, or may have it: it costs.
pub(super) fn is_sent(connection: &Connection, text: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO usage (origin, day, sent, cost) SELECT origin, day, 1, price FROM text WHERE id = ?1 \
             ON CONFLICT (origin, day) DO UPDATE SET sent = sent + 1, cost = cost + excluded.cost",
        )
        .and_then(|mut statement| statement.execute([text]))
        .map(|_| ())
        .map_err(StoreError::at("note what a message costs"))
}

impl Store {
    /// Sums of all senders from one day to another, the dearest first.
    ///
    /// # Errors
    /// SQLite's.
    pub async fn usage(&self, from: i32, to: i32) -> Result<Vec<Usage>, StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "SELECT origin, sum(texts), sum(messages), sum(refused), sum(sent), sum(cost) FROM usage \
                     WHERE day BETWEEN ?1 AND ?2 GROUP BY origin ORDER BY sum(cost) DESC, sum(sent) DESC, origin",
                )
                .and_then(|mut statement| {
                    let rows = statement.query_map([from, to], |row| {
                        Ok(Usage {
                            origin: row.get(0)?,
                            texts: row.get(1)?,
                            messages: row.get(2)?,
                            refused: row.get(3)?,
                            sent: row.get(4)?,
                            cost: row.get(5)?,
                        })
                    })?;
                    rows.collect()
                })
                .map_err(StoreError::at("read what senders texted"))
        })
        .await
    }

    /// How many texts are in each state that were taken since this day; those that wait count always.
    ///
    /// # Errors
    /// SQLite's.
    pub async fn states_since(&self, day: i32) -> Result<Vec<(String, i64)>, StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "SELECT state, count(*) FROM (SELECT state FROM text WHERE day >= ?1 UNION ALL \
                     SELECT state FROM text WHERE state IN ('queued', 'sending') AND day < ?1) \
                     GROUP BY state ORDER BY state",
                )
                .and_then(|mut statement| {
                    let rows = statement.query_map([day], |row| Ok((row.get(0)?, row.get(1)?)))?;
                    rows.collect()
                })
                .map_err(StoreError::at("count texts by state"))
        })
        .await
    }

    /// How many texts came since then.
    ///
    /// # Errors
    /// SQLite's.
    pub async fn received_since(&self, since: crate::clock::Moment) -> Result<i64, StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("SELECT count(*) FROM incoming WHERE received >= ?1")
                .and_then(|mut statement| statement.query_row([since.0], |row| row.get(0)))
                .map_err(StoreError::at("count texts that came"))
        })
        .await
    }
}
