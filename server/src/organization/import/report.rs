//! A difference as programs read it.

use serde::Serialize;
use utoipa::ToSchema;

use super::difference::{Difference, PersonStep};
use crate::organization::editor::PostEdit;

/// What an import changes. Passwords are counted and never shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// One line about each kind of change.
    summary: String,
    /// Those that are made, those above first.
    new_departments: Vec<ReportedDepartment>,
    /// Those that get another priority.
    changed_departments: Vec<ChangedDepartment>,
    new_people: Vec<ReportedPerson>,
    changed_people: Vec<ReportedPerson>,
    unchanged_people: usize,
    /// Who is there and not in the rows.
    missing_people: Vec<MissingPerson>,
    /// Paths of departments that are there and not in the rows.
    missing_departments: Vec<String>,
    /// Whether what is missing is removed.
    removes_missing: bool,
    /// How many passwords are set.
    passwords_set: usize,
    /// How many passwords are not used, as their people have one.
    passwords_kept: usize,
}

/// A department that is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct ReportedDepartment {
    path: String,
    priority: i32,
}

/// A department that gets another priority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct ChangedDepartment {
    path: String,
    before: i32,
    after: i32,
}

/// Somebody who is new or changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct ReportedPerson {
    login: String,
    /// What is new or changes, for people to read.
    changes: Vec<String>,
}

/// Somebody who is not in the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct MissingPerson {
    login: String,
    name: String,
}

impl Report {
    /// The same for somebody who does not see everybody.
    pub fn without_missing(self) -> Self {
        Self { missing_people: Vec::new(), missing_departments: Vec::new(), ..self }
    }
}

impl Difference {
    /// Paths of the departments that an import touches by name: made, changed or removed.
    pub fn touched_departments(&self) -> impl Iterator<Item = &[String]> {
        let new = self.new_departments.iter().map(|(path, _)| path.as_slice());
        let moved = self.moved_departments.iter().map(|(path, ..)| path.as_slice());
        let gone = self.missing_departments.iter().filter(|_| self.removes_missing).map(Vec::as_slice);
        new.chain(moved).chain(gone)
    }

    /// IDs of the people whom an import makes, changes or removes, with the posts that they get, if any.
    pub fn touched_people(&self) -> impl Iterator<Item = (&str, &[PostEdit])> {
        let steps = self.new_people.iter().chain(&self.changed_people);
        let steps = steps.map(|step| (step.login.as_str(), step.edit.posts.as_deref().unwrap_or_default()));
        let gone = self.missing_people.iter().filter(|_| self.removes_missing);
        steps.chain(gone.map(|(login, _)| (login.as_str(), [].as_slice())))
    }

    /// Everything that changes.
    pub fn report(&self) -> Report {
        let person =
            |step: &PersonStep| ReportedPerson { login: step.login.clone(), changes: step.words.clone() };
        let department = |(path, priority): &(Vec<String>, i32)| ReportedDepartment {
            path: path.join("/"),
            priority: *priority,
        };
        let moved = |(path, before, after): &(Vec<String>, i32, i32)| ChangedDepartment {
            path: path.join("/"),
            before: *before,
            after: *after,
        };
        let missing =
            |(login, name): &(String, String)| MissingPerson { login: login.clone(), name: name.clone() };
        Report {
            summary: self.summary(),
            new_departments: self.new_departments.iter().map(department).collect(),
            changed_departments: self.moved_departments.iter().map(moved).collect(),
            new_people: self.new_people.iter().map(person).collect(),
            changed_people: self.changed_people.iter().map(person).collect(),
            unchanged_people: self.unchanged_people,
            missing_people: self.missing_people.iter().map(missing).collect(),
            missing_departments: self.missing_departments.iter().map(|path| path.join("/")).collect(),
            removes_missing: self.removes_missing,
            passwords_set: self.passwords().len(),
            passwords_kept: self.kept_passwords,
        }
    }
}
