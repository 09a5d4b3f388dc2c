//! What is to be done now.

use rusqlite::{Connection, params};

use super::timeline::{COLUMNS, read_notice};
use super::{NoticeRow, NoticeStore, Task, Way, number};
use crate::clock::Timestamp;
use crate::storage::StorageError;

/// Who says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Number of the application.
    pub id: i64,
    /// Its short name.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Name of its picture, or empty.
    pub icon: String,
}

/// Something to be done for one receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Number of the work.
    pub id: i64,
    /// What.
    pub task: Task,
    /// The notice.
    pub notice: NoticeRow,
    /// Number of the receiver's line.
    pub line: i64,
    /// The receiver's bare address.
    pub address: String,
    /// What was decided.
    pub way: Way,
    /// The newest revision that the client was sent; 0 is none.
    pub told: u32,
    /// The receiver has seen it.
    pub is_read: bool,
    /// The application.
    pub sender: Sender,
}

impl NoticeStore {
    /// What is to be done by now, the longest waiting first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn due(&self, now: Timestamp, most: u32) -> Result<Vec<Job>, StorageError> {
        self.database.read(move |connection| due(connection, now, most)).await
    }

    /// When there will be something to do, as things stand.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StorageError> {
        self.database
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT min(due) FROM notice_work")
                    .and_then(|mut statement| statement.query_row([], |row| row.get::<_, Option<i64>>(0)))
                    .map(|due| due.map(Timestamp))
                    .map_err(StorageError::at("next work for notices"))
            })
            .await
    }

    /// Decides which way notices take; on the disk when this returns.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn decide(&self, ways: Vec<(i64, Way)>) -> Result<(), StorageError> {
        self.database
            .write(move |connection| {
                let at = StorageError::at("decide the way of a notice");
                let mut statement = connection
                    .prepare_cached("UPDATE notice_receiver SET way = ?2 WHERE id = ?1")
                    .map_err(&at)?;
                for (line, way) in ways {
                    statement.execute(params![line, way.word()]).map_err(&at)?;
                }
                Ok(())
            })
            .await
    }
}

fn due(connection: &Connection, now: Timestamp, most: u32) -> Result<Vec<Job>, StorageError> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS}, w.id, w.task, r.id, r.address, r.way, r.told, r.read, a.id, a.name, a.title, a.icon
             FROM notice_work w JOIN notice_receiver r ON r.id = w.receiver JOIN notice n ON n.id = r.notice
             JOIN application a ON a.id = n.application
             WHERE w.due <= ?1 ORDER BY w.due, w.id LIMIT ?2"
        ))
        .and_then(|mut statement| {
            let rows = statement.query_map(params![now.0, most], |row| {
                let (task, way): (String, String) = (row.get(10)?, row.get(13)?);
                Ok(Job {
                    notice: read_notice(row)?,
                    id: row.get(9)?,
                    task: Task::of_word(&task).unwrap_or(Task::Update),
                    line: row.get(11)?,
                    address: row.get(12)?,
                    way: Way::of_word(&way).unwrap_or(Way::Open),
                    told: number(row.get(14)?),
                    is_read: row.get(15)?,
                    sender: Sender {
                        id: row.get(16)?,
                        name: row.get(17)?,
                        title: row.get(18)?,
                        icon: row.get(19)?,
                    },
                })
            })?;
            rows.collect()
        })
        .map_err(StorageError::at("work for notices"))
}
