//! People and their posts.

use std::collections::HashMap;

use posthouse_protocol::organization::Gender;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::tags::{all_tags, put_tags, tags_of};
use super::{PersonRow, PostRow};
use crate::storage::StorageError;

const COLUMNS: &str = "id, login, name, gender, birth, phones, mobile, email, priority, disabled, avatar,
    employee_number";

/// All people with their posts.
pub(crate) fn people(connection: &Connection) -> Result<Vec<PersonRow>, StorageError> {
    let (mut posts, mut tags) = (all_posts(connection)?, all_tags(connection)?);
    let mut people: Vec<PersonRow> = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM person ORDER BY id"))
        .and_then(|mut statement| statement.query_map([], read_person)?.collect())
        .map_err(StorageError::at("read people"))?;
    for person in &mut people {
        person.posts = posts.remove(&person.id).unwrap_or_default();
        person.tags = tags.remove(&person.id).unwrap_or_default();
    }
    Ok(people)
}

/// People in the order of their ids, those behind `after`, at most `limit`; only those with a post in one of the
/// departments, when there are any given.
pub(crate) fn people_page(
    connection: &Connection,
    after: i64,
    limit: i64,
    departments: Option<&[i64]>,
) -> Result<Vec<PersonRow>, StorageError> {
    let list = departments.and_then(|ids| serde_json::to_string(ids).ok());
    let found: Vec<PersonRow> = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM person WHERE id > ?1 AND (?3 IS NULL OR id IN (SELECT person FROM post
             WHERE department IN (SELECT value FROM json_each(?3)))) ORDER BY id LIMIT ?2"
        ))
        .and_then(|mut statement| statement.query_map(params![after, limit, list], read_person)?.collect())
        .map_err(StorageError::at("read a page of people"))?;
    found.into_iter().map(|person| whole(connection, person)).collect()
}

/// One person by id.
pub(crate) fn person(connection: &Connection, id: i64) -> Result<Option<PersonRow>, StorageError> {
    let found = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM person WHERE id = ?1"))
        .and_then(|mut statement| statement.query_row([id], read_person).optional())
        .map_err(StorageError::at("read person"))?;
    found.map(|person| whole(connection, person)).transpose()
}

/// One person by login.
pub(crate) fn person_by_login(
    connection: &Connection,
    login: &str,
) -> Result<Option<PersonRow>, StorageError> {
    let found = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM person WHERE login = ?1"))
        .and_then(|mut statement| statement.query_row([login], read_person).optional())
        .map_err(StorageError::at("read person by login"))?;
    found.map(|person| whole(connection, person)).transpose()
}

fn whole(connection: &Connection, mut person: PersonRow) -> Result<PersonRow, StorageError> {
    person.posts = connection
        .prepare_cached("SELECT department, title, priority FROM post WHERE person = ?1 ORDER BY place")
        .and_then(|mut statement| statement.query_map([person.id], |row| read_post(row, 0))?.collect())
        .map_err(StorageError::at("read posts"))?;
    person.tags = tags_of(connection, person.id)?;
    Ok(person)
}

fn all_posts(connection: &Connection) -> Result<HashMap<i64, Vec<PostRow>>, StorageError> {
    let mut posts: HashMap<i64, Vec<PostRow>> = HashMap::new();
    let mut statement = connection
        .prepare_cached("SELECT person, department, title, priority FROM post ORDER BY person, place")
        .map_err(StorageError::at("prepare posts"))?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, i64>(0)?, read_post(row, 1)?)))
        .map_err(StorageError::at("read all posts"))?;
    for row in rows {
        let (person, post) = row.map_err(StorageError::at("read post"))?;
        posts.entry(person).or_default().push(post);
    }
    Ok(posts)
}

fn read_post(row: &Row<'_>, first: usize) -> rusqlite::Result<PostRow> {
    Ok(PostRow {
        department: row.get(first)?,
        title: row.get(first.saturating_add(1))?,
        priority: row.get(first.saturating_add(2))?,
    })
}

fn read_person(row: &Row<'_>) -> rusqlite::Result<PersonRow> {
    let phones: String = row.get(5)?;
    Ok(PersonRow {
        id: row.get(0)?,
        login: row.get(1)?,
        name: row.get(2)?,
        gender: Gender::of_word(&row.get::<_, String>(3)?),
        birth: row.get(4)?,
        phones: phones.lines().map(str::to_owned).collect(),
        mobile: row.get(6)?,
        email: row.get(7)?,
        priority: row.get(8)?,
        disabled: row.get(9)?,
        avatar: row.get(10)?,
        employee_number: row.get(11)?,
        posts: Vec::new(),
        tags: Vec::new(),
    })
}

/// Adds a person and answers the id; the row's own id is not looked at.
pub(crate) fn insert_person(connection: &Connection, row: &PersonRow) -> Result<i64, StorageError> {
    let id = connection
        .prepare_cached(
            "INSERT INTO person (login, name, gender, birth, phones, mobile, email, priority, disabled, avatar,
                 employee_number)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )
        .and_then(|mut statement| {
            statement.insert(params![
                row.login,
                row.name,
                row.gender.word().unwrap_or_default(),
                row.birth,
                row.phones.join("\n"),
                row.mobile,
                row.email,
                row.priority,
                row.disabled,
                row.avatar,
                row.employee_number
            ])
        })
        .map_err(StorageError::at("insert person"))?;
    insert_posts(connection, id, &row.posts)?;
    put_tags(connection, id, &row.tags)?;
    Ok(id)
}

/// Changes a person with posts and tags.
pub(crate) fn update_person(connection: &Connection, row: &PersonRow) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "UPDATE person SET login = ?2, name = ?3, gender = ?4, birth = ?5, phones = ?6, mobile = ?7, email = ?8,
                 priority = ?9, disabled = ?10, avatar = ?11, employee_number = ?12 WHERE id = ?1",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                row.id,
                row.login,
                row.name,
                row.gender.word().unwrap_or_default(),
                row.birth,
                row.phones.join("\n"),
                row.mobile,
                row.email,
                row.priority,
                row.disabled,
                row.avatar,
                row.employee_number
            ])
        })
        .map_err(StorageError::at("update person"))?;
    connection
        .prepare_cached("DELETE FROM post WHERE person = ?1")
        .and_then(|mut statement| statement.execute([row.id]))
        .map_err(StorageError::at("delete posts"))?;
    insert_posts(connection, row.id, &row.posts)?;
    put_tags(connection, row.id, &row.tags)
}

fn insert_posts(connection: &Connection, person: i64, posts: &[PostRow]) -> Result<(), StorageError> {
    for (place, post) in (0_i64..).zip(posts) {
        connection
            .prepare_cached(
                "INSERT INTO post (person, place, department, title, priority) VALUES (?1, ?2, ?3, ?4, ?5)",
            )
            .and_then(|mut statement| {
                statement.execute(params![person, place, post.department, post.title, post.priority])
            })
            .map_err(StorageError::at("insert post"))?;
    }
    Ok(())
}

/// Removes a person with the posts.
pub(crate) fn delete_person(connection: &Connection, id: i64) -> Result<(), StorageError> {
    connection
        .execute("DELETE FROM person WHERE id = ?1", [id])
        .map(|_| ())
        .map_err(StorageError::at("delete person"))
}
