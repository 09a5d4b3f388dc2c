//! What the time decides about texts.

use rusqlite::params;

use super::{fail, refresh};
use crate::clock::Moment;
use crate::outbox::Failure;
use crate::store::{Store, StoreError};

impl Store {
    /// After a crash nobody knows whether parts that were being sent are out.
    pub(crate) async fn texts_under_way_are_unconfirmed(&self, now: Moment) -> Result<(), StoreError> {
        self.run(move |connection| {
            let texts = ids(
                connection,
                "UPDATE part SET state = 'unconfirmed', sent = ?1 WHERE state = 'sending' RETURNING text",
                &[now.0],
            )?;
            texts.into_iter().try_for_each(|text| refresh(connection, text).map(|_| ()))
        })
        .await
    }

    /// Unconfirmed parts given to modems before `before` count as lost: sent once more, or failed. Says how
    /// many texts changed.
    pub(crate) async fn settle_unconfirmed(
        &self,
        before: Moment,
        now: Moment,
        resends: bool,
    ) -> Result<usize, StoreError> {
        self.run(move |connection| {
            let again = ids(
                connection,
                "UPDATE part SET state = 'queued', resends = resends + 1 \
                 WHERE state = 'unconfirmed' AND sent < ?1 AND resends = 0 AND ?2 RETURNING text",
                &[before.0, i64::from(resends)],
            )?;
            for text in &again {
                connection
                    .prepare_cached("UPDATE text SET due = ?2 WHERE id = ?1")
                    .and_then(|mut statement| statement.execute(params![text, now.0]))
                    .map_err(StoreError::at("send a text again"))?;
                refresh(connection, *text)?;
            }
            let lost = ids(
                connection,
                "UPDATE part SET state = 'failed' WHERE state = 'unconfirmed' AND sent < ?1 RETURNING text",
                &[before.0],
            )?;
            for text in &lost {
                fail(connection, *text, Failure::Unconfirmed)?;
            }
            Ok(again.len() + lost.len())
        })
        .await
    }

    /// Texts that waited too long. Those a modem has are let be. Says how many.
    pub(crate) async fn expire_texts(&self, now: Moment) -> Result<usize, StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "UPDATE text SET state = 'failed', class = 'expired' \
                     WHERE state IN ('queued', 'sending') AND expires <= ?1 AND NOT EXISTS \
                     (SELECT 1 FROM part WHERE part.text = text.id AND part.state = 'sending')",
                )
                .and_then(|mut statement| statement.execute([now.0]))
                .map_err(StoreError::at("expire texts"))
        })
        .await
    }

    /// Texts whose modem did not come back: begun again with any other. Says how many.
    pub(crate) async fn unpin_texts(&self, before: Moment, now: Moment) -> Result<usize, StoreError> {
        self.run(move |connection| {
            let texts = ids(
                connection,
                "UPDATE text SET pinned = '', due = ?2 WHERE state = 'sending' AND pinned <> '' AND due < ?1 \
                 AND NOT EXISTS (SELECT 1 FROM part WHERE part.text = text.id AND part.state = 'sending') \
                 AND EXISTS (SELECT 1 FROM part WHERE part.text = text.id AND part.state = 'queued') \
                 RETURNING id",
                &[before.0, now.0],
            )?;
            for text in &texts {
                connection
                    .prepare_cached(
                        "UPDATE part SET state = 'queued', resends = resends + 1 \
                         WHERE text = ?1 AND state IN ('sent', 'unconfirmed')",
                    )
                    .and_then(|mut statement| statement.execute([text]))
                    .map_err(StoreError::at("begin a text again"))?;
                refresh(connection, *text)?;
            }
            Ok(texts.len())
        })
        .await
    }
}

fn ids(
    connection: &rusqlite::Connection,
    statement: &'static str,
    values: &[i64],
) -> Result<Vec<i64>, StoreError> {
    connection
        .prepare_cached(statement)
        .and_then(|mut prepared| {
            let rows = prepared.query_map(rusqlite::params_from_iter(values), |row| row.get(0))?;
            rows.collect()
        })
        .map_err(StoreError::at(statement))
}
