//! Carries what the editor writes, also from another process, into the directory of the running server.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jid::{BareJid, DomainPart, NodePart};
use posthouse_protocol::organization::{Department, Person, PersonStatus, Post};
use tokio::sync::{Notify, watch};

use super::directory::{Change, EntryId, Stock};
use super::pinyin;
use crate::storage::organization::{self as table, DepartmentRow, LogRow, Logged, PersonRow};
use crate::storage::{Connection, Database, StorageError, accounts};

/// How often the file is asked whether another process has written to it: little work, but each look wakes an
/// idle processor. Whoever signs in has it read before ([`Nudge`]).
pub const PERIOD: Duration = Duration::from_millis(250);

/// How long anybody waits for the follower; it may have trouble of its own.
const PATIENCE: Duration = Duration::from_secs(2);

/// Makes a [`Follower`] look at once. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Nudge(Arc<Asked>);

#[derive(Debug, Default)]
struct Asked {
    /// Counts those who ask.
    number: AtomicU64,
    wake: Notify,
    /// How many of them have what was written before they asked.
    served: watch::Sender<u64>,
}

impl Nudge {
    /// Waits until what was written before is carried over.
    pub async fn caught_up(&self) {
        let own = self.0.number.fetch_add(1, Ordering::AcqRel).saturating_add(1);
        self.0.wake.notify_one();
        let mut served = self.0.served.subscribe();
        let serving = tokio::time::timeout(PATIENCE, served.wait_for(|served| *served >= own));
        if serving.await.is_err() {
            tracing::warn!("edits of the organisation are not read in time");
        }
    }
}

/// What has changed since the last look.
#[derive(Debug, Clone, Default)]
pub struct Update {
    /// The organisation's news, if any.
    pub organization: Option<News>,
    /// Logins whose sessions must end: disabled, removed, or with a new password.
    pub ended: Vec<String>,
}

/// News of the organisation.
#[derive(Debug, Clone)]
pub enum News {
    /// Entries that changed up to this version.
    Changes(u64, Vec<Change>),
    /// Versions of the past mean nothing any more, as after a restore.
    Everything(Box<Stock>),
}

/// Follows the database from one version to the next.
#[derive(Debug)]
pub struct Follower {
    database: Database,
    domain: DomainPart,
    // A connection of its own: `data_version` is only told to a connection that stays.
    watch: Option<Connection>,
    data_version: i64,
    epoch: String,
    version: i64,
    event: i64,
    nudge: Nudge,
    /// Who is served once the last answer of [`Follower::next`] is applied.
    serving: Option<u64>,
}

/// Reads the whole organisation and begins to follow it from there.
///
/// # Errors
/// The database does not answer.
pub async fn load(database: &Database, domain: &DomainPart) -> Result<(Stock, Follower), StorageError> {
    let domain_of_stock = domain.clone();
    let (stock, version, event) = database
        .read(move |connection| {
            let stock = stock(connection, &domain_of_stock)?;
            let version = table::state(connection)?.version;
            Ok((stock, version, accounts::newest_event(connection)?))
        })
        .await?;
    let follower = Follower {
        database: database.clone(),
        domain: domain.clone(),
        watch: Some(database.connection()?),
        data_version: -1,
        epoch: stock.epoch.clone(),
        version,
        event,
        nudge: Nudge::default(),
        serving: None,
    };
    Ok((stock, follower))
}

impl Follower {
    /// Waits until something has changed. May be dropped and called again; the call says that the answer before
    /// is applied.
    ///
    /// # Errors
    /// The database does not answer; calling again tries again.
    pub async fn next(&mut self) -> Result<Update, StorageError> {
        let mut ticks = tokio::time::interval(PERIOD);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let Nudge(asked) = self.nudge.clone();
        if let Some(served) = self.serving.take() {
            asked.served.send_replace(served);
        }
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = asked.wake.notified() => {}
            }
            let serving = asked.number.load(Ordering::Acquire);
            if let Some(update) = self.look()? {
                self.serving = Some(serving);
                return Ok(update);
            }
            asked.served.send_if_modified(|served| std::mem::replace(served, serving) != serving);
        }
    }

    /// Makes this follower look at once.
    pub fn nudge(&self) -> Nudge {
        self.nudge.clone()
    }

    /// One look at the file: a pragma when nothing was written, a few rows otherwise.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn look(&mut self) -> Result<Option<Update>, StorageError> {
        let connection = match self.watch.take() {
            Some(connection) => connection,
            None => self.database.connection()?,
        };
        let found = self.look_with(&connection)?;
        self.watch = Some(connection);
        Ok(found)
    }

    fn look_with(&mut self, connection: &Connection) -> Result<Option<Update>, StorageError> {
        let data_version = table::data_version(connection)?;
        if data_version == self.data_version {
            return Ok(None);
        }
        let (state, event) = (table::state(connection)?, accounts::newest_event(connection)?);
        let mut update = Update::default();
        if event < self.event {
            self.event = 0;
        }
        if event != self.event {
            update.ended = accounts::ended_since(connection, self.event)?;
        }
        if state.epoch != self.epoch || state.version < self.version || state.floor > self.version {
            let stock = stock(connection, &self.domain)?;
            update.organization = Some(News::Everything(Box::new(stock)));
        } else if state.version > self.version {
            let rows = table::log_entries(connection, self.version)?;
            let changes = changes(connection, &self.domain, &rows)?;
            update.organization = Some(News::Changes(version(state.version), changes));
        }
        // Only what was read is done: an error above leaves everything for the next look.
        (self.data_version, self.epoch, self.version, self.event) =
            (data_version, state.epoch, state.version, event);
        let is_news = update.organization.is_some() || !update.ended.is_empty();
        Ok(is_news.then_some(update))
    }
}

