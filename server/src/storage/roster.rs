//! A user's own roster items: names and groups the user has given, favourites, contacts beyond the own
//! departments. Colleagues who stand in the roster by themselves have no row here until the user changes one.

use jid::BareJid;
use rusqlite::{Row, params};

use super::{Database, StorageError};

/// Tables of this file.
pub(super) const TABLES: &str = "
    CREATE TABLE roster_item (
        account TEXT NOT NULL,
        contact TEXT NOT NULL,
        name TEXT NOT NULL DEFAULT '',
        contact_groups TEXT NOT NULL DEFAULT '[]',
        subscribed INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (account, contact)
    ) STRICT, WITHOUT ROWID;";

/// One item of a user's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RosterItem {
    /// The contact.
    pub contact: BareJid,
    /// Name the user has given; empty when none.
    pub name: String,
    /// Groups the user has put the contact into.
    pub groups: Vec<String>,
    /// The user wants to see the contact's presence.
    pub subscribed: bool,
}

/// The users' own roster items.
#[derive(Debug, Clone)]
pub struct RosterStore(Database);

impl RosterStore {
    /// The store in that database.
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// All items of an account, by contact.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn items_of(&self, account: BareJid) -> Result<Vec<RosterItem>, StorageError> {
        self.0
            .read(move |connection| {
                let at = StorageError::at("roster items");
                let mut statement = connection
                    .prepare_cached(
                        "SELECT contact, name, contact_groups, subscribed FROM roster_item
                         WHERE account = ?1 ORDER BY contact",
                    )
                    .map_err(&at)?;
                let rows = statement.query_map(params![account.as_str()], item_of).map_err(&at)?;
                let items = rows.collect::<Result<Vec<_>, _>>().map_err(&at)?;
                Ok(items.into_iter().flatten().collect())
            })
            .await
    }

    /// Writes an item, new or changed.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn put(&self, account: BareJid, item: RosterItem) -> Result<(), StorageError> {
        let groups = serde_json::Value::from(item.groups).to_string();
        self.0
            .write(move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO roster_item (account, contact, name, contact_groups, subscribed)
                         VALUES (?1, ?2, ?3, ?4, ?5)
                         ON CONFLICT (account, contact) DO UPDATE SET name = excluded.name,
                             contact_groups = excluded.contact_groups, subscribed = excluded.subscribed",
                    )
                    .and_then(|mut statement| {
                        statement.execute(params![
                            account.as_str(),
                            item.contact.as_str(),
                            item.name,
                            groups,
                            item.subscribed
                        ])
                    })
                    .map_err(StorageError::at("put roster item"))?;
                Ok(())
            })
            .await
    }

    /// Removes an item; false when there was none.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn remove(&self, account: BareJid, contact: BareJid) -> Result<bool, StorageError> {
        self.0
            .write(move |connection| {
                let removed = connection
                    .prepare_cached("DELETE FROM roster_item WHERE account = ?1 AND contact = ?2")
                    .and_then(|mut statement| statement.execute(params![account.as_str(), contact.as_str()]))
                    .map_err(StorageError::at("remove roster item"))?;
                Ok(removed > 0)
            })
            .await
    }
}

/// `None` for a row whose address is none: it is left out rather than making the roster unreadable.
fn item_of(row: &Row<'_>) -> Result<Option<RosterItem>, rusqlite::Error> {
    let contact: String = row.get(0)?;
    let groups: String = row.get(2)?;
    let Ok(contact) = BareJid::new(&contact) else { return Ok(None) };
    let groups = serde_json::from_str(&groups).unwrap_or_default();
    Ok(Some(RosterItem { contact, name: row.get(1)?, groups, subscribed: row.get(3)? }))
}
