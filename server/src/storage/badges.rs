//! What stands beside business systems: how much waits there for each person, as the systems say it, and pictures.

use std::collections::BTreeSet;
use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::{OptionalExtension, params};
use tokio::sync::Notify;

use super::{Database, StorageError};

pub(super) const TABLES: &str = "
CREATE TABLE badge (
    person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    application INTEGER NOT NULL REFERENCES application (id) ON DELETE CASCADE,
    count INTEGER NOT NULL,
    PRIMARY KEY (person, application)
) STRICT, WITHOUT ROWID;
CREATE INDEX badge_application ON badge (application);
";

/// How much waits in a system for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// Short name of the application.
    pub application: String,
    /// Never 0.
    pub count: u32,
}

/// All numbers. Cheap to clone; clones share who is to be told.
#[derive(Debug, Clone)]
pub struct BadgeStore {
    database: Database,
    changed: Arc<Changed>,
}

#[derive(Debug, Default)]
struct Changed {
    people: Mutex<BTreeSet<i64>>,
    bell: Notify,
}

impl BadgeStore {
    /// The store in that database.
    pub fn new(database: Database) -> Self {
        Self { database, changed: Arc::default() }
    }

    /// Notes the numbers of an application, by people of the directory; 0 is none. They are on the disk when this
    /// returns. Who is not there any more is left out.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn set(&self, application: i64, counts: Vec<(i64, u32)>) -> Result<(), StorageError> {
        let people: Vec<i64> = counts.iter().map(|(person, _)| *person).collect();
        let setting = self.database.write(move |connection| {
            let mut remove = connection
                .prepare_cached("DELETE FROM badge WHERE person = ?1 AND application = ?2")
                .map_err(StorageError::at("prepare to remove a badge"))?;
            let mut put = connection
                .prepare_cached(
                    "INSERT INTO badge (person, application, count)
                     SELECT p.id, a.id, ?3 FROM person p, application a WHERE p.id = ?1 AND a.id = ?2
                     ON CONFLICT (person, application) DO UPDATE SET count = excluded.count",
                )
                .map_err(StorageError::at("prepare to set a badge"))?;
            for (person, count) in counts {
                let done = match count {
                    0 => remove.execute([person, application]),
                    count => put.execute(params![person, application, count]),
                };
                done.map_err(StorageError::at("set a badge"))?;
            }
            Ok(())
        });
        setting.await?;
        people.into_iter().for_each(|person| self.note_changed(person));
        Ok(())
    }

    /// The number of one application for one person; 0 is none.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn count(&self, application: i64, person: i64) -> Result<u32, StorageError> {
        let reading = self.database.read(move |connection| {
            connection
                .prepare_cached("SELECT count FROM badge WHERE person = ?1 AND application = ?2")
                .and_then(|mut statement| {
                    statement.query_row([person, application], |row| row.get(0)).optional()
                })
                .map(Option::unwrap_or_default)
                .map_err(StorageError::at("badge"))
        });
        reading.await
    }

    /// All numbers for somebody, of applications that are not disabled.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn of_person(&self, person: i64) -> Result<Vec<Badge>, StorageError> {
        let reading = self.database.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT a.name, b.count FROM badge b JOIN application a ON a.id = b.application
                     WHERE b.person = ?1 AND a.disabled = 0 ORDER BY a.name",
                )
                .and_then(|mut statement| {
                    let badge =
                        |row: &rusqlite::Row<'_>| Ok(Badge { application: row.get(0)?, count: row.get(1)? });
                    statement.query_map([person], badge)?.collect()
                })
                .map_err(StorageError::at("badges of a person"))
        });
        reading.await
    }

    /// Short names of applications that have a picture, and its hash.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn icons(&self) -> Result<Vec<(String, String)>, StorageError> {
        self.database.read(super::icons::all).await
    }

    /// Somebody's numbers are to be told once more.
    pub fn note_changed(&self, person: i64) {
        self.changed.people.lock().insert(person);
        self.changed.bell.notify_one();
    }

    /// Waits until numbers have changed; answers whose.
    pub async fn changed(&self) -> BTreeSet<i64> {
        loop {
            let people = std::mem::take(&mut *self.changed.people.lock());
            if !people.is_empty() {
                return people;
            }
            self.changed.bell.notified().await;
        }
    }
}