fn stock(connection: &Connection, domain: &DomainPart) -> Result<Stock, StorageError> {
    let state = table::state(connection)?;
    let log = table::log_entries(connection, state.floor)?;
    let departments = table::departments(connection)?.iter().map(department).collect();
    let people = table::people(connection)?.iter().filter_map(|row| person(row, domain)).collect();
    let log = log.iter().map(|row| (version(row.version), entry(row.entry))).collect();
    Ok(Stock {
        epoch: state.epoch,
        version: version(state.version),
        departments,
        people,
        log,
        floor: version(state.floor),
    })
}

fn changes(
    connection: &Connection,
    domain: &DomainPart,
    rows: &[LogRow],
) -> Result<Vec<Change>, StorageError> {
    let mut changes = Vec::with_capacity(rows.len());
    for row in rows {
        changes.push(match row.entry {
            Logged::Department(id) => table::department(connection, id)?.map_or_else(
                || Change::DepartmentGone(department_id(id)),
                |row| Change::Department(department(&row)),
            ),
            Logged::Person(id) => table::person(connection, id)?
                .and_then(|row| person(&row, domain))
                .map_or_else(|| Change::PersonGone(person_id(id)), |person| Change::Person(Box::new(person))),
        });
    }
    Ok(parents_first(changes))
}

/// A department before those below it, and all departments before the people in them.
fn parents_first(changes: Vec<Change>) -> Vec<Change> {
    let mut departments: HashMap<String, Department> = HashMap::new();
    let (mut order, mut rest) = (Vec::new(), Vec::new());
    for change in changes {
        match change {
            Change::Department(department) => {
                order.push(department.id.clone());
                departments.insert(department.id.clone(), department);
            }
            other => rest.push(other),
        }
    }
    let mut sorted = Vec::with_capacity(order.len());
    let mut done = HashSet::new();
    for id in order {
        let mut chain = Vec::new();
        let mut next = Some(id);
        while let Some(department) = next.as_ref().and_then(|id| departments.get(id)) {
            if !done.insert(department.id.clone()) {
                break;
            }
            chain.push(department.clone());
            next.clone_from(&department.parent);
        }
        sorted.extend(chain.into_iter().rev().map(Change::Department));
    }
    sorted.extend(rest);
    sorted
}

fn version(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn entry(logged: Logged) -> EntryId {
    match logged {
        Logged::Department(id) => EntryId::Department(department_id(id).into()),
        Logged::Person(id) => EntryId::Person(person_id(id).into()),
    }
}

/// A department's id on the wire and in `[visibility]`.
pub fn department_id(id: i64) -> String {
    format!("d{id}")
}

/// A person's id on the wire and in `[visibility]`.
pub fn person_id(id: i64) -> String {
    format!("p{id}")
}

/// The number in such an id of a person.
pub fn person_number(id: &str) -> Option<i64> {
    id.strip_prefix('p')?.parse().ok()
}

fn department(row: &DepartmentRow) -> Department {
    Department {
        id: department_id(row.id),
        parent: (row.parent != 0).then(|| department_id(row.parent)),
        name: row.name.clone(),
        priority: row.priority,
        pinyin: Some(pinyin::of_text(&row.name)),
    }
}

fn person(row: &PersonRow, domain: &DomainPart) -> Option<Person> {
    let node = NodePart::new(&row.login).ok()?;
    let filled = |text: &String| (!text.is_empty()).then(|| text.clone());
    let post = |(place, post): (usize, &table::PostRow)| Post {
        department: department_id(post.department),
        title: filled(&post.title),
        priority: post.priority,
        primary: place == 0,
    };
    Some(Person {
        id: person_id(row.id),
        jid: BareJid::from_parts(Some(&node), domain),
        name: row.name.clone(),
        gender: row.gender,
        birth: filled(&row.birth),
        avatar: filled(&row.avatar),
        mobile: filled(&row.mobile),
        email: filled(&row.email),
        priority: row.priority,
        status: if row.disabled { PersonStatus::Disabled } else { PersonStatus::Active },
        pinyin: Some(pinyin::of_person(&row.name)),
        phones: row.phones.clone(),
        posts: row.posts.iter().enumerate().map(post).collect(),
    })
}

#[cfg(test)]
mod tests;
