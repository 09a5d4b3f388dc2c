//! Reads archives page by page, and keeps who wants what archived (XEP-0313).

use jid::BareJid;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, params_from_iter};

use super::messages::{MessageStore, StoredId, address_number};
use super::{Database, StorageError};

pub(super) const TABLES: &str = "
CREATE TABLE archive_preferences (
    jid TEXT PRIMARY KEY,
    fallback TEXT NOT NULL DEFAULT 'always',
    always TEXT NOT NULL DEFAULT '',
    never TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
";

/// Counting stops here: an exact number costs more than a client can use.
const COUNTED: u64 = 5_000;

/// Which entries of an archive are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveFilter {
    /// Whose archive.
    pub owner: BareJid,
    /// Only with this address; a resource as well when one is given.
    pub with: Option<(BareJid, Option<String>)>,
    /// Not older than this; microseconds since 1970.
    pub start: Option<i64>,
    /// Not newer than this; microseconds since 1970.
    pub end: Option<i64>,
    /// Only newer than this entry.
    pub after_id: Option<StoredId>,
    /// Only older than this entry.
    pub before_id: Option<StoredId>,
    /// Only these.
    pub ids: Vec<StoredId>,
}

/// Which page of the filtered entries (XEP-0059).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The oldest ones, or those after an entry.
    Forward(Option<StoredId>),
    /// The newest ones, or those before an entry.
    Backward(Option<StoredId>),
}

/// One archived message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedMessage {
    /// Its id and time.
    pub id: StoredId,
    /// The stanza as it was accepted.
    pub frame: Vec<u8>,
}

/// What a query finds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArchivePage {
    /// Oldest first.
    pub messages: Vec<ArchivedMessage>,
    /// Nothing lies beyond the page in the direction of paging.
    pub is_complete: bool,
    /// How many entries the filter finds, when few enough to count.
    pub count: Option<u64>,
    /// Place of the first message among them, when known without counting.
    pub first_index: Option<u64>,
}

/// Answer to a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveAnswer {
    /// The page.
    Page(ArchivePage),
    /// An id of the query is not in the archive.
    UnknownId,
}

/// Oldest and newest entry of an archive.
pub type Bounds = Option<(StoredId, StoredId)>;

impl MessageStore {
    /// One page of an archive; `most` 0 asks for the count alone.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn page(
        &self,
        filter: ArchiveFilter,
        page: Page,
        most: u32,
    ) -> Result<ArchiveAnswer, StorageError> {
        self.database().read(move |connection| read_page(connection, &filter, page, most)).await
    }

    /// The oldest and the newest entry of an archive.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn bounds(&self, owner: BareJid) -> Result<Bounds, StorageError> {
        self.database()
            .read(move |connection| {
                let Some(owner) = address_number(connection, owner.as_str())? else { return Ok(None) };
                connection
                    .prepare_cached(
                        "SELECT (SELECT min(id) FROM archive WHERE owner = ?1),
                                (SELECT max(id) FROM archive WHERE owner = ?1)",
                    )
                    .and_then(|mut statement| {
                        statement.query_row([owner], |row| {
                            Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?))
                        })
                    })
                    .map(|(oldest, newest)| oldest.zip(newest).map(|(a, b)| (StoredId(a), StoredId(b))))
                    .map_err(StorageError::at("bounds of an archive"))
            })
            .await
    }
}

/// A condition in SQL and its values, in the order of their question marks.
struct Condition {
    text: String,
    values: Vec<Value>,
}

