//! Nodes and items of personal eventing (XEP-0163), and who subscribed to them.

use jid::BareJid;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Database, StorageError};
use crate::clock::Timestamp;

pub(super) const TABLES: &str = "
CREATE TABLE pubsub_node (
    id INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    node TEXT NOT NULL,
    access TEXT NOT NULL DEFAULT 'presence',
    persist INTEGER NOT NULL DEFAULT 1,
    most_items INTEGER NOT NULL DEFAULT 1,
    send_last TEXT NOT NULL DEFAULT 'on_sub_and_presence',
    notify_retract INTEGER NOT NULL DEFAULT 1,
    kind TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    members TEXT NOT NULL DEFAULT '',
    UNIQUE (owner, node)
) STRICT;
CREATE INDEX pubsub_node_name ON pubsub_node (node);
CREATE TABLE pubsub_item (
    node INTEGER NOT NULL REFERENCES pubsub_node (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    published INTEGER NOT NULL DEFAULT 0,
    payload BLOB NOT NULL,
    PRIMARY KEY (node, id)
) STRICT;
CREATE INDEX pubsub_item_age ON pubsub_item (node, published);
CREATE TABLE pubsub_subscription (
    node INTEGER NOT NULL REFERENCES pubsub_node (id) ON DELETE CASCADE,
    jid TEXT NOT NULL,
    PRIMARY KEY (node, jid)
) STRICT, WITHOUT ROWID;
";

/// A node and its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PubsubNode {
    /// Row; 0 while it does not exist.
    pub id: i64,
    /// Whose node.
    pub owner: BareJid,
    /// Its name.
    pub node: String,
    /// `open`, `presence`, `roster`, `authorize` or `whitelist`.
    pub access: String,
    /// Items are kept.
    pub persist: bool,
    /// Most items kept.
    pub most_items: u32,
    /// `never`, `on_sub` or `on_sub_and_presence`.
    pub send_last: String,
    /// Retracted items are announced.
    pub notify_retract: bool,
    /// `pubsub#type`.
    pub kind: String,
    /// `pubsub#title`.
    pub title: String,
    /// Addresses that a whitelist lets in.
    pub members: Vec<String>,
}

/// An item of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PubsubItem {
    /// Its id.
    pub id: String,
    /// When it was published.
    pub published: Timestamp,
    /// One element, complete in itself; or nothing.
    pub payload: Vec<u8>,
}

const NODE: &str =
    "id, owner, node, access, persist, most_items, send_last, notify_retract, kind, title, members";

fn node_of(row: &Row<'_>) -> rusqlite::Result<Option<PubsubNode>> {
    let members: String = row.get(10)?;
    let Ok(owner) = BareJid::new(&row.get::<_, String>(1)?) else { return Ok(None) };
    Ok(Some(PubsubNode {
        id: row.get(0)?,
        owner,
        node: row.get(2)?,
        access: row.get(3)?,
        persist: row.get(4)?,
        most_items: row.get(5)?,
        send_last: row.get(6)?,
        notify_retract: row.get(7)?,
        kind: row.get(8)?,
        title: row.get(9)?,
        members: members.lines().map(str::to_owned).collect(),
    }))
}

fn item_of(row: &Row<'_>) -> rusqlite::Result<PubsubItem> {
    Ok(PubsubItem { id: row.get(0)?, published: Timestamp(row.get(1)?), payload: row.get(2)? })
}

/// The node of that name.
///
/// # Errors
/// The database does not answer.
pub async fn node(
    database: &Database,
    owner: BareJid,
    node: String,
) -> Result<Option<PubsubNode>, StorageError> {
    database
        .read(move |connection| {
            connection
                .prepare_cached(&format!("SELECT {NODE} FROM pubsub_node WHERE owner = ?1 AND node = ?2"))
                .and_then(|mut it| it.query_row([owner.as_str(), &node], node_of).optional())
                .map(Option::flatten)
                .map_err(StorageError::at("pubsub node"))
        })
        .await
}

