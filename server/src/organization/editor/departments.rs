//! Edits of departments.

use super::{EditError, Editor, lies_within};
use crate::storage::organization::{self as table, DepartmentRow, Logged};

impl Editor {
    /// Adds a department and those above it that are missing; answers the paths of all that were created.
    ///
    /// # Errors
    /// It is there already.
    pub async fn add_department(&self, path: Vec<String>, priority: i32) -> Result<Vec<String>, EditError> {
        self.edit("department add", &path.join("/"), String::new(), move |draft| {
            if draft.find_department(&path)?.is_some() {
                return Err(EditError::DepartmentExists(path.join("/")));
            }
            draft.put_department(&path, priority)
        })
        .await
    }

    /// Gives a department another name or priority.
    ///
    /// # Errors
    /// It is not there, or the name is taken.
    pub async fn set_department(
        &self,
        path: Vec<String>,
        name: Option<String>,
        priority: Option<i32>,
    ) -> Result<(), EditError> {
        let detail = name.clone().unwrap_or_default();
        self.edit("department set", &path.join("/"), detail, move |draft| {
            let mut row = draft.department(&path)?;
            if let Some(name) = name.filter(|name| *name != row.name) {
                if table::department_named(draft.connection, row.parent, &name)?.is_some() {
                    return Err(EditError::DepartmentExists(name));
                }
                row.name = name;
            }
            row.priority = priority.unwrap_or(row.priority);
            table::update_department(draft.connection, &row)?;
            draft.touch(Logged::Department(row.id));
            Ok(())
        })
        .await
        .map(|_| ())
    }

    /// Puts a department with all below it under another one; an empty path is the top.
    ///
    /// # Errors
    /// One of the two is not there, the name is taken there, or it would lie inside itself.
    pub async fn move_department(&self, path: Vec<String>, below: Vec<String>) -> Result<(), EditError> {
        self.edit("department move", &path.join("/"), below.join("/"), move |draft| {
            let row = draft.department(&path)?;
            let parent = if below.is_empty() { 0 } else { draft.department(&below)?.id };
            if parent != 0 && lies_within(draft.connection, parent, row.id)? {
                return Err(EditError::IntoItself(path.join("/")));
            }
            if parent == row.parent {
                return Ok(());
            }
            if table::department_named(draft.connection, parent, &row.name)?.is_some() {
                let path: Vec<String> = below.into_iter().chain([row.name]).collect();
                return Err(EditError::DepartmentExists(path.join("/")));
            }
            draft.touch(Logged::Department(row.id));
            Ok(table::update_department(draft.connection, &DepartmentRow { parent, ..row })?)
        })
        .await
        .map(|_| ())
    }

    /// Removes an empty department.
    ///
    /// # Errors
    /// It is not there or not empty.
    pub async fn remove_department(&self, path: Vec<String>) -> Result<(), EditError> {
        self.edit("department remove", &path.join("/"), String::new(), move |draft| {
            draft.remove_department(&path)
        })
        .await
        .map(|_| ())
    }
}