fn read_page(
    connection: &Connection,
    filter: &ArchiveFilter,
    page: Page,
    most: u32,
) -> Result<ArchiveAnswer, StorageError> {
    let Some(owner) = address_number(connection, filter.owner.as_str())? else {
        let names_ids = filter.after_id.is_some() || filter.before_id.is_some() || !filter.ids.is_empty();
        let pages = matches!(page, Page::Forward(Some(_)) | Page::Backward(Some(_)));
        return Ok(if names_ids || pages { ArchiveAnswer::UnknownId } else { ArchiveAnswer::Page(empty()) });
    };
    let (Page::Forward(place) | Page::Backward(place)) = page;
    let named = filter.ids.iter().copied().chain(filter.after_id).chain(filter.before_id).chain(place);
    for id in named {
        if !has_entry(connection, owner, id)? {
            return Ok(ArchiveAnswer::UnknownId);
        }
    }
    let Some(condition) = condition_of(connection, owner, filter)? else {
        return Ok(ArchiveAnswer::Page(empty()));
    };
    if most == 0 {
        let count = count(connection, &condition, u64::MAX)?;
        let is_complete = count == 0;
        return Ok(ArchiveAnswer::Page(ArchivePage { count: Some(count), is_complete, ..empty() }));
    }
    let (messages, is_complete) = select(connection, &condition, page, most)?;
    let count = Some(count(connection, &condition, COUNTED)?).filter(|count| *count < COUNTED);
    let first_index = match page {
        Page::Forward(None) => Some(0),
        // COMPAT(slixmpp 1.8): an index that reaches the count ends its paging, backwards too, on the first page.
        Page::Backward(_) | Page::Forward(Some(_)) => None,
    };
    Ok(ArchiveAnswer::Page(ArchivePage { messages, is_complete, count, first_index }))
}

fn empty() -> ArchivePage {
    ArchivePage { is_complete: true, count: Some(0), ..ArchivePage::default() }
}

fn has_entry(connection: &Connection, owner: i64, id: StoredId) -> Result<bool, StorageError> {
    connection
        .prepare_cached("SELECT 1 FROM archive WHERE owner = ?1 AND id = ?2")
        .and_then(|mut statement| statement.query_row([owner, id.0], |_| Ok(())).optional())
        .map(|found| found.is_some())
        .map_err(StorageError::at("find archive entry"))
}

/// `None` when nothing can match.
fn condition_of(
    connection: &Connection,
    owner: i64,
    filter: &ArchiveFilter,
) -> Result<Option<Condition>, StorageError> {
    let mut text = "a.owner = ?".to_owned();
    let mut values = vec![Value::Integer(owner)];
    if let Some((peer, resource)) = &filter.with {
        let Some(peer) = address_number(connection, peer.as_str())? else { return Ok(None) };
        text.push_str(" AND a.peer = ?");
        values.push(Value::Integer(peer));
        if let Some(resource) = resource {
            text.push_str(" AND a.resource = ?");
            values.push(Value::Text(resource.clone()));
        }
    }
    let oldest = filter.start.into_iter().chain(filter.after_id.map(|id| id.0.saturating_add(1))).max();
    if let Some(oldest) = oldest {
        text.push_str(" AND a.id >= ?");
        values.push(Value::Integer(oldest));
    }
    let newest = filter.end.into_iter().chain(filter.before_id.map(|id| id.0.saturating_sub(1))).min();
    if let Some(newest) = newest {
        text.push_str(" AND a.id <= ?");
        values.push(Value::Integer(newest));
    }
    if !filter.ids.is_empty() {
        text.push_str(" AND a.id IN (");
        text.push_str(&vec!["?"; filter.ids.len()].join(","));
        text.push(')');
        values.extend(filter.ids.iter().map(|id| Value::Integer(id.0)));
    }
    Ok(Some(Condition { text, values }))
}

fn count(connection: &Connection, condition: &Condition, most: u64) -> Result<u64, StorageError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let question =
        format!("SELECT count(*) FROM (SELECT 1 FROM archive a WHERE {} LIMIT {most})", condition.text);
    connection
        .prepare_cached(&question)
        .and_then(|mut statement| {
            statement.query_row(params_from_iter(&condition.values), |row| row.get::<_, i64>(0))
        })
        .map(|count| u64::try_from(count).unwrap_or_default())
        .map_err(StorageError::at("count archive entries"))
}