/// All nodes of an account.
///
/// # Errors
/// The database does not answer.
pub async fn nodes(database: &Database, owner: BareJid) -> Result<Vec<PubsubNode>, StorageError> {
    database
        .read(move |connection| {
            let question = format!("SELECT {NODE} FROM pubsub_node WHERE owner = ?1 ORDER BY node");
            read_nodes(connection, &question, owner.as_str())
        })
        .await
}

/// All accounts' nodes of that name.
///
/// # Errors
/// The database does not answer.
pub async fn nodes_named(database: &Database, node: String) -> Result<Vec<PubsubNode>, StorageError> {
    database
        .read(move |connection| {
            read_nodes(connection, &format!("SELECT {NODE} FROM pubsub_node WHERE node = ?1"), &node)
        })
        .await
}

fn read_nodes(connection: &Connection, question: &str, value: &str) -> Result<Vec<PubsubNode>, StorageError> {
    let at = StorageError::at("pubsub nodes");
    let mut statement = connection.prepare_cached(question).map_err(&at)?;
    let rows = statement.query_map([value], node_of).map_err(&at)?;
    Ok(rows.collect::<Result<Vec<_>, _>>().map_err(&at)?.into_iter().flatten().collect())
}

/// Creates a node, or changes the one with its row; answers its row. An account keeps at most `most` nodes:
/// `None` when it has as many.
///
/// # Errors
/// The database does not answer.
pub async fn save_node(
    database: &Database,
    node: PubsubNode,
    most: u32,
) -> Result<Option<i64>, StorageError> {
    database
        .write(move |connection| {
            let at = StorageError::at("save pubsub node");
            let owned: u32 = connection
                .query_row(
                    "SELECT count(*) FROM pubsub_node WHERE owner = ?1",
                    [node.owner.as_str()],
                    |row| row.get(0),
                )
                .map_err(&at)?;
            if node.id == 0 && owned >= most {
                return Ok(None);
            }
            connection
                .prepare_cached(
                    "INSERT INTO pubsub_node (owner, node, access, persist, most_items, send_last,
                         notify_retract, kind, title, members)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                     ON CONFLICT (owner, node) DO UPDATE SET access = excluded.access,
                         persist = excluded.persist, most_items = excluded.most_items,
                         send_last = excluded.send_last, notify_retract = excluded.notify_retract,
                         kind = excluded.kind, title = excluded.title, members = excluded.members
                     RETURNING id",
                )
                .and_then(|mut statement| {
                    let values = params![
                        node.owner.as_str(),
                        node.node,
                        node.access,
                        node.persist,
                        node.most_items,
                        node.send_last,
                        node.notify_retract,
                        node.kind,
                        node.title,
                        node.members.join("\n"),
                    ];
                    statement.query_row(values, |row| row.get(0))
                })
                .map(Some)
                .map_err(&at)
        })
        .await
}

/// Deletes a node with its items and subscriptions.
///
/// # Errors
/// The database does not answer.
pub async fn delete_node(database: &Database, id: i64) -> Result<(), StorageError> {
    database
        .write(move |connection| {
            connection
                .execute("DELETE FROM pubsub_node WHERE id = ?1", [id])
                .map(|_| ())
                .map_err(StorageError::at("delete pubsub node"))
        })
        .await
}

