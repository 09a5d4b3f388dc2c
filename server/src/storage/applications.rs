//! Business systems that may use the HTTP interface: their keys as hashes, what they may do, and how many texts
//! they have sent today.

mod network;
mod scope;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::audit::{self, AuditEntry};
use super::notices::webhooks;
use super::{Database, StorageError};
use crate::clock::Timestamp;

pub use network::Network;
pub use scope::{Right, Scope};

pub(super) const TABLES: &str = "
CREATE TABLE application (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    icon TEXT NOT NULL DEFAULT '',
    key_hash BLOB NOT NULL,
    old_key_hash BLOB NOT NULL DEFAULT x'',
    old_key_until INTEGER NOT NULL DEFAULT 0,
    disabled INTEGER NOT NULL DEFAULT 0,
    scope TEXT NOT NULL DEFAULT '{}',
    created INTEGER NOT NULL
) STRICT;
CREATE TABLE application_texts (
    application INTEGER NOT NULL,
    day INTEGER NOT NULL,
    count INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (application, day)
) STRICT, WITHOUT ROWID;
";

pub(super) const WEBHOOK: &str = "
ALTER TABLE application ADD COLUMN webhook_url TEXT NOT NULL DEFAULT '';
ALTER TABLE application ADD COLUMN webhook_secret BLOB NOT NULL DEFAULT x'';
ALTER TABLE application ADD COLUMN webhook_plain INTEGER NOT NULL DEFAULT 0;
ALTER TABLE application ADD COLUMN webhook_failing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE application ADD COLUMN webhook_disabled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE application ADD COLUMN webhook_error TEXT NOT NULL DEFAULT '';
";

pub(super) const COMPONENT: &str = "
ALTER TABLE application ADD COLUMN component TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX application_component ON application (component) WHERE component <> '';
";

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// Where an application hears what became of its notices.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Webhook {
    /// Where to; empty is nowhere.
    pub url: String,
    /// What it is signed with.
    pub secret: Vec<u8>,
    /// It may be this computer's own address, without TLS.
    pub may_be_plain: bool,
    /// Since when it fails; 0 is not.
    pub failing: Timestamp,
    /// Since when nothing more is told to it, because it has failed for too long; 0 is not.
    pub disabled: Timestamp,
    /// Why it failed last, or empty.
    pub error: String,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Webhook").field("url", &self.url).finish_non_exhaustive()
    }
}

/// A business system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationRow {
    /// Number; never used again.
    pub id: i64,
    /// Short name.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Name of its picture, or empty.
    pub icon: String,
    /// SHA-256 of the secret of its key.
    pub key_hash: Vec<u8>,
    /// The same of the key before; empty when there is none.
    pub old_key_hash: Vec<u8>,
    /// Until when the key before is good.
    pub old_key_until: Timestamp,
    /// May do nothing for the time being.
    pub disabled: bool,
    /// What it may do.
    pub scope: Scope,
    /// When it was added.
    pub created: Timestamp,
    /// Where it hears what became of its notices.
    pub webhook: Webhook,
    /// Domain of the component that stands for it, or empty.
    pub component: String,
}

const COLUMNS: &str =
    "id, name, title, icon, key_hash, old_key_hash, old_key_until, disabled, scope, created, webhook_url,
     webhook_secret, webhook_plain, webhook_failing, webhook_disabled, webhook_error, component";

fn read(row: &Row<'_>) -> rusqlite::Result<ApplicationRow> {
    let scope: String = row.get(8)?;
    // A scope that cannot be read allows nothing.
    let scope = serde_json::from_str(&scope).unwrap_or_default();
    Ok(ApplicationRow {
        id: row.get(0)?,
        name: row.get(1)?,
        title: row.get(2)?,
        icon: row.get(3)?,
        key_hash: row.get(4)?,
        old_key_hash: row.get(5)?,
        old_key_until: Timestamp(row.get(6)?),
        disabled: row.get(7)?,
        scope,
        created: Timestamp(row.get(9)?),
        webhook: Webhook {
            url: row.get(10)?,
            secret: row.get(11)?,
            may_be_plain: row.get(12)?,
            failing: Timestamp(row.get(13)?),
            disabled: Timestamp(row.get(14)?),
            error: row.get(15)?,
        },
        component: row.get(16)?,
    })
}

/// The application with this number.
pub(super) fn application(connection: &Connection, id: i64) -> Result<Option<ApplicationRow>, StorageError> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM application WHERE id = ?1"))
        .and_then(|mut statement| statement.query_row([id], read).optional())
        .map_err(StorageError::at("application by number"))
}

fn by_name(connection: &Connection, name: &str) -> Result<Option<ApplicationRow>, StorageError> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM application WHERE name = ?1"))
        .and_then(|mut statement| statement.query_row([name], read).optional())
        .map_err(StorageError::at("application by name"))
}

fn by_component(connection: &Connection, domain: &str) -> Result<Option<ApplicationRow>, StorageError> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM application WHERE component = ?1 AND component <> ''"
        ))
        .and_then(|mut statement| statement.query_row([domain], read).optional())
        .map_err(StorageError::at("application by component"))
}

fn all(connection: &Connection) -> Result<Vec<ApplicationRow>, StorageError> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM application ORDER BY name"))
        .and_then(|mut statement| statement.query_map([], read)?.collect())
        .map_err(StorageError::at("applications"))
}

