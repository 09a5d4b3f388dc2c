//! The order of `docs/org-directory.md`: departments below the same parent, people within a department.

use std::cmp::Ordering;
use std::sync::Arc;

use posthouse_protocol::organization::{Department, Person};

/// Ordered among departments below the same parent.
#[derive(Debug, Clone)]
pub(super) struct Sibling(pub(super) Arc<Department>);

impl Sibling {
    fn key(&self) -> (i32, &str, &str, &str) {
        let department = &*self.0;
        let pinyin = department.pinyin.as_deref().unwrap_or_default();
        (department.priority, pinyin, &department.name, &department.id)
    }
}

/// Ordered among the people of a department.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) priority: i32,
    pub(super) person: Arc<Person>,
    /// Of the post, among those of the person.
    pub(super) place: usize,
}

impl Member {
    fn key(&self) -> (i32, &str, &str, &str, usize) {
        let person = &*self.person;
        let pinyin = person.pinyin.as_deref().unwrap_or_default();
        (self.priority, pinyin, &person.name, &person.id, self.place)
    }
}

impl Ord for Sibling {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Sibling {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Sibling {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Sibling {}

impl Ord for Member {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Member {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Member {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Member {}