/// Keeps an item as the newest of its node, and at most `most` of them.
///
/// # Errors
/// The database does not answer.
pub async fn publish(
    database: &Database,
    node: i64,
    item: PubsubItem,
    most: u32,
) -> Result<(), StorageError> {
    database
        .write(move |connection| {
            let at = StorageError::at("publish item");
            connection
                .prepare_cached(
                    "INSERT INTO pubsub_item (node, id, published, payload) VALUES (?1, ?2,
                         max(?3, coalesce((SELECT max(published) + 1 FROM pubsub_item WHERE node = ?1), 0)), ?4)
                     ON CONFLICT (node, id) DO UPDATE
                     SET published = excluded.published, payload = excluded.payload",
                )
                .and_then(|mut it| it.execute(params![node, item.id, item.published.0, item.payload]))
                .map_err(&at)?;
            connection
                .prepare_cached(
                    "DELETE FROM pubsub_item WHERE node = ?1 AND id IN
                         (SELECT id FROM pubsub_item WHERE node = ?1 ORDER BY published DESC LIMIT -1 OFFSET ?2)",
                )
                .and_then(|mut it| it.execute(params![node, most]))
                .map(|_| ())
                .map_err(&at)
        })
        .await
}

/// Removes an item; false when there was none.
///
/// # Errors
/// The database does not answer.
pub async fn retract(database: &Database, node: i64, item: String) -> Result<bool, StorageError> {
    database
        .write(move |connection| {
            connection
                .execute("DELETE FROM pubsub_item WHERE node = ?1 AND id = ?2", params![node, item])
                .map(|count| count > 0)
                .map_err(StorageError::at("retract item"))
        })
        .await
}

/// Removes all items.
///
/// # Errors
/// The database does not answer.
pub async fn purge(database: &Database, node: i64) -> Result<(), StorageError> {
    database
        .write(move |connection| {
            connection
                .execute("DELETE FROM pubsub_item WHERE node = ?1", [node])
                .map(|_| ())
                .map_err(StorageError::at("purge node"))
        })
        .await
}

/// The newest items of a node, newest first.
///
/// # Errors
/// The database does not answer.
pub async fn items(database: &Database, node: i64, most: u32) -> Result<Vec<PubsubItem>, StorageError> {
    database
        .read(move |connection| {
            let at = StorageError::at("pubsub items");
            let mut statement = connection
                .prepare_cached(
                    "SELECT id, published, payload FROM pubsub_item WHERE node = ?1
                     ORDER BY published DESC LIMIT ?2",
                )
                .map_err(&at)?;
            let rows = statement.query_map(params![node, most], item_of).map_err(&at)?;
            rows.collect::<Result<Vec<_>, _>>().map_err(&at)
        })
        .await
}

/// One item by its id.
///
/// # Errors
/// The database does not answer.
pub async fn item(database: &Database, node: i64, id: String) -> Result<Option<PubsubItem>, StorageError> {
    database
        .read(move |connection| {
            connection
                .prepare_cached("SELECT id, published, payload FROM pubsub_item WHERE node = ?1 AND id = ?2")
                .and_then(|mut it| it.query_row(params![node, id], item_of).optional())
                .map_err(StorageError::at("pubsub item"))
        })
        .await
}

/// Adds or removes a subscription.
///
/// # Errors
/// The database does not answer.
pub async fn set_subscribed(
    database: &Database,
    node: i64,
    jid: String,
    is_subscribed: bool,
) -> Result<(), StorageError> {
    database
        .write(move |connection| {
            let question = if is_subscribed {
                "INSERT OR IGNORE INTO pubsub_subscription (node, jid) VALUES (?1, ?2)"
            } else {
                "DELETE FROM pubsub_subscription WHERE node = ?1 AND jid = ?2"
            };
            connection
                .execute(question, params![node, jid])
                .map(|_| ())
                .map_err(StorageError::at("set pubsub subscription"))
        })
        .await
}

/// Who subscribed to a node.
///
/// # Errors
/// The database does not answer.
pub async fn subscribers(database: &Database, node: i64) -> Result<Vec<String>, StorageError> {
    database
        .read(move |connection| {
            let at = StorageError::at("pubsub subscribers");
            let mut statement = connection
                .prepare_cached("SELECT jid FROM pubsub_subscription WHERE node = ?1 ORDER BY jid")
                .map_err(&at)?;
            let rows = statement.query_map([node], |row| row.get(0)).map_err(&at)?;
            rows.collect::<Result<Vec<_>, _>>().map_err(&at)
        })
        .await
}
