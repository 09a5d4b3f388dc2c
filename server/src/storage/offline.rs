//! Reads what waits for an absent receiver.

use jid::BareJid;
use rusqlite::params;

use super::StorageError;
use super::messages::{MessageStore, StoredId, address_number};

/// A message that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingMessage {
    /// Its id and time.
    pub id: StoredId,
    /// The stanza as it was accepted.
    pub frame: Vec<u8>,
    /// Is in the receiver's archive as well, under the same id.
    pub is_archived: bool,
}

impl MessageStore {
    /// The next waiting messages of an account behind `after`, oldest first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn waiting_after(
        &self,
        account: BareJid,
        after: StoredId,
        most: u32,
    ) -> Result<Vec<WaitingMessage>, StorageError> {
        self.database()
            .read(move |connection| {
                let at = StorageError::at("offline messages");
                let Some(owner) = address_number(connection, account.as_str())? else {
                    return Ok(Vec::new());
                };
                let mut statement = connection
                    .prepare_cached(
                        "SELECT o.id, m.frame,
                             EXISTS (SELECT 1 FROM archive a WHERE a.owner = o.owner AND a.id = o.id)
                         FROM offline o CROSS JOIN message m ON m.id = o.id
                         WHERE o.owner = ?1 AND o.id > ?2 ORDER BY o.id LIMIT ?3",
                    )
                    .map_err(&at)?;
                let rows = statement
                    .query_map(params![owner, after.0, most], |row| {
                        Ok(WaitingMessage {
                            id: StoredId(row.get(0)?),
                            frame: row.get(1)?,
                            is_archived: row.get(2)?,
                        })
                    })
                    .map_err(&at)?;
                rows.collect::<Result<Vec<_>, _>>().map_err(&at)
            })
            .await
    }
}
