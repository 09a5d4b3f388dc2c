//! Edits of departments.

use super::draft::Draft;
use super::{DepartmentEdit, EditError, Editor};
use crate::storage::organization::{self as table, DepartmentRow, Logged};
use crate::storage::{Connection, StorageError};

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

    /// Gives a department another name, priority or place.
    ///
    /// # Errors
    /// It or the one above it is not there, the name is taken there, or it would lie inside itself.
    pub async fn set_department(&self, path: Vec<String>, edit: DepartmentEdit) -> Result<(), EditError> {
        let moved = edit.below.as_ref().map(|below| format!("below {:?}", below.join("/")));
        let detail: Vec<String> = edit.name.iter().cloned().chain(moved).collect();
        self.edit("department set", &path.join("/"), detail.join(", "), move |draft| {
            draft.change_department(&path, &edit)
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
            draft
                .change_department(&path, &DepartmentEdit { below: Some(below), ..DepartmentEdit::default() })
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

impl Draft<'_> {
    /// Changes a department; nothing is written when nothing differs.
    fn change_department(&mut self, path: &[String], edit: &DepartmentEdit) -> Result<(), EditError> {
        let before = self.department(path)?;
        let parent = match edit.below.as_deref() {
            None => before.parent,
            Some([]) => 0,
            Some(below) => self.department(below)?.id,
        };
        if parent != 0 && lies_within(self.connection, parent, before.id)? {
            return Err(EditError::IntoItself(path.join("/")));
        }
        let after = DepartmentRow {
            parent,
            name: edit.name.clone().unwrap_or_else(|| before.name.clone()),
            priority: edit.priority.unwrap_or(before.priority),
            ..before
        };
        if after == before {
            return Ok(());
        }
        let is_elsewhere = (after.parent, &after.name) != (before.parent, &before.name);
        if is_elsewhere && table::department_named(self.connection, parent, &after.name)?.is_some() {
            let above = match (&edit.below, path.split_last()) {
                (Some(below), _) => below.as_slice(),
                (None, Some((_, above))) => above,
                (None, None) => &[],
            };
            let taken: Vec<&str> = above.iter().chain([&after.name]).map(String::as_str).collect();
            return Err(EditError::DepartmentExists(taken.join("/")));
        }
        self.touch(Logged::Department(after.id));
        Ok(table::update_department(self.connection, &after)?)
    }
}

/// Whether `below` lies in the department or is it.
fn lies_within(connection: &Connection, below: i64, department: i64) -> Result<bool, StorageError> {
    let mut next = below;
    for _ in 0..1_000 {
        if next == department {
            return Ok(true);
        }
        match table::department(connection, next)? {
            Some(DepartmentRow { parent, .. }) if parent != 0 => next = parent,
            Some(_) | None => return Ok(false),
        }
    }
    Ok(true)
}