fn write(connection: &Connection, row: &ApplicationRow) -> Result<(), StorageError> {
    let scope = serde_json::to_string(&row.scope).unwrap_or_default();
    connection
        .prepare_cached(
            "UPDATE application SET title = ?2, icon = ?3, key_hash = ?4, old_key_hash = ?5, old_key_until = ?6,
             disabled = ?7, scope = ?8, component = ?9 WHERE id = ?1",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                row.id,
                row.title,
                row.icon,
                row.key_hash,
                row.old_key_hash,
                row.old_key_until.0,
                row.disabled,
                scope,
                row.component
            ])
        })
        .map_err(StorageError::at("change application"))?;
    note_webhook(connection, row.id, &row.webhook)
}

/// Writes down where an application hears of its notices, and how that goes.
pub(super) fn note_webhook(
    connection: &Connection,
    application: i64,
    webhook: &Webhook,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "UPDATE application SET webhook_url = ?2, webhook_secret = ?3, webhook_plain = ?4, webhook_failing = ?5,
             webhook_disabled = ?6, webhook_error = ?7 WHERE id = ?1",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                application,
                webhook.url,
                webhook.secret,
                webhook.may_be_plain,
                webhook.failing.0,
                webhook.disabled.0,
                webhook.error
            ])
        })
        .map(|_| ())
        .map_err(StorageError::at("change webhook"))
}

/// Texts of an application on the day of this time.
pub(super) fn texts(connection: &Connection, application: i64, now: Timestamp) -> Result<i64, StorageError> {
    connection
        .prepare_cached("SELECT count FROM application_texts WHERE application = ?1 AND day = ?2")
        .and_then(|mut statement| {
            statement.query_row([application, now.seconds().div_euclid(DAY)], |row| row.get(0)).optional()
        })
        .map(Option::unwrap_or_default)
        .map_err(StorageError::at("texts of application"))
}

/// Counts texts of an application.
pub(super) fn add_texts(
    connection: &Connection,
    application: i64,
    now: Timestamp,
    count: i64,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "INSERT INTO application_texts (application, day, count) VALUES (?1, ?2, ?3)
             ON CONFLICT (application, day) DO UPDATE SET count = count + excluded.count",
        )
        .and_then(|mut statement| statement.execute([application, now.seconds().div_euclid(DAY), count]))
        .map(|_| ())
        .map_err(StorageError::at("count texts of application"))
}

/// All applications. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ApplicationStore(Database);

impl ApplicationStore {
    /// The store in that database.
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// The application with this number.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn find(&self, id: i64) -> Result<Option<ApplicationRow>, StorageError> {
        self.0.read(move |connection| application(connection, id)).await
    }

    /// The application with this short name.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn named(&self, name: String) -> Result<Option<ApplicationRow>, StorageError> {
        self.0.read(move |connection| by_name(connection, &name)).await
    }

    /// The application that the component of this domain stands for.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn of_component(&self, domain: String) -> Result<Option<ApplicationRow>, StorageError> {
        self.0.read(move |connection| by_component(connection, &domain)).await
    }

    /// All applications, by their names.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn all(&self) -> Result<Vec<ApplicationRow>, StorageError> {
        self.0.read(all).await
    }

    /// Texts that an application has sent to phones on the day of this time.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn texts_today(&self, application: i64, now: Timestamp) -> Result<i64, StorageError> {
        self.0.read(move |connection| texts(connection, application, now)).await
    }

    /// Adds an application; answers its number, or `None` when the name is taken. The number in `row` is not
    /// used.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn add(&self, row: ApplicationRow, audit: AuditEntry) -> Result<Option<i64>, StorageError> {
        self.0
            .write(move |connection| {
                if by_name(connection, &row.name)?.is_some() {
                    return Ok(None);
                }
                connection
                    .execute(
                        "INSERT INTO application (name, title, key_hash, created) VALUES (?1, ?2, ?3, ?4)",
                        params![row.name, row.title, row.key_hash, row.created.0],
                    )
                    .map_err(StorageError::at("insert application"))?;
                let id = connection.last_insert_rowid();
                write(connection, &ApplicationRow { id, ..row })?;
                audit::append(connection, &audit)?;
                Ok(Some(id))
            })
            .await
    }

    /// Changes an application; false when there is none of this name.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn change(
        &self,
        name: String,
        change: impl FnOnce(&mut ApplicationRow) + Send + 'static,
        audit: AuditEntry,
    ) -> Result<bool, StorageError> {
        self.0
            .write(move |connection| {
                let Some(mut row) = by_name(connection, &name)? else { return Ok(false) };
                change(&mut row);
                write(connection, &row)?;
                if row.webhook.url.is_empty() && row.component.is_empty() {
                    webhooks::forget(connection, row.id)?;
                }
                audit::append(connection, &audit)?;
                Ok(true)
            })
            .await
    }

    /// Removes an application; what it has not sent yet is never sent. False when there is none of this name.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn remove(&self, name: String, audit: AuditEntry) -> Result<bool, StorageError> {
        self.0
            .write(move |connection| {
                if let Some(row) = by_name(connection, &name)? {
                    webhooks::forget(connection, row.id)?;
                }
                let removed = connection
                    .execute("DELETE FROM application WHERE name = ?1", [&name])
                    .map_err(StorageError::at("remove application"))?;
                if removed > 0 {
                    connection
                        .execute(
                            "DELETE FROM notice_work WHERE receiver IN (SELECT r.id FROM notice_receiver r
                             JOIN notice n ON n.id = r.notice WHERE n.application NOT IN (SELECT id FROM application))",
                            [],
                        )
                        .map_err(StorageError::at("forget work of a removed application"))?;
                    audit::append(connection, &audit)?;
                }
                Ok(removed > 0)
            })
            .await
    }
}
