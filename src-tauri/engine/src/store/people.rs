//! The directory as it is in force, with its version, and the pages of an answer that is still coming in.

use jid::BareJid;
use posthouse_protocol::organization::{Department, Entries, Gender, Person, PersonStatus, Post};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::cursors;

/// Entries by generation: one is in force, the next may be coming in. Rows are numbered, so that new ones are
/// written behind each other, whatever their ids. Of a page the entries are kept only if they are changes.
pub(crate) const TABLES: &str = "
CREATE TABLE department (
    number INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL DEFAULT 0,
    id TEXT NOT NULL,
    parent TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    priority INTEGER NOT NULL DEFAULT 0,
    pinyin TEXT NOT NULL DEFAULT '',
    UNIQUE (generation, id)
) STRICT;
CREATE TABLE person (
    number INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL DEFAULT 0,
    id TEXT NOT NULL,
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
    phones TEXT NOT NULL DEFAULT '[]',
    posts TEXT NOT NULL DEFAULT '[]',
    UNIQUE (generation, id)
) STRICT;
CREATE TABLE gathered (
    page INTEGER PRIMARY KEY,
    next TEXT NOT NULL DEFAULT '',
    entries BLOB NOT NULL DEFAULT x''
) STRICT;
";

/// Cursors of the version in force, of its view, and of the generation in force.
const VERSION: &str = "directory version";
const VIEW: &str = "directory view";
const GENERATION: &str = "directory generation";

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

/// The generation in force. Everything that is coming in belongs to the next one.
pub(crate) fn generation(connection: &Connection) -> rusqlite::Result<i64> {
    let kept = cursors::read(connection, GENERATION)?;
    Ok(kept.and_then(|generation| generation.parse().ok()).unwrap_or_default())
}

/// Puts the next generation in force; the old one is no more.
pub(crate) fn turn(connection: &Connection) -> rusqlite::Result<()> {
    let next = generation(connection)?.saturating_add(1);
    cursors::write(connection, GENERATION, &next.to_string())?;
    connection.prepare_cached("DELETE FROM department WHERE generation < ?1")?.execute(params![next])?;
    connection.prepare_cached("DELETE FROM person WHERE generation < ?1")?.execute(params![next])?;
    Ok(())
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
pub(crate) fn drop_pages(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM gathered")?.execute([]).map(|_| ())
}

/// Drops what has come in of the next generation.
pub(crate) fn drop_next_generation(connection: &Connection) -> rusqlite::Result<()> {
    let now = generation(connection)?;
    connection.prepare_cached("DELETE FROM department WHERE generation > ?1")?.execute(params![now])?;
    connection.prepare_cached("DELETE FROM person WHERE generation > ?1")?.execute(params![now])?;
    Ok(())
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
    // The plus: all rows but few are wanted, so the index would only be in the way.
    connection
        .prepare_cached("SELECT id, parent, name, priority, pinyin FROM department WHERE +generation = ?1")?
        .query_map(params![generation(connection)?], read)?
        .collect()
}

/// All people in force.
pub(crate) fn people(connection: &Connection) -> rusqlite::Result<Vec<Person>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, address, name, gender, birth, avatar, mobile, email, priority, status, pinyin, phones, \
         posts FROM person WHERE +generation = ?1",
    )?;
    let people = statement.query_map(params![generation(connection)?], read_person)?;
    people.filter_map(Result::transpose).collect()
}

/// `None` when the address is none any more.
fn read_person(row: &Row<'_>) -> rusqlite::Result<Option<Person>> {
    let Ok(jid) = BareJid::new(text(row, 1)?) else { return Ok(None) };
    Ok(Some(Person {
        id: row.get(0)?,
        jid,
        name: row.get(2)?,
        gender: Gender::of_word(text(row, 3)?),
        birth: filled(row, 4)?,
        avatar: filled(row, 5)?,
        mobile: filled(row, 6)?,
        email: filled(row, 7)?,
        priority: row.get(8)?,
        status: PersonStatus::of_word(text(row, 9)?),
        pinyin: filled(row, 10)?,
        phones: serde_json::from_str(text(row, 11)?).unwrap_or_default(),
        posts: read_posts(text(row, 12)?),
    }))
}

/// Department, title, priority, primary.
type WrittenPost<'a> = (std::borrow::Cow<'a, str>, Option<std::borrow::Cow<'a, str>>, i32, bool);

fn read_posts(written: &str) -> Vec<Post> {
    let posts: Vec<WrittenPost<'_>> = serde_json::from_str(written).unwrap_or_default();
    let post = |(department, title, priority, primary): WrittenPost<'_>| Post {
        department: department.into_owned(),
        title: title.map(std::borrow::Cow::into_owned),
        priority,
        primary,
    };
    posts.into_iter().map(post).collect()
}

fn written(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// Puts a department into a generation, in place of the one with the same id.
pub(crate) fn put_department(
    connection: &Connection,
    generation: i64,
    department: &Department,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO department (generation, id, parent, name, priority, pinyin) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            generation,
            department.id,
            department.parent.as_deref().unwrap_or_default(),
            department.name,
            department.priority,
            department.pinyin.as_deref().unwrap_or_default(),
        ])
        .map(|_| ())
}

/// Puts a person into a generation, in place of the one with the same id.
pub(crate) fn put_person(connection: &Connection, generation: i64, person: &Person) -> rusqlite::Result<()> {
    let posts: Vec<WrittenPost<'_>> = person
        .posts
        .iter()
        .map(|post| {
            (
                post.department.as_str().into(),
                post.title.as_deref().map(Into::into),
                post.priority,
                post.primary,
            )
        })
        .collect();
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO person (generation, id, address, name, gender, birth, avatar, mobile, \
             email, priority, status, pinyin, phones, posts) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?
        .execute(params![
            generation,
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
            written(&person.phones)?,
            written(&posts)?,
        ])
        .map(|_| ())
}

/// A department is no longer there.
pub(crate) fn remove_department(connection: &Connection, generation: i64, id: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM department WHERE generation = ?1 AND id = ?2")?
        .execute(params![generation, id])
        .map(|_| ())
}

/// A person is no longer there.
pub(crate) fn remove_person(connection: &Connection, generation: i64, id: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM person WHERE generation = ?1 AND id = ?2")?
        .execute(params![generation, id])
        .map(|_| ())
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<&'a str> {
    Ok(row.get_ref(column)?.as_str()?)
}

fn filled(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    Ok(Some(text(row, column)?).filter(|text| !text.is_empty()).map(str::to_owned))
}
