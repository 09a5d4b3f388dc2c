//! Edits departments, people and their accounts: every edit is one transaction with one new version of the
//! organisation and one entry in the audit log.

use std::sync::Arc;

use parking_lot::Mutex;
use posthouse_protocol::organization::Gender;

use super::fields::MOST_TAGS;
use crate::clock::Clock;
use crate::storage::accounts::{self, CredentialRow};
use crate::storage::audit::{self, AuditEntry};
use crate::storage::{Connection, Database, StorageError, organization as table};
use draft::Draft;

mod condition;
mod departments;
mod draft;
mod people;
mod tags;

pub use condition::Condition;
pub use tags::TagsEdit;

/// Why an edit was refused.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// Nobody has this ID.
    #[error("nobody has the ID {0:?}; `posthouse-server user list` shows all")]
    NoSuchPerson(String),
    /// The ID is taken.
    #[error("the ID {0:?} is taken; `posthouse-server user set` changes the person who has it")]
    PersonExists(String),
    /// No department has this path.
    #[error("there is no department {0:?}; `posthouse-server department list` shows all")]
    NoSuchDepartment(String),
    /// The path is taken.
    #[error("there is a department {0:?} already")]
    DepartmentExists(String),
    /// Something is still in it.
    #[error("{path:?} still has {departments} departments and {people} people; move or remove them first")]
    DepartmentNotEmpty {
        /// Which department.
        path: String,
        /// Departments directly below.
        departments: i64,
        /// People with a post there.
        people: i64,
    },
    /// A department cannot lie inside itself.
    #[error("{0:?} cannot be moved into itself or below itself")]
    IntoItself(String),
    /// Two posts in one department.
    #[error("{login:?} has two posts in {path:?}; one department may stand there only once")]
    PostTwice {
        /// Who.
        login: String,
        /// Where.
        path: String,
    },
    /// More tags than one person may have.
    #[error("{0:?} would have more than {MOST_TAGS} tags")]
    TooManyTags(String),
    /// What the edit was made for has changed meanwhile.
    #[error("it has been changed meanwhile")]
    Changed,
    /// The database refused.
    #[error("the database did not take the change: {0}")]
    Storage(StorageError),
}

impl From<StorageError> for EditError {
    // Every statement of an edit can fail this way and none adds anything to what the error says itself.
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// What changes about a person; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonEdit {
    /// Display name.
    pub name: Option<String>,
    /// Gender.
    pub gender: Option<Gender>,
    /// `YYYY-MM-DD`, or empty.
    pub birth: Option<String>,
    /// Office phones.
    pub phones: Option<Vec<String>>,
    /// Mobile number, or empty.
    pub mobile: Option<String>,
    /// E-mail address, or empty.
    pub email: Option<String>,
    /// May not sign in.
    pub disabled: Option<bool>,
    /// Number in the personnel files, or empty.
    pub employee_number: Option<String>,
    /// Tags.
    pub tags: Option<TagsEdit>,
    /// Places in the tree, the main one first; their departments are created where missing.
    pub posts: Option<Vec<PostEdit>>,
    /// Title of the main post, when `posts` is `None`.
    pub title: Option<String>,
    /// Priority in the main post, when `posts` is `None`.
    pub priority: Option<i32>,
}

/// What changes about a department; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DepartmentEdit {
    /// Another name.
    pub name: Option<String>,
    /// Another place among its siblings.
    pub priority: Option<i32>,
    /// Path of the department that it goes under; an empty one is the top.
    pub below: Option<Vec<String>>,
}

/// A place in the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostEdit {
    /// Path of the department.
    pub department: Vec<String>,
    /// Title, or empty.
    pub title: String,
    /// Order within the department.
    pub priority: i32,
}

/// Keys of a password that somebody else chose or that its owner chose.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword {
    /// The keys.
    pub keys: Vec<CredentialRow>,
    /// The owner must choose another one.
    pub must_change: bool,
}

/// One edit of an import.
pub enum Step {
    /// Creates the department or gives it a priority.
    Department(Vec<String>, i32),
    /// Creates the person or changes what is given; sets the password when there is one.
    Person(String, Box<PersonEdit>, Option<NewPassword>),
    /// Removes a person and the account.
    RemovePerson(String),
    /// Removes a department, which must be empty by then.
    RemoveDepartment(Vec<String>),
}

