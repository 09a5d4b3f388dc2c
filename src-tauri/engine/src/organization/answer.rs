//! What answers and pushes of the directory do to the store. Pages are kept apart until the last one is there and
//! then put in force together; each step is one transaction, so that the end of the program at any moment leaves
//! the old directory or the new one, and the next login goes on with the page that was to come.

use posthouse_protocol::organization::{Entries, PAGE_ENTRIES, Query};
use rusqlite::Connection;

use crate::store::people::{self, Held};

/// What has been put in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum News {
    /// Everything is to be read from the store anew.
    Everything,
    /// These, page after page.
    Changes(Vec<Entries>),
}

impl News {
    /// Whether anything looks different afterwards.
    pub(super) fn is_change(&self) -> bool {
        match self {
            Self::Everything => true,
            Self::Changes(pages) => pages.iter().any(|page| page.count() > 0),
        }
    }
}

/// What became of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is kept apart; the next one is to be asked for.
    More,
    /// It was the last one.
    Done(News),
    /// It does not belong to what is here: everything is to be asked for.
    Unfit,
}

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pushed {
    /// It is in force.
    Done(News),
    /// It says nothing new.
    Known,
    /// Something lies between: the server is to be asked.
    Gap,
}

/// The next question: for the page that is to come, else for what has changed, else for everything.
pub(super) fn next_query(connection: &Connection) -> rusqlite::Result<Query> {
    let held = people::held(connection)?;
    let (_, after) = people::next_page(connection)?;
    let (version, view) = held.map(|held| (held.version, held.view)).unzip();
    Ok(Query { version, view, max: Some(PAGE_ENTRIES), after })
}

/// Takes one page of an answer.
pub(super) fn take_page(connection: &Connection, entries: Entries) -> rusqlite::Result<Taken> {
    let (expected, _) = people::next_page(connection)?;
    if entries.page == 0 {
        drop_gathered(connection)?;
    } else if entries.page != expected {
        return start_over(connection);
    }
    let entries = if entries.since.is_none() { set_apart(connection, entries)? } else { entries };
    if let Some(next) = &entries.next {
        people::gather(connection, &entries, next)?;
        return Ok(Taken::More);
    }
    let mut pages = people::gathered(connection)?;
    pages.push(entries);
    people::drop_pages(connection)?;
    match put_in_force(connection, pages)? {
        Some(news) => Ok(Taken::Done(news)),
        None => start_over(connection),
    }
}

/// Writes a page of everything into the next generation; answers what the page says beside its entries.
fn set_apart(connection: &Connection, entries: Entries) -> rusqlite::Result<Entries> {
    let next = people::generation(connection)?.saturating_add(1);
    write_page(connection, next, &entries)?;
    Ok(Entries { departments: Vec::new(), people: Vec::new(), gone: Vec::new(), ..entries })
}

fn write_page(connection: &Connection, generation: i64, page: &Entries) -> rusqlite::Result<()> {
    for department in &page.departments {
        people::put_department(connection, generation, department)?;
    }
    for person in &page.people {
        people::put_person(connection, generation, person)?;
    }
    for gone in &page.gone {
        gone.department.iter().try_for_each(|id| people::remove_department(connection, generation, id))?;
        gone.person.iter().try_for_each(|id| people::remove_person(connection, generation, id))?;
    }
    Ok(())
}

fn drop_gathered(connection: &Connection) -> rusqlite::Result<()> {
    people::drop_pages(connection)?;
    people::drop_next_generation(connection)
}

/// Takes a push.
pub(super) fn take_push(connection: &Connection, entries: Entries) -> rusqlite::Result<Pushed> {
    let Some(held) = people::held(connection)? else { return Ok(Pushed::Gap) };
    if entries.fetch || entries.view != held.view {
        return Ok(Pushed::Gap);
    }
    if entries.version <= held.version {
        return Ok(Pushed::Known);
    }
    if entries.since.is_none() || entries.next.is_some() {
        return Ok(Pushed::Gap);
    }
    Ok(put_in_force(connection, vec![entries])?.map_or(Pushed::Gap, Pushed::Done))
}

fn start_over(connection: &Connection) -> rusqlite::Result<Taken> {
    drop_gathered(connection)?;
    people::forget_version(connection)?;
    Ok(Taken::Unfit)
}

/// `None`: the pages do not belong together, or do not build on what is in force.
fn put_in_force(connection: &Connection, pages: Vec<Entries>) -> rusqlite::Result<Option<News>> {
    let Some(first) = pages.first() else { return Ok(None) };
    let now = Held { version: first.version, view: first.view.clone() };
    let since = first.since;
    let belongs =
        |page: &Entries| page.version == now.version && page.view == now.view && page.since == since;
    let is_built_upon = |held: Held| held.view == now.view && Some(held.version) == since;
    let fits = since.is_none() || people::held(connection)?.is_some_and(is_built_upon);
    if !fits || !pages.iter().all(belongs) {
        return Ok(None);
    }
    let news = if since.is_none() {
        people::turn(connection)?;
        News::Everything
    } else {
        let generation = people::generation(connection)?;
        pages.iter().try_for_each(|page| write_page(connection, generation, page))?;
        News::Changes(pages)
    };
    people::hold(connection, &now)?;
    Ok(Some(news))
}
