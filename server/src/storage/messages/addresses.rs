//! Small numbers for addresses, so that archive entries stay small. Known on the writing thread.

use std::collections::HashMap;

use jid::BareJid;
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension as _};

use crate::storage::StorageError;

/// Most numbers remembered; beyond it the memory starts anew.
const MOST: usize = 200_000;

/// The numbers the writing thread has met.
#[derive(Debug, Default)]
pub(super) struct Addresses(Mutex<HashMap<BareJid, i64>>);

impl Addresses {
    /// The number of an address, given now if it has none. Only inside a change.
    pub(super) fn number(&self, connection: &Connection, address: &BareJid) -> Result<i64, StorageError> {
        if let Some(number) = self.0.lock().get(address) {
            return Ok(*number);
        }
        let number = match find(connection, address.as_str())? {
            Some(number) => number,
            None => insert(connection, address.as_str())?,
        };
        let mut known = self.0.lock();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(address.clone(), number);
        Ok(number)
    }
}

/// The number of an address that has one.
pub(in crate::storage) fn find(connection: &Connection, address: &str) -> Result<Option<i64>, StorageError> {
    connection
        .prepare_cached("SELECT id FROM address WHERE jid = ?1")
        .and_then(|mut statement| statement.query_row([address], |row| row.get(0)).optional())
        .map_err(StorageError::at("number of an address"))
}

fn insert(connection: &Connection, address: &str) -> Result<i64, StorageError> {
    connection
        .prepare_cached("INSERT INTO address (jid) VALUES (?1)")
        .and_then(|mut statement| statement.insert([address]))
        .map_err(StorageError::at("give an address a number"))
}
