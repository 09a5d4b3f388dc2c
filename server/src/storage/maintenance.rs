//! What backup, restore and doctor ask of a database file, whether a server has it open or not.

use std::path::Path;

use rusqlite::{Connection, params};

use super::audit::{self, AuditEntry};
use super::database::{StorageError, open_reader};
use super::migrations;

/// A database file opened for reading: nothing is created or migrated.
#[derive(Debug)]
pub struct Inspection(Connection);

/// How much is in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contents {
    /// Accounts.
    pub accounts: i64,
    /// Accounts that somebody can sign in to.
    pub usable_accounts: i64,
    /// People of the organisation.
    pub people: i64,
    /// Messages.
    pub messages: i64,
}

impl Inspection {
    /// Opens the file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn open(path: &Path) -> Result<Self, StorageError> {
        open_reader(path).map(Self)
    }

    /// Version of the tables, and the newest one that this program knows.
    ///
    /// # Errors
    /// The file is no database.
    pub fn version(&self) -> Result<(i64, i64), StorageError> {
        let found = self.number("PRAGMA user_version")?;
        Ok((found, migrations::newest()))
    }

    /// What SQLite finds wrong in the file; nothing when all is well.
    ///
    /// # Errors
    /// The file is no database.
    pub fn problems(&self) -> Result<Vec<String>, StorageError> {
        let at = StorageError::at("check the database");
        let mut statement = self.0.prepare("PRAGMA integrity_check(20)").map_err(&at)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(&at)?;
        let mut problems: Vec<String> = rows.collect::<Result<_, _>>().map_err(&at)?;
        problems.retain(|problem| problem != "ok");
        let mut statement = self.0.prepare("PRAGMA foreign_key_check").map_err(&at)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(&at)?;
        for table in rows.take(20) {
            problems.push(format!("a row of {} points nowhere", table.map_err(&at)?));
        }
        Ok(problems)
    }

    /// Number of entries in the audit log, or the number of the first one that does not fit the chain.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn audit(&self) -> Result<Result<i64, i64>, StorageError> {
        audit::verify(&self.0)
    }

    /// Time of the newest message or audit entry, in microseconds since 1970; 0 when there is none.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn newest_time(&self) -> Result<i64, StorageError> {
        self.number(
            "SELECT max(coalesce((SELECT max(id) FROM message), 0),
                        coalesce((SELECT time FROM audit ORDER BY number DESC LIMIT 1), 0))",
        )
    }

    /// How much is in it.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn contents(&self) -> Result<Contents, StorageError> {
        Ok(Contents {
            accounts: self.number("SELECT count(*) FROM account")?,
            usable_accounts: self.number(
                "SELECT count(*) FROM account WHERE disabled = 0
                 AND EXISTS (SELECT 1 FROM credential WHERE credential.login = account.login)",
            )?,
            people: self.number("SELECT count(*) FROM person")?,
            messages: self.number("SELECT count(*) FROM message")?,
        })
    }

    /// Whether a department has this number.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn has_department(&self, id: i64) -> Result<bool, StorageError> {
        super::organization::department(&self.0, id).map(|found| found.is_some())
    }

    /// Whether a person has this number.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn has_person(&self, id: i64) -> Result<bool, StorageError> {
        super::organization::person(&self.0, id).map(|found| found.is_some())
    }

    /// Whether somebody signs in with this ID.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn has_login(&self, login: &str) -> Result<bool, StorageError> {
        super::accounts::account(&self.0, login).map(|found| found.is_some())
    }

    /// Writes everything as of now into another file, which must be empty or not there. The server may go on
    /// writing meanwhile.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn copy_to(&self, path: &Path) -> Result<(), StorageError> {
        let path = path.to_string_lossy();
        self.0
            .execute("VACUUM INTO ?1", params![path])
            .map(|_| ())
            .map_err(StorageError::at("copy the database"))
    }

    fn number(&self, question: &'static str) -> Result<i64, StorageError> {
        self.0.query_row(question, [], |row| row.get(0)).map_err(StorageError::at(question))
    }
}

/// Makes a file that was restored ready for a server: brings it to the newest version, writes `entry` into its
/// audit log, lets clients forget the versions of the organisation they know, and ends all sessions of single sign-on:
/// some were over after the backup was made.
///
/// # Errors
/// The file is no database, or a newer program has written it.
pub fn prepare_restored(path: &Path, entry: &AuditEntry) -> Result<(), StorageError> {
    let mut connection = Connection::open(path).map_err(StorageError::at("open"))?;
    migrations::migrate(&mut connection)?;
    let transaction = connection.transaction().map_err(StorageError::at("begin restore"))?;
    super::organization::renew_epoch(&transaction)?;
    super::sign_on::mark_all(&transaction, "restored")?;
    audit::append(&transaction, entry)?;
    transaction.commit().map_err(StorageError::at("commit restore"))?;
    connection.close().map_err(|(_, source)| StorageError::at("close")(source))
}

#[cfg(test)]
mod tests {
    use super::{Inspection, prepare_restored};
    use crate::clock::Timestamp;
    use crate::storage::audit::AuditEntry;
    use crate::storage::{Database, organization};

    #[test]
    fn a_copy_has_everything_and_is_well() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("posthouse.db");
        let database = Database::open(&path).unwrap();
        let epoch = database.read_now(organization::state).unwrap().epoch;
        let copy = folder.path().join("copy.db");
        Inspection::open(&path).unwrap().copy_to(&copy).unwrap();
        let inspection = Inspection::open(&copy).unwrap();
        assert_eq!(inspection.problems().unwrap(), Vec::<String>::new());
        let (found, known) = inspection.version().unwrap();
        assert_eq!(found, known);
        assert_eq!(inspection.newest_time().unwrap(), 0);
        drop(inspection);
        let entry = AuditEntry {
            time: Timestamp(7),
            actor: "test".to_owned(),
            action: "restore".to_owned(),
            subject: String::new(),
            detail: String::new(),
        };
        prepare_restored(&copy, &entry).unwrap();
        let restored = Database::open(&copy).unwrap();
        assert_ne!(restored.read_now(organization::state).unwrap().epoch, epoch);
        assert_eq!(Inspection::open(&copy).unwrap().audit().unwrap(), Ok(1));
    }

    #[test]
    fn a_damaged_file_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("posthouse.db");
        drop(Database::open(&path).unwrap());
        let copy = folder.path().join("copy.db");
        Inspection::open(&path).unwrap().copy_to(&copy).unwrap();
        let mut bytes = std::fs::read(&copy).unwrap();
        let end = bytes.len() - 1_000;
        bytes[4_096..end].fill(0xa5);
        std::fs::write(&copy, bytes).unwrap();
        let found = Inspection::open(&copy).and_then(|inspection| inspection.problems());
        assert!(found.map_or(true, |problems| !problems.is_empty()));
    }
}
