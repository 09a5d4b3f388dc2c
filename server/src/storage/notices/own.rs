//! What has become of a notice for one receiver, as that person is told it.

use rusqlite::{OptionalExtension, params};

use super::timeline::events;
use super::{Event, NoticeStore};
use crate::storage::StorageError;

/// One receiver's part of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTimeline {
    /// What the world calls the notice.
    pub name: String,
    /// How far it is.
    pub state: String,
    /// In the order in which it happened.
    pub events: Vec<Event>,
}

impl NoticeStore {
    /// What has become of the notice with this line; `None` when the line is not this person's.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn own_timeline(
        &self,
        line: i64,
        address: String,
    ) -> Result<Option<OwnTimeline>, StorageError> {
        self.database
            .read(move |connection| {
                let found: Option<(String, String)> = connection
                    .prepare_cached(
                        "SELECT n.name, r.state FROM notice_receiver r
                         JOIN notice n ON n.id = r.notice AND n.state <> 'arriving'
                         WHERE r.id = ?1 AND r.address = ?2",
                    )
                    .and_then(|mut statement| {
                        statement
                            .query_row(params![line, address], |row| Ok((row.get(0)?, row.get(1)?)))
                            .optional()
                    })
                    .map_err(StorageError::at("one receiver of a notice"))?;
                let Some((name, state)) = found else { return Ok(None) };
                Ok(Some(OwnTimeline { name, state, events: events(connection, line)? }))
            })
            .await
    }
}
