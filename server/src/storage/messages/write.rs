//! The statements that write messages; they run inside the writer's groups.

use jid::BareJid;
use rusqlite::{Connection, params};

use super::addresses::Addresses;
use super::deliveries::Settled;
use super::{ArchiveEntry, NewMessage, StoredId};
use crate::storage::StorageError;

/// A message, its archive entries, and its place in the offline store when `is_parked`.
pub(super) fn insert(
    connection: &Connection,
    addresses: &Addresses,
    id: StoredId,
    message: &NewMessage,
    is_parked: bool,
) -> Result<(), StorageError> {
    let at = StorageError::at("insert message");
    let sender = addresses.number(connection, &message.sender)?;
    let receiver = match &message.receiver {
        Some(receiver) => addresses.number(connection, receiver)?,
        None => match message.entries.first() {
            Some(entry) => addresses.number(connection, &entry.peer)?,
            None => sender,
        },
    };
    connection
        .prepare_cached(
            "INSERT INTO message (id, sender, origin, receiver, archived, frame) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .and_then(|mut statement| {
            let is_archived = !message.entries.is_empty();
            let frame = message.frame.edit().self_contained().finish();
            let bytes: &[u8] = frame.bytes();
            statement.execute(params![id.0, sender, message.origin, receiver, is_archived, bytes])
        })
        .map_err(&at)?;
    for entry in &message.entries {
        let number = |address: &BareJid| match address {
            address if *address == message.sender => Ok(sender),
            address if Some(address) == message.receiver.as_ref() => Ok(receiver),
            address => addresses.number(connection, address),
        };
        insert_entry(connection, (number(&entry.owner)?, number(&entry.peer)?), id, entry)?;
    }
    match &message.receiver {
        Some(receiver) if is_parked => park(connection, addresses, receiver, &[id]),
        Some(_) | None => Ok(()),
    }
}

/// The entry's owner and peer are given by their numbers.
fn insert_entry(
    connection: &Connection,
    (owner, peer): (i64, i64),
    id: StoredId,
    entry: &ArchiveEntry,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "INSERT INTO archive (owner, id, peer, resource, incoming) VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .and_then(|mut statement| {
            statement.execute(params![owner, id.0, peer, entry.resource, entry.is_incoming])
        })
        .map(|_| ())
        .map_err(StorageError::at("insert archive entry"))
}

/// Puts messages into the offline store, those that are there already excepted.
pub(super) fn park(
    connection: &Connection,
    addresses: &Addresses,
    owner: &BareJid,
    ids: &[StoredId],
) -> Result<(), StorageError> {
    let owner = addresses.number(connection, owner)?;
    let at = StorageError::at("insert offline message");
    let mut statement = connection
        .prepare_cached("INSERT OR IGNORE INTO offline (owner, id) VALUES (?1, ?2)")
        .map_err(&at)?;
    for id in ids {
        statement.execute(params![owner, id.0]).map_err(&at)?;
    }
    Ok(())
}

/// Deletes a message everywhere.
pub(super) fn withdraw(connection: &Connection, id: StoredId) -> Result<(), StorageError> {
    let at = StorageError::at("withdraw message");
    let owners = "SELECT receiver FROM message WHERE id = ?1 UNION SELECT sender FROM message WHERE id = ?1";
    for statement in [
        format!("DELETE FROM offline WHERE id = ?1 AND owner IN ({owners})"),
        format!("DELETE FROM archive WHERE id = ?1 AND owner IN ({owners})"),
        "DELETE FROM message WHERE id = ?1".to_owned(),
    ] {
        connection.prepare_cached(&statement).and_then(|mut it| it.execute([id.0])).map_err(&at)?;
    }
    Ok(())
}

/// Moves watermarks and deletes what was taken.
pub(super) fn settle(
    connection: &Connection,
    addresses: &Addresses,
    settled: &[Settled],
) -> Result<(), StorageError> {
    for Settled { account, through, done } in settled {
        let owner = addresses.number(connection, account)?;
        if let Some(through) = through {
            connection
                .prepare_cached(
                    "INSERT INTO delivered (owner, through) VALUES (?1, ?2)
                     ON CONFLICT (owner) DO UPDATE SET through = max(through, excluded.through)",
                )
                .and_then(|mut statement| statement.execute(params![owner, through]))
                .map_err(StorageError::at("move watermark"))?;
        }
        for id in done {
            forget(connection, owner, *id)?;
        }
    }
    Ok(())
}

/// A message leaves the offline store, and the database when no archive has it.
fn forget(connection: &Connection, owner: i64, id: StoredId) -> Result<(), StorageError> {
    let at = StorageError::at("delete offline message");
    connection
        .prepare_cached("DELETE FROM offline WHERE owner = ?1 AND id = ?2")
        .and_then(|mut statement| statement.execute(params![owner, id.0]))
        .map_err(&at)?;
    connection
        .prepare_cached("DELETE FROM message WHERE id = ?1 AND archived = 0")
        .and_then(|mut statement| statement.execute([id.0]))
        .map_err(&at)?;
    Ok(())
}

/// Each owner once, without a look at every entry.
const OWNERS: &str = "WITH RECURSIVE o(owner) AS (
    SELECT min(owner) FROM archive
    UNION ALL SELECT (SELECT min(owner) FROM archive WHERE owner > o.owner) FROM o WHERE o.owner IS NOT NULL)";

/// After a crash: every archived message that came for an account beyond its watermark goes into the offline
/// store, unless it went to the phone alone. An account without a watermark has never taken a message.
pub(super) fn recover(connection: &Connection) -> Result<usize, StorageError> {
    let park = format!(
        "{OWNERS} INSERT OR IGNORE INTO offline (owner, id)
         SELECT a.owner, a.id FROM o
         LEFT JOIN delivered d ON d.owner = o.owner
         CROSS JOIN archive a ON a.owner = o.owner AND a.id > coalesce(d.through, 0)
         CROSS JOIN message m ON m.id = a.id AND m.receiver = a.owner
         WHERE o.owner IS NOT NULL AND a.incoming = 1"
    );
    let move_on = format!(
        "{OWNERS} INSERT INTO delivered (owner, through)
         SELECT o.owner, (SELECT max(id) FROM archive WHERE owner = o.owner) FROM o WHERE o.owner IS NOT NULL
         ON CONFLICT (owner) DO UPDATE SET through = max(through, excluded.through)"
    );
    let recovered =
        connection.execute(&park, []).map_err(StorageError::at("recover undelivered messages"))?;
    connection.execute(&move_on, []).map_err(StorageError::at("move watermarks after a crash"))?;
    Ok(recovered)
}
