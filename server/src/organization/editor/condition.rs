//! What must hold for an edit to be made: who has read something and edits it does not overwrite what somebody else
//! has written in between.

use crate::storage::organization::{self as table, DepartmentRow, PersonRow};
use crate::storage::{Connection, StorageError};

/// Looked at in the transaction of the edit.
#[derive(Debug, Clone)]
pub enum Condition {
    /// The organisation is at this epoch and version still.
    Version(String, i64),
    /// The department is as it was read.
    Department(DepartmentRow),
    /// The person is as it was read.
    Person(Box<PersonRow>),
}

impl Condition {
    pub(super) fn holds(&self, connection: &Connection) -> Result<bool, StorageError> {
        Ok(match self {
            Self::Version(epoch, version) => {
                let state = table::state(connection)?;
                state.epoch == *epoch && state.version == *version
            }
            Self::Department(row) => table::department(connection, row.id)?.as_ref() == Some(row),
            Self::Person(row) => table::person(connection, row.id)?.as_ref() == Some(row.as_ref()),
        })
    }
}
