//! The organisation as it stands in the database, for those who keep a copy of it or edit it: what was written is read
//! at once. What users see is [`super::directory::Directory`].

use super::import::Present;
use super::tree::Tree;
use crate::storage::organization::{self as table, Logged, PersonRow, State};
use crate::storage::{Database, StorageError, accounts};

/// Reads the organisation. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Catalogue(Database);

/// Ids of what has changed, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// Departments.
    pub departments: Vec<i64>,
    /// People.
    pub people: Vec<i64>,
}

impl Catalogue {
    /// Of that database.
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Where the organisation stands, and its departments without people. The departments may be newer.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn outline(&self) -> Result<(State, Tree), StorageError> {
        self.0
            .read(|connection| {
                let state = table::state(connection)?;
                Ok((state, Tree::new(table::departments(connection)?, Vec::new())))
            })
            .await
    }

    /// Everything, for an import.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn present(&self) -> Result<(State, Present), StorageError> {
        self.0
            .read(|connection| {
                let state = table::state(connection)?;
                let tree = Tree::new(table::departments(connection)?, table::people(connection)?);
                Ok((state, Present { tree, accounts: accounts::accounts(connection)? }))
            })
            .await
    }

    /// The person with this ID to sign in with.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn person_by_login(&self, login: String) -> Result<Option<PersonRow>, StorageError> {
        self.0.read(move |connection| table::person_by_login(connection, &login)).await
    }

    /// The person with this id.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn person(&self, id: i64) -> Result<Option<PersonRow>, StorageError> {
        self.0.read(move |connection| table::person(connection, id)).await
    }

    /// People in the order of their ids, those behind `after`, at most `limit`; only those with a post in one of the
    /// departments, when there are any given.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn people(
        &self,
        after: i64,
        limit: i64,
        departments: Option<Vec<i64>>,
    ) -> Result<Vec<PersonRow>, StorageError> {
        let departments =
            move |connection: &_| table::people_page(connection, after, limit, departments.as_deref());
        self.0.read(departments).await
    }

    /// The people with these ids; `None` for those who are gone.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn people_of(&self, ids: Vec<i64>) -> Result<Vec<(i64, Option<PersonRow>)>, StorageError> {
        self.0
            .read(move |connection| {
                ids.into_iter().map(|id| Ok((id, table::person(connection, id)?))).collect()
            })
            .await
    }

    /// Ids of the people who have the tag.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn people_tagged(&self, tag: String) -> Result<Vec<i64>, StorageError> {
        self.0.read(move |connection| table::people_tagged(connection, &tag)).await
    }

    /// What has changed after a version that the log still knows.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn changed_since(&self, version: i64) -> Result<Changed, StorageError> {
        self.0
            .read(move |connection| {
                let mut changed = Changed::default();
                for row in table::log_entries(connection, version)? {
                    match row.entry {
                        Logged::Department(id) => changed.departments.push(id),
                        Logged::Person(id) => changed.people.push(id),
                    }
                }
                changed.departments.sort_unstable();
                changed.people.sort_unstable();
                Ok(changed)
            })
            .await
    }
}
