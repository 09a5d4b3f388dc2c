//! The directory as it is in force, with its version, and the pages of an answer that is still coming in.

use jid::BareJid;
use posthouse_protocol::organization::{Department, Entries, Gender, Person, PersonStatus, Post};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::cursors;

/// The entries in force; and pages in the form in which they came, until the last of them is there.
pub(crate) const TABLES: &str = "
CREATE TABLE department (
    id TEXT PRIMARY KEY NOT NULL,
    parent TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    priority INTEGER NOT NULL DEFAULT 0,
    pinyin TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE TABLE person (
    id TEXT PRIMARY KEY NOT NULL,
    address TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    gender TEXT NOT NULL DEFAULT '',
    birth TEXT NOT NULL DEFAULT '',
    avatar TEXT NOT NULL DEFAULT '',
    mobile TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '',
    priority INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT '',
    pinyin TEXT NOT NULL DEFAULT '',
    phones TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE TABLE post (
    person TEXT NOT NULL,
    place INTEGER NOT NULL,
    department TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    priority INTEGER NOT NULL DEFAULT 0,
    is_primary INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (person, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE gathered (
    page INTEGER PRIMARY KEY,
    next TEXT NOT NULL DEFAULT '',
    entries BLOB NOT NULL DEFAULT x''
) STRICT;
";

/// Separates phone numbers; XML cannot carry it.
const BETWEEN: char = '\u{1f}';

/// Cursors of the version in force and of its view.
const VERSION: &str = "directory version";
const VIEW: &str = "directory view";

/// What the entries in force are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) version: u64,
    pub(crate) view: String,
}

/// The version in force; `None`: nothing has ever come, or it is not to be built upon.
pub(crate) fn held(connection: &Connection) -> rusqlite::Result<Option<Held>> {
    let version = cursors::read(connection, VERSION)?.and_then(|version| version.parse().ok());
    let view = cursors::read(connection, VIEW)?.unwrap_or_default();
    Ok(version.map(|version| Held { version, view }))
}

/// Notes which version is in force now.
pub(crate) fn hold(connection: &Connection, now: &Held) -> rusqlite::Result<()> {
    if held(connection)?.as_ref() == Some(now) {
        return Ok(());
    }
    cursors::write(connection, VERSION, &now.version.to_string())?;
    cursors::write(connection, VIEW, &now.view)
}

/// The entries stay to be shown; the next question asks for everything.
pub(crate) fn forget_version(connection: &Connection) -> rusqlite::Result<()> {
    cursors::remove(connection, VERSION)
}

/// The number of the page that is to come next, and the token to ask for it with when it is not the first.
pub(crate) fn next_page(connection: &Connection) -> rusqlite::Result<(u32, Option<String>)> {
    let last = connection
        .prepare_cached("SELECT page, next FROM gathered ORDER BY page DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, u32>(0)?, row.get(1)?)))
        .optional()?;
    Ok(last.map_or((0, None), |(page, next)| (page.saturating_add(1), Some(next))))
}

/// Keeps a page apart. `next`: its token.
pub(crate) fn gather(connection: &Connection, entries: &Entries, next: &str) -> rusqlite::Result<()> {
    let written = xso::to_vec(entries)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.to_string().into()))?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO gathered (page, next, entries) VALUES (?1, ?2, ?3)")?
        .execute(params![entries.page, next, written])
        .map(|_| ())
}

/// All pages that are kept apart, in order.
pub(crate) fn gathered(connection: &Connection) -> rusqlite::Result<Vec<Entries>> {
    let read = |row: &Row<'_>| {
        let written: Vec<u8> = row.get(0)?;
        let kind = rusqlite::types::Type::Blob;
        xso::from_bytes(&written)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, kind, error.to_string().into()))
    };
    connection.prepare_cached("SELECT entries FROM gathered ORDER BY page")?.query_map([], read)?.collect()
}

/// Drops the pages that are kept apart.
pub(crate) fn drop_gathered(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM gathered")?.execute([]).map(|_| ())
}

/// All departments in force.
pub(crate) fn departments(connection: &Connection) -> rusqlite::Result<Vec<Department>> {
    let read = |row: &Row<'_>| {
        Ok(Department {
            id: row.get(0)?,
            parent: filled(row, 1)?,
            name: row.get(2)?,
            priority: row.get(3)?,
            pinyin: filled(row, 4)?,
        })
    };
    connection
        .prepare_cached("SELECT id, parent, name, priority, pinyin FROM department ORDER BY id")?
        .query_map([], read)?
        .collect()
}