/// Edits in the name of somebody.
#[derive(Debug, Clone)]
pub struct Editor {
    database: Database,
    clock: Arc<Clock>,
    actor: String,
    condition: Option<Condition>,
}

impl Editor {
    /// `actor` is who stands in the audit log.
    pub fn new(database: Database, clock: Arc<Clock>, actor: String) -> Self {
        Self { database, clock, actor, condition: None }
    }

    /// Every edit is refused with [`EditError::Changed`] unless this holds when it is made.
    pub fn provided(self, condition: Condition) -> Self {
        Self { condition: Some(condition), ..self }
    }

    /// Applies all steps or none; `source` and `detail` go into the audit log. Answers the paths of departments
    /// that were created.
    ///
    /// # Errors
    /// One of the steps is refused.
    pub async fn import(
        &self,
        source: &str,
        detail: String,
        steps: Vec<Step>,
    ) -> Result<Vec<String>, EditError> {
        self.edit("import", source, detail, move |draft| {
            for step in steps {
                match step {
                    Step::Department(path, priority) => draft.put_department(&path, priority)?,
                    Step::Person(login, edit, password) => {
                        draft.put_person(&login, &edit, password.as_ref())?
                    }
                    Step::RemovePerson(login) => draft.remove_person(&login)?,
                    Step::RemoveDepartment(path) => draft.remove_department(&path)?,
                }
            }
            Ok(())
        })
        .await
    }

    /// Adds an account that belongs to nobody in the organisation, such as the first administrator's.
    ///
    /// # Errors
    /// The ID is taken.
    pub async fn add_account(&self, login: &str, role: &str, password: NewPassword) -> Result<(), EditError> {
        let (name, role) = (login.to_owned(), role.to_owned());
        let detail = role.clone();
        self.edit("account add", login, detail, move |draft| {
            draft.refuse_if_taken(&name)?;
            accounts::insert_account(draft.connection, &name, &role, password.must_change)?;
            Ok(accounts::set_password(draft.connection, &name, &password.keys, password.must_change)?)
        })
        .await
        .map(|_| ())
    }

    /// Runs `change` in one transaction, gives it a version and writes it into the audit log; answers the
    /// paths of departments that were created on the way.
    async fn edit(
        &self,
        action: &'static str,
        subject: &str,
        detail: String,
        change: impl FnOnce(&mut Draft<'_>) -> Result<(), EditError> + Send + 'static,
    ) -> Result<Vec<String>, EditError> {
        let entry = AuditEntry {
            time: self.clock.now(),
            actor: self.actor.clone(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail,
        };
        let condition = self.condition.clone();
        let refusal = Arc::new(Mutex::new(None));
        let refused = Arc::clone(&refusal);
        let outcome = self
            .database
            .write(move |connection| {
                run(connection, condition.as_ref(), &entry, change).map_err(|error| match error {
                    EditError::Storage(error) => error,
                    other => {
                        *refused.lock() = Some(other);
                        StorageError::ChangeRefused
                    }
                })
            })
            .await;
        let refusal = refusal.lock().take();
        match (outcome, refusal) {
            (_, Some(refusal)) => Err(refusal),
            (Ok(created), None) => Ok(created),
            (Err(error), None) => Err(EditError::Storage(error)),
        }
    }
}

fn run(
    connection: &Connection,
    condition: Option<&Condition>,
    entry: &AuditEntry,
    change: impl FnOnce(&mut Draft<'_>) -> Result<(), EditError>,
) -> Result<Vec<String>, EditError> {
    if let Some(condition) = condition
        && !condition.holds(connection)?
    {
        return Err(EditError::Changed);
    }
    let mut draft = Draft::new(connection);
    change(&mut draft)?;
    let (touched, created) = draft.finish();
    if !touched.is_empty() {
        table::advance(connection, &touched)?;
    }
    audit::append(connection, entry)?;
    Ok(created)
}

#[cfg(test)]
mod tests;
