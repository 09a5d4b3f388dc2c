//! How far an application's right reaches: everywhere, or some departments and what is below them. A department itself
//! belongs to the one above it: who may edit in 总部/财务部 may change all in it, but not call it something else.

use std::collections::HashSet;

use super::Desk;
use crate::http::error::{ApiError, Code};
use crate::organization::changes::department_id;
use crate::organization::tree::{SEPARATOR, Tree};
use crate::storage::applications::{ApplicationRow, Right};
use crate::storage::organization::{DepartmentRow, PersonRow, State};

/// The departments as they are, and which of them an application may look at.
#[derive(Debug)]
pub(super) struct Reach {
    pub(super) state: State,
    pub(super) outline: Tree,
    /// `None` is everywhere.
    inside: Option<HashSet<i64>>,
}

impl Reach {
    /// Of an application that must have this right.
    pub(super) async fn of(
        desk: &Desk,
        application: &ApplicationRow,
        wanted: Right,
    ) -> Result<Self, ApiError> {
        if application.scope.directory < wanted {
            let verb = if wanted == Right::Edit { "change" } else { "read" };
            return Err(forbidden(format!("The application may not {verb} the directory.")));
        }
        let (state, outline) = desk.catalogue.outline().await.map_err(ApiError::internal)?;
        let roots = &application.scope.directory_departments;
        let inside = (!roots.is_empty()).then(|| {
            let roots = roots.iter().filter_map(|id| number('d', id));
            roots.flat_map(|root| below(&outline, root)).collect()
        });
        Ok(Self { state, outline, inside })
    }

    /// Whether it reaches everywhere.
    pub(super) fn is_everywhere(&self) -> bool {
        self.inside.is_none()
    }

    /// Whether what lies in this department may be looked at, and changed by who may edit; 0 is the top.
    pub(super) fn has(&self, department: i64) -> bool {
        self.inside.as_ref().is_none_or(|inside| inside.contains(&department))
    }

    /// The departments that are reached, when that is not all.
    pub(super) fn limit(&self) -> Option<Vec<i64>> {
        self.inside.as_ref().map(|inside| inside.iter().copied().collect())
    }

    /// A department by its id or path; only one that is reached.
    pub(super) fn department(&self, named: &str) -> Option<&DepartmentRow> {
        let by_id = number('d', named).and_then(|id| self.outline.department(id));
        let found = by_id.or_else(|| {
            let names: Vec<String> = named.split(SEPARATOR).map(str::to_owned).collect();
            self.outline.department_at(&names)
        });
        found.filter(|row| self.has(row.id))
    }

    /// Names of a department and of those above it; of the top there are none.
    pub(super) fn path(&self, department: i64) -> Vec<String> {
        let path = self.outline.path(department);
        path.split(SEPARATOR).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// A department and all below it that are reached.
    pub(super) fn below(&self, department: i64) -> Vec<i64> {
        below(&self.outline, department).into_iter().filter(|id| self.has(*id)).collect()
    }

    /// Whether the person may be looked at: by one post at least.
    pub(super) fn shows(&self, person: &PersonRow) -> bool {
        self.is_everywhere() || person.posts.iter().any(|post| self.has(post.department))
    }

    /// Whether the person may be changed: by all posts.
    pub(super) fn holds(&self, person: &PersonRow) -> bool {
        let has_all = person.posts.iter().all(|post| self.has(post.department));
        self.is_everywhere() || (has_all && !person.posts.is_empty())
    }

    /// Paths of the departments that are reached.
    pub(super) fn paths(&self) -> Vec<Vec<String>> {
        self.inside.iter().flatten().map(|id| self.path(*id)).collect()
    }

    /// The version as applications know it; opaque to them.
    pub(super) fn version(&self) -> String {
        version(&self.state)
    }

    /// The number of a version that was told before; `None` when changes since then are not known.
    pub(super) fn since(&self, told: &str) -> Option<i64> {
        let (epoch, number) = told.rsplit_once('-')?;
        let number: i64 = number.parse().ok()?;
        let is_known = (self.state.floor..=self.state.version).contains(&number);
        (epoch == self.state.epoch && is_known).then_some(number)
    }
}

/// The version as applications know it.
pub(super) fn version(state: &State) -> String {
    format!("{}-{}", state.epoch, state.version)
}

/// The number of an id such as `d3` or `p12`.
pub(super) fn number(letter: char, id: &str) -> Option<i64> {
    let digits = id.strip_prefix(letter)?;
    let is_plain = digits.chars().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0');
    if is_plain { digits.parse().ok() } else { None }
}

pub(super) fn forbidden(sentence: impl Into<String>) -> ApiError {
    ApiError::new(Code::Forbidden, sentence)
}

/// Where the application may not change anything.
pub(super) fn out_of_reach(outline: &Tree, department: i64) -> ApiError {
    let place =
        if department == 0 { "at the top".to_owned() } else { format!("in {}", outline.path(department)) };
    forbidden(format!("The application may change nothing {place} ({}).", department_id(department)))
}

fn below(outline: &Tree, root: i64) -> Vec<i64> {
    let mut found: Vec<i64> = outline.department(root).map(|row| row.id).into_iter().collect();
    let mut next = 0;
    while let Some(id) = found.get(next).copied() {
        found.extend(outline.children(id).map(|row| row.id));
        next = next.saturating_add(1);
    }
    found
}