/// All people in force, with their posts.
pub(crate) fn people(connection: &Connection) -> rusqlite::Result<Vec<Person>> {
    let mut statement = connection.prepare_cached(
        "SELECT person, department, title, priority, is_primary FROM post ORDER BY person, place",
    )?;
    let posts = statement.query_map([], |row| {
        let post = Post {
            department: row.get(1)?,
            title: filled(row, 2)?,
            priority: row.get(3)?,
            primary: row.get(4)?,
        };
        Ok((row.get::<_, String>(0)?, post))
    })?;
    let mut posts = posts.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().peekable();
    let mut statement = connection.prepare_cached(
        "SELECT id, address, name, gender, birth, avatar, mobile, email, priority, status, pinyin, phones \
         FROM person ORDER BY id",
    )?;
    let rows = statement.query_map([], read_person)?;
    let mut people = Vec::new();
    for person in rows {
        let Some(mut person) = person? else { continue };
        while posts.next_if(|(owner, _)| *owner < person.id).is_some() {}
        while let Some((_, post)) = posts.next_if(|(owner, _)| *owner == person.id) {
            person.posts.push(post);
        }
        people.push(person);
    }
    Ok(people)
}

/// `None` when the address is none any more.
fn read_person(row: &Row<'_>) -> rusqlite::Result<Option<Person>> {
    let address: String = row.get(1)?;
    let Ok(jid) = BareJid::new(&address) else { return Ok(None) };
    let word: String = row.get(3)?;
    let status: String = row.get(9)?;
    let phones: String = row.get(11)?;
    Ok(Some(Person {
        id: row.get(0)?,
        jid,
        name: row.get(2)?,
        gender: Gender::of_word(&word),
        birth: filled(row, 4)?,
        avatar: filled(row, 5)?,
        mobile: filled(row, 6)?,
        email: filled(row, 7)?,
        priority: row.get(8)?,
        status: PersonStatus::of_word(&status),
        pinyin: filled(row, 10)?,
        phones: phones.split(BETWEEN).filter(|phone| !phone.is_empty()).map(str::to_owned).collect(),
        posts: Vec::new(),
    }))
}

/// Puts a department in force, in place of the one with the same id.
pub(crate) fn put_department(connection: &Connection, department: &Department) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO department (id, parent, name, priority, pinyin) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            department.id,
            department.parent.as_deref().unwrap_or_default(),
            department.name,
            department.priority,
            department.pinyin.as_deref().unwrap_or_default(),
        ])
        .map(|_| ())
}

/// Puts a person in force, in place of the one with the same id.
pub(crate) fn put_person(connection: &Connection, person: &Person) -> rusqlite::Result<()> {
    remove_posts(connection, &person.id)?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO person (id, address, name, gender, birth, avatar, mobile, email, \
             priority, status, pinyin, phones) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            person.id,
            person.jid.as_str(),
            person.name,
            person.gender.word().unwrap_or_default(),
            person.birth.as_deref().unwrap_or_default(),
            person.avatar.as_deref().unwrap_or_default(),
            person.mobile.as_deref().unwrap_or_default(),
            person.email.as_deref().unwrap_or_default(),
            person.priority,
            person.status.word().unwrap_or_default(),
            person.pinyin.as_deref().unwrap_or_default(),
            person.phones.join(BETWEEN.encode_utf8(&mut [0; 4])),
        ])?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO post (person, place, department, title, priority, is_primary) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (place, post) in (0_i64..).zip(&person.posts) {
        let title = post.title.as_deref().unwrap_or_default();
        statement.execute(params![person.id, place, post.department, title, post.priority, post.primary])?;
    }
    Ok(())
}

/// A department is no longer there.
pub(crate) fn remove_department(connection: &Connection, id: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM department WHERE id = ?1")?.execute(params![id]).map(|_| ())
}

/// A person is no longer there.
pub(crate) fn remove_person(connection: &Connection, id: &str) -> rusqlite::Result<()> {
    remove_posts(connection, id)?;
    connection.prepare_cached("DELETE FROM person WHERE id = ?1")?.execute(params![id]).map(|_| ())
}

fn remove_posts(connection: &Connection, person: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM post WHERE person = ?1")?.execute(params![person]).map(|_| ())
}

/// Nothing is in force any more.
pub(crate) fn remove_all(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("DELETE FROM post; DELETE FROM person; DELETE FROM department;")
}

fn filled(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    let text: String = row.get(column)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}
