//! The organisation in memory, in display order. It can be brought from one version to the next entry by entry,
//! in any order within a version.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use jid::BareJid;
use posthouse_protocol::organization::{Department, Entries, Person, Post};

use super::order::{Member, Sibling};
use super::people::People;
use super::search_key::SearchKey;

/// Levels of a path that are looked at: no circle of parents holds anybody up.
const DEPTH: usize = 64;

/// All departments and people.
#[derive(Debug, Default)]
pub(super) struct Tree {
    departments: HashMap<String, Known>,
    /// Departments by the parent they name; the top is the empty text.
    below: HashMap<String, BTreeSet<Sibling>>,
    /// Posts by department, also of departments that are not (yet) known.
    members: HashMap<String, BTreeSet<Member>>,
    people: People,
    /// A number for each department that anybody has ever had a post in.
    numbers: HashMap<String, usize>,
}

/// A department, and what a search looks at.
#[derive(Debug)]
struct Known {
    department: Arc<Department>,
    key: SearchKey,
}

/// A department at its place in the tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) department: &'a Department,
    pub(super) key: &'a SearchKey,
    /// Where it stands, which is the top when the parent is not known.
    pub(super) parent: Option<&'a str>,
    /// Place among its siblings, from 0.
    pub(super) position: u32,
}

impl Tree {
    /// A tree of these.
    pub(super) fn of(departments: Vec<Department>, people: Vec<Person>) -> Self {
        let mut tree = Self::default();
        departments.into_iter().for_each(|department| tree.put_department(department));
        people.into_iter().for_each(|person| tree.put_person(person));
        tree
    }

    /// Follows the store.
    pub(super) fn apply(&mut self, pages: Vec<Entries>) {
        pages.into_iter().for_each(|page| self.apply_page(page));
    }

    fn apply_page(&mut self, page: Entries) {
        page.departments.into_iter().for_each(|department| self.put_department(department));
        page.people.into_iter().for_each(|person| self.put_person(person));
        for gone in page.gone {
            gone.department.iter().for_each(|id| self.remove_department(id));
            gone.person.iter().for_each(|id| self.remove_person(id));
        }
    }

    fn put_department(&mut self, department: Department) {
        self.remove_department(&department.id);
        let department = Arc::new(department);
        let parent = parent_of(&department).to_owned();
        self.below.entry(parent).or_default().insert(Sibling(Arc::clone(&department)));
        let key = SearchKey::of_department(&department);
        self.departments.insert(department.id.clone(), Known { department, key });
    }

    fn remove_department(&mut self, id: &str) {
        let Some(Known { department, .. }) = self.departments.remove(id) else { return };
        let parent = parent_of(&department).to_owned();
        remove_from(&mut self.below, &parent, &Sibling(department));
    }

    fn put_person(&mut self, person: Person) {
        let person = Arc::new(person);
        let departments = person.posts.iter().map(|post| self.number(&post.department)).collect();
        if let Some(before) = self.people.put(Arc::clone(&person), departments) {
            self.remove_posts(&before);
        }
        for (place, post) in person.posts.iter().enumerate() {
            let member = Member { place, priority: post.priority, person: Arc::clone(&person) };
            self.members.entry(post.department.clone()).or_default().insert(member);
        }
    }

    fn number(&mut self, department: &str) -> usize {
        if let Some(number) = self.numbers.get(department) {
            return *number;
        }
        let number = self.numbers.len();
        self.numbers.insert(department.to_owned(), number);
        number
    }

    fn remove_person(&mut self, id: &str) {
        if let Some(person) = self.people.remove(id) {
            self.remove_posts(&person);
        }
    }

    fn remove_posts(&mut self, person: &Arc<Person>) {
        for (place, post) in person.posts.iter().enumerate() {
            let member = Member { place, priority: post.priority, person: Arc::clone(person) };
            remove_from(&mut self.members, &post.department, &member);
        }
    }

    pub(super) fn people(&self) -> &People {
        &self.people
    }

    /// The person with this address.
    pub(super) fn person(&self, address: &BareJid) -> Option<&Arc<Person>> {
        self.people.with_address(address)
    }

    /// The number under which people know a department; `None` when nobody ever had a post in it.
    pub(super) fn number_of(&self, department: &str) -> Option<usize> {
        self.numbers.get(department).copied()
    }

    /// How many numbers there are.
    pub(super) fn numbers(&self) -> usize {
        self.numbers.len()
    }

    /// Whether the department is known.
    pub(super) fn has_department(&self, id: &str) -> bool {
        self.departments.contains_key(id)
    }

    /// People of a department in order, each with the post that stands there.
    pub(super) fn members<'a>(
        &'a self,
        department: &str,
    ) -> impl Iterator<Item = (&'a Person, &'a Post)> + use<'a> {
        let members = self.members.get(department).into_iter().flatten();
        members.filter_map(|member| Some((&*member.person, member.person.posts.get(member.place)?)))
    }

    /// Names of the departments down to this one.
    pub(super) fn path(&self, department: &str) -> Vec<String> {
        let mut names = Vec::new();
        let mut next = self.departments.get(department);
        while let Some(Known { department, .. }) = next.filter(|_| names.len() < DEPTH) {
            names.push(department.name.clone());
            next = self.departments.get(parent_of(department));
        }
        names.reverse();
        names
    }

    /// All departments in display order, each before those below it.
    pub(super) fn departments(&self) -> Vec<Placed<'_>> {
        let is_known = |parent: &str| self.departments.contains_key(parent);
        let tops = self.below.iter().filter(|(parent, _)| !is_known(parent));
        let tops: BTreeSet<&Sibling> = tops.flat_map(|(_, siblings)| siblings).collect();
        let mut walk = Walk { tree: self, seen: HashSet::new(), found: Vec::new(), tops: 0 };
        tops.into_iter().for_each(|top| walk.down_from(&top.0));
        if walk.found.len() < self.departments.len() {
            // A circle of parents; nobody in it shall be out of reach.
            let all: BTreeSet<&Sibling> = self.below.values().flatten().collect();
            all.into_iter().for_each(|department| walk.down_from(&department.0));
        }
        walk.found
    }
}

/// From the top down.
struct Walk<'a> {
    tree: &'a Tree,
    seen: HashSet<&'a str>,
    found: Vec<Placed<'a>>,
    tops: u32,
}

impl<'a> Walk<'a> {
    fn down_from(&mut self, top: &'a Department) {
        if self.seen.contains(top.id.as_str()) {
            return;
        }
        let mut waiting = vec![(top, None, self.tops)];
        self.tops = self.tops.saturating_add(1);
        while let Some((department, parent, position)) = waiting.pop() {
            let id = department.id.as_str();
            let Some(Known { key, .. }) = self.tree.departments.get(id).filter(|_| self.seen.insert(id))
            else {
                continue;
            };
            self.found.push(Placed { department, key, parent, position });
            let children = self.tree.below.get(id).into_iter().flatten();
            let start = waiting.len();
            waiting.extend((0..).zip(children).map(|(position, child)| (&*child.0, Some(id), position)));
            if let Some(added) = waiting.get_mut(start..) {
                added.reverse();
            }
        }
    }
}

fn parent_of(department: &Department) -> &str {
    department.parent.as_deref().unwrap_or_default()
}

fn remove_from<T: Ord>(sets: &mut HashMap<String, BTreeSet<T>>, name: &str, item: &T) {
    if let Some(set) = sets.get_mut(name) {
        set.remove(item);
        if set.is_empty() {
            sets.remove(name);
        }
    }
}

#[cfg(test)]
mod tests;
