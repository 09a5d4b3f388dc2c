//! Tags of people. They are the administrator's: no version of the tree tells of them.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use crate::storage::StorageError;

pub(in crate::storage) const TABLES: &str = "
CREATE TABLE person_tag (
    person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (person, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_tag_tag ON person_tag (tag);
";

/// A person's tags in their order.
pub(super) fn tags_of(connection: &Connection, person: i64) -> Result<Vec<String>, StorageError> {
    connection
        .prepare_cached("SELECT tag FROM person_tag WHERE person = ?1 ORDER BY tag")
        .and_then(|mut statement| statement.query_map([person], |row| row.get(0))?.collect())
        .map_err(StorageError::at("read tags"))
}

/// Everybody's tags.
pub(super) fn all_tags(connection: &Connection) -> Result<HashMap<i64, Vec<String>>, StorageError> {
    let rows: Vec<(i64, String)> = connection
        .prepare_cached("SELECT person, tag FROM person_tag ORDER BY person, tag")
        .and_then(|mut statement| statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .map_err(StorageError::at("read all tags"))?;
    let mut tags: HashMap<i64, Vec<String>> = HashMap::new();
    for (person, tag) in rows {
        tags.entry(person).or_default().push(tag);
    }
    Ok(tags)
}

/// These tags in the place of those before.
pub(super) fn put_tags(connection: &Connection, person: i64, tags: &[String]) -> Result<(), StorageError> {
    connection
        .prepare_cached("DELETE FROM person_tag WHERE person = ?1")
        .and_then(|mut statement| statement.execute([person]))
        .map_err(StorageError::at("delete tags"))?;
    for tag in tags {
        connection
            .prepare_cached("INSERT INTO person_tag (person, tag) VALUES (?1, ?2)")
            .and_then(|mut statement| statement.execute(params![person, tag]))
            .map_err(StorageError::at("insert tag"))?;
    }
    Ok(())
}

/// Ids of the people who have the tag.
pub(crate) fn people_tagged(connection: &Connection, tag: &str) -> Result<Vec<i64>, StorageError> {
    connection
        .prepare_cached("SELECT person FROM person_tag WHERE tag = ?1 ORDER BY person")
        .and_then(|mut statement| statement.query_map([tag], |row| row.get(0))?.collect())
        .map_err(StorageError::at("read people by tag"))
}
