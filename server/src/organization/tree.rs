//! The organisation in the order in which everybody sees it: departments by priority, people by their
//! priority in the department, then by pinyin, name and id. Smaller comes first.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::pinyin;
use crate::storage::organization::{DepartmentRow, PersonRow};

/// Separates the names of a path such as `总部/财务部`.
pub const SEPARATOR: char = '/';

/// A snapshot of all departments and people.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    departments: BTreeMap<i64, DepartmentRow>,
    people: BTreeMap<i64, PersonRow>,
    children: HashMap<i64, Vec<i64>>,
    members: HashMap<i64, Vec<i64>>,
}

impl Tree {
    /// Puts the rows in order.
    pub fn new(departments: Vec<DepartmentRow>, people: Vec<PersonRow>) -> Self {
        let mut children: HashMap<i64, Vec<(i32, String, i64)>> = HashMap::new();
        for row in &departments {
            let key = (row.priority, sort_key(&pinyin::of_text(&row.name), &row.name), row.id);
            children.entry(row.parent).or_default().push(key);
        }
        let mut members: HashMap<i64, Vec<(i32, String, i64)>> = HashMap::new();
        for row in &people {
            let key = sort_key(&pinyin::of_person(&row.name), &row.name);
            for post in &row.posts {
                members.entry(post.department).or_default().push((post.priority, key.clone(), row.id));
            }
        }
        Self {
            departments: departments.into_iter().map(|row| (row.id, row)).collect(),
            people: people.into_iter().map(|row| (row.id, row)).collect(),
            children: in_order(children),
            members: in_order(members),
        }
    }

    /// A department.
    pub fn department(&self, id: i64) -> Option<&DepartmentRow> {
        self.departments.get(&id)
    }

    /// All people by id.
    pub fn people(&self) -> impl Iterator<Item = &PersonRow> {
        self.people.values()
    }

    /// Departments directly below, in order; 0 is the top.
    pub fn children(&self, department: i64) -> impl Iterator<Item = &DepartmentRow> {
        self.children.get(&department).into_iter().flatten().filter_map(|id| self.departments.get(id))
    }

    /// People with a post in the department, in order.
    pub fn members(&self, department: i64) -> impl Iterator<Item = &PersonRow> {
        self.members.get(&department).into_iter().flatten().filter_map(|id| self.people.get(id))
    }

    /// All departments from the top, each before those below it.
    pub fn departments(&self) -> Vec<&DepartmentRow> {
        let mut found = Vec::with_capacity(self.departments.len());
        let mut waiting: Vec<&DepartmentRow> = self.children(0).collect();
        waiting.reverse();
        while let Some(department) = waiting.pop() {
            found.push(department);
            let mut below: Vec<&DepartmentRow> = self.children(department.id).collect();
            below.reverse();
            waiting.extend(below);
        }
        found
    }

    /// All people in the order of the tree, each once; those without a post last.
    pub fn people_in_order(&self) -> Vec<&PersonRow> {
        let mut seen = HashSet::new();
        let mut found: Vec<&PersonRow> = Vec::with_capacity(self.people.len());
        for department in self.departments() {
            found.extend(self.members(department.id).filter(|person| seen.insert(person.id)));
        }
        found.extend(self.people.values().filter(|person| !seen.contains(&person.id)));
        found
    }

    /// Path of a department, such as `总部/财务部`.
    pub fn path(&self, department: i64) -> String {
        let mut names = Vec::new();
        let mut id = department;
        // A circle of parents cannot be made by the editor; a damaged file must not hang the program.
        while let Some(row) = self.departments.get(&id).filter(|_| names.len() < 64) {
            names.push(row.name.as_str());
            id = row.parent;
        }
        names.reverse();
        names.join("/")
    }

    /// The department at a path.
    pub fn department_at(&self, path: &[String]) -> Option<&DepartmentRow> {
        let mut found: Option<&DepartmentRow> = None;
        for name in path {
            let parent = found.map_or(0, |row| row.id);
            found = Some(self.children(parent).find(|row| row.name == *name)?);
        }
        found
    }
}

/// Compared as one text: the blank between syllables sorts before every letter, so that 李 comes before 林.
fn sort_key(pinyin: &str, name: &str) -> String {
    format!("{pinyin}\u{0}{name}")
}

fn in_order(unordered: HashMap<i64, Vec<(i32, String, i64)>>) -> HashMap<i64, Vec<i64>> {
    let sort = |(parent, mut keys): (i64, Vec<(i32, String, i64)>)| {
        keys.sort_unstable();
        (parent, keys.into_iter().map(|(_, _, id)| id).collect())
    };
    unordered.into_iter().map(sort).collect()
}

#[cfg(test)]
mod tests;
