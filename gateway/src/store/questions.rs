//! Questions that came in a chat, until they are answered.

use rusqlite::params;

use super::{Store, StoreError};
use crate::clock::Moment;

/// A question that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptQuestion {
    /// Its number; never used again.
    pub id: i64,
    /// The client that asks.
    pub asker: String,
    /// The `id` of its stanza.
    pub stanza: String,
    /// What it says.
    pub said: String,
    /// When it came.
    pub asked: Moment,
}

impl Store {
    /// Keeps a question; `None` when so many wait already.
    pub(crate) async fn keep_question(
        &self,
        question: KeptQuestion,
        most: i64,
    ) -> Result<Option<KeptQuestion>, StoreError> {
        self.run(move |connection| {
            let added = connection
                .prepare_cached(
                    "INSERT INTO chat_question (asker, stanza, said, asked)
                     SELECT ?1, ?2, ?3, ?4 WHERE (SELECT count(*) FROM chat_question) < ?5",
                )
                .and_then(|mut statement| {
                    let KeptQuestion { asker, stanza, said, asked, .. } = &question;
                    statement.execute(params![asker, stanza, said, asked.0, most])
                })
                .map_err(StoreError::at("keep a question"))?;
            Ok((added > 0).then(|| KeptQuestion { id: connection.last_insert_rowid(), ..question }))
        })
        .await
    }

    /// All that wait, oldest first, but those from before that moment, which are forgotten.
    pub(crate) async fn kept_questions(&self, since: Moment) -> Result<Vec<KeptQuestion>, StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("DELETE FROM chat_question WHERE asked < ?1")
                .and_then(|mut statement| statement.execute([since.0]))
                .map_err(StoreError::at("forget old questions"))?;
            connection
                .prepare_cached("SELECT id, asker, stanza, said, asked FROM chat_question ORDER BY id")
                .and_then(|mut statement| {
                    let question = |row: &rusqlite::Row<'_>| {
                        Ok(KeptQuestion {
                            id: row.get(0)?,
                            asker: row.get(1)?,
                            stanza: row.get(2)?,
                            said: row.get(3)?,
                            asked: Moment(row.get(4)?),
                        })
                    };
                    statement.query_map([], question)?.collect()
                })
                .map_err(StoreError::at("read questions"))
        })
        .await
    }

    /// It has been answered.
    pub(crate) async fn forget_question(&self, id: i64) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("DELETE FROM chat_question WHERE id = ?1")
                .and_then(|mut statement| statement.execute([id]))
                .map(|_| ())
                .map_err(StoreError::at("forget a question"))
        })
        .await
    }
}
