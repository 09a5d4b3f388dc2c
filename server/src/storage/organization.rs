//! Tables of the organisation: departments, people, posts, and which version changed what.

use posthouse_protocol::organization::Gender;
use rusqlite::{Connection, OptionalExtension, params};

use super::database::StorageError;

mod log;
mod people;
mod tags;

pub(crate) use log::{LogRow, Logged, advance, data_version, log_entries, renew_epoch, state};
pub(crate) use people::{
    delete_person, insert_person, people, people_page, person, person_by_login, update_person,
};
pub(super) use tags::TABLES as TAGS;
pub(crate) use tags::people_tagged;

pub(super) const TABLES: &str = "
CREATE TABLE organization_state (
    single INTEGER NOT NULL PRIMARY KEY DEFAULT 0 CHECK (single = 0),
    epoch TEXT NOT NULL DEFAULT (lower(hex(randomblob(8)))),
    version INTEGER NOT NULL DEFAULT 0,
    floor INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO organization_state (single) VALUES (0);
CREATE TABLE department (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    parent INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL,
    priority INTEGER NOT NULL DEFAULT 0,
    UNIQUE (parent, name)
) STRICT;
CREATE TABLE person (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    gender TEXT NOT NULL DEFAULT '',
    birth TEXT NOT NULL DEFAULT '',
    phones TEXT NOT NULL DEFAULT '',
    mobile TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '',
    priority INTEGER NOT NULL DEFAULT 0,
    disabled INTEGER NOT NULL DEFAULT 0,
    avatar TEXT NOT NULL DEFAULT '',
    employee_number TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE post (
    person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    department INTEGER NOT NULL REFERENCES department (id),
    title TEXT NOT NULL DEFAULT '',
    priority INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (person, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_department ON post (department);
CREATE TABLE organization_log (
    kind INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (kind, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX organization_log_version ON organization_log (version);
";

/// A department.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DepartmentRow {
    /// Never used again for another one.
    pub id: i64,
    /// The one above; 0 at the top.
    pub parent: i64,
    /// Name, unique among its siblings.
    pub name: String,
    /// Smaller comes first.
    pub priority: i32,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonRow {
    /// Never used again for another person.
    pub id: i64,
    /// Local part of the address.
    pub login: String,
    /// Display name.
    pub name: String,
    /// Gender.
    pub gender: Gender,
    /// `YYYY-MM-DD`, or empty.
    pub birth: String,
    /// Office phones.
    pub phones: Vec<String>,
    /// Mobile number, or empty.
    pub mobile: String,
    /// E-mail address, or empty.
    pub email: String,
    /// Order among all people.
    pub priority: i32,
    /// May not sign in.
    pub disabled: bool,
    /// SHA-1 of the avatar in hexadecimal, or empty.
    pub avatar: String,
    /// Number in the personnel files, or empty.
    pub employee_number: String,
    /// Places in the tree, the main one first.
    pub posts: Vec<PostRow>,
    /// Tags in their order, each once.
    pub tags: Vec<String>,
}

/// A place in the tree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PostRow {
    /// The department.
    pub department: i64,
    /// Title, or empty.
    pub title: String,
    /// Order within the department.
    pub priority: i32,
}

/// Where the organisation stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// Changes when versions of the past mean nothing any more.
    pub epoch: String,
    /// Version.
    pub version: i64,
    /// The log knows every change after this version.
    pub floor: i64,
}

/// All departments.
pub(crate) fn departments(connection: &Connection) -> Result<Vec<DepartmentRow>, StorageError> {
    connection
        .prepare_cached("SELECT id, parent, name, priority FROM department ORDER BY id")
        .and_then(|mut statement| statement.query_map([], read_department)?.collect())
        .map_err(StorageError::at("read departments"))
}

/// One department.
pub(crate) fn department(connection: &Connection, id: i64) -> Result<Option<DepartmentRow>, StorageError> {
    connection
        .prepare_cached("SELECT id, parent, name, priority FROM department WHERE id = ?1")
        .and_then(|mut statement| statement.query_row([id], read_department).optional())
        .map_err(StorageError::at("read department"))
}

/// The department of that name below another one.
pub(crate) fn department_named(
    connection: &Connection,
    parent: i64,
    name: &str,
) -> Result<Option<DepartmentRow>, StorageError> {
    connection
        .prepare_cached("SELECT id, parent, name, priority FROM department WHERE parent = ?1 AND name = ?2")
        .and_then(|mut statement| statement.query_row(params![parent, name], read_department).optional())
        .map_err(StorageError::at("read department by name"))
}

fn read_department(row: &rusqlite::Row<'_>) -> rusqlite::Result<DepartmentRow> {
    Ok(DepartmentRow { id: row.get(0)?, parent: row.get(1)?, name: row.get(2)?, priority: row.get(3)? })
}

/// Adds a department and answers its id; the row's own id is not looked at.
pub(crate) fn insert_department(connection: &Connection, row: &DepartmentRow) -> Result<i64, StorageError> {
    connection
        .prepare_cached("INSERT INTO department (parent, name, priority) VALUES (?1, ?2, ?3)")
        .and_then(|mut statement| statement.insert(params![row.parent, row.name, row.priority]))
        .map_err(StorageError::at("insert department"))
}

/// Changes a department.
pub(crate) fn update_department(connection: &Connection, row: &DepartmentRow) -> Result<(), StorageError> {
    connection
        .prepare_cached("UPDATE department SET parent = ?2, name = ?3, priority = ?4 WHERE id = ?1")
        .and_then(|mut statement| statement.execute(params![row.id, row.parent, row.name, row.priority]))
        .map(|_| ())
        .map_err(StorageError::at("update department"))
}

/// Removes a department.
pub(crate) fn delete_department(connection: &Connection, id: i64) -> Result<(), StorageError> {
    connection
        .execute("DELETE FROM department WHERE id = ?1", [id])
        .map(|_| ())
        .map_err(StorageError::at("delete department"))
}

/// How many departments lie directly below, and how many people have a post there.
pub(crate) fn department_contents(connection: &Connection, id: i64) -> Result<(i64, i64), StorageError> {
    connection
        .query_row(
            "SELECT (SELECT count(*) FROM department WHERE parent = ?1),
                    (SELECT count(DISTINCT person) FROM post WHERE department = ?1)",
            [id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .map_err(StorageError::at("count department contents"))
}