/// The page, oldest first, and whether nothing lies beyond it.
fn select(
    connection: &Connection,
    condition: &Condition,
    page: Page,
    most: u32,
) -> Result<(Vec<ArchivedMessage>, bool), StorageError> {
    let at = StorageError::at("page of an archive");
    let (beyond, order, place) = match page {
        Page::Forward(place) => (" AND a.id > ?", "ASC", place),
        Page::Backward(place) => (" AND a.id < ?", "DESC", place),
    };
    let mut values = condition.values.clone();
    values.extend(place.map(|id| Value::Integer(id.0)));
    values.push(Value::Integer(i64::from(most).saturating_add(1)));
    let question = format!(
        "SELECT a.id, m.frame FROM archive a CROSS JOIN message m ON m.id = a.id WHERE {}{} ORDER BY a.id {order} LIMIT ?",
        condition.text,
        if place.is_some() { beyond } else { "" },
    );
    let mut statement = connection.prepare_cached(&question).map_err(&at)?;
    let rows = statement
        .query_map(params_from_iter(&values), |row| {
            Ok(ArchivedMessage { id: StoredId(row.get(0)?), frame: row.get(1)? })
        })
        .map_err(&at)?;
    let mut messages = rows.collect::<Result<Vec<_>, _>>().map_err(&at)?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let is_complete = messages.len() <= most;
    messages.truncate(most);
    if matches!(page, Page::Backward(_)) {
        messages.reverse();
    }
    Ok((messages, is_complete))
}

/// What an account wants archived (XEP-0441).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivePreferences {
    /// For addresses in neither list.
    pub fallback: ArchiveFallback,
    /// Always archived.
    pub always: Vec<String>,
    /// Never archived.
    pub never: Vec<String>,
}

/// What happens to messages with addresses in no list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveFallback {
    /// `always`
    Always,
    /// `never`
    Never,
    /// `roster`: only with contacts.
    Roster,
}

impl ArchiveFallback {
    /// As on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Never => "never",
            Self::Roster => "roster",
        }
    }

    /// Reads the wire form.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Always, Self::Never, Self::Roster].into_iter().find(|fallback| fallback.name() == name)
    }
}

/// The preferences of all accounts that have set some.
///
/// # Errors
/// The database does not answer.
pub async fn preferences(database: &Database) -> Result<Vec<(BareJid, ArchivePreferences)>, StorageError> {
    database
        .read(|connection| {
            let at = StorageError::at("archive preferences");
            let mut statement = connection
                .prepare("SELECT jid, fallback, always, never FROM archive_preferences")
                .map_err(&at)?;
            let rows = statement
                .query_map([], |row| {
                    let text = |index| row.get::<_, String>(index);
                    Ok((text(0)?, text(1)?, text(2)?, text(3)?))
                })
                .map_err(&at)?;
            let rows = rows.collect::<Result<Vec<_>, _>>().map_err(&at)?;
            Ok(rows
                .into_iter()
                .filter_map(|(jid, fallback, always, never)| {
                    let lines = |text: String| text.lines().map(str::to_owned).collect();
                    let fallback = ArchiveFallback::parse(&fallback)?;
                    let wanted = ArchivePreferences { fallback, always: lines(always), never: lines(never) };
                    Some((BareJid::new(&jid).ok()?, wanted))
                })
                .collect())
        })
        .await
}

/// Keeps the preferences of an account.
///
/// # Errors
/// The database does not answer.
pub async fn set_preferences(
    database: &Database,
    account: BareJid,
    wanted: ArchivePreferences,
) -> Result<(), StorageError> {
    database
        .write(move |connection| {
            connection
                .execute(
                    "INSERT INTO archive_preferences (jid, fallback, always, never) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (jid) DO UPDATE SET
                     fallback = excluded.fallback, always = excluded.always, never = excluded.never",
                    [
                        account.as_str(),
                        wanted.fallback.name(),
                        &wanted.always.join("\n"),
                        &wanted.never.join("\n"),
                    ],
                )
                .map(|_| ())
                .map_err(StorageError::at("set archive preferences"))
        })
        .await
}
