//! Wrong passwords of people who were asked to prove anew who they are. They are on the disk before the answer goes out,
//! so that nobody gets more tries by making the server start anew.

use posthouse_sign_on::moment::Moment;
use posthouse_sign_on::secret::Digest;
use rusqlite::params;

use super::values::{Kind, Value};
use super::{SignOnStore, StorageError};

impl SignOnStore {
    /// Keeps a wrong password of that person until then; `name` tells it from others.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn note_guess(
        &self,
        login: &str,
        name: Digest,
        times: (Moment, Moment),
    ) -> Result<(), StorageError> {
        let guess = Value::new((name, Kind::Guess), login, None, times, &())?;
        self.keep(vec![guess]).await.map(|_| ())
    }

    /// How many wrong passwords of that person still count.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn guesses(&self, login: &str, now: Moment) -> Result<usize, StorageError> {
        let login = login.to_owned();
        self.0
            .read(move |connection| {
                let count: i64 = connection
                    .prepare_cached(
                        "SELECT count(*) FROM sign_on_value WHERE owner = ?1 AND kind = ?2 AND expires > ?3",
                    )
                    .and_then(|mut statement| {
                        statement.query_row(params![login, Kind::Guess.number(), now.0], |row| row.get(0))
                    })
                    .map_err(StorageError::at("count wrong passwords"))?;
                Ok(usize::try_from(count).unwrap_or(usize::MAX))
            })
            .await
    }
}
