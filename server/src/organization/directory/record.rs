//! The data of the directory at its newest version, with the indexes that answers need.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use jid::BareJid;
use posthouse_protocol::organization::{Department, Gone, Person};

use super::{Change, EntryId, Seen, Stock};
use crate::organization::visibility::VisibilityRules;

/// Most entries of the log that are kept; who has an older version gets everything.
const LOG: usize = 20_000;

/// Deepest tree that is walked; guards against a circle of parents.
const DEPTH: usize = 64;

#[derive(Debug)]
pub(super) struct Record {
    pub(super) epoch: String,
    pub(super) version: u64,
    pub(super) departments: BTreeMap<Arc<str>, Arc<Department>>,
    pub(super) people: BTreeMap<Arc<str>, Arc<Person>>,
    pub(super) by_jid: HashMap<BareJid, Arc<str>>,
    pub(super) rules: Arc<VisibilityRules>,
    pub(super) members: HashMap<Arc<str>, BTreeSet<Arc<str>>>,
    children: HashMap<Arc<str>, BTreeSet<Arc<str>>>,
    log: VecDeque<(u64, EntryId)>,
    /// The log knows every change after this version.
    floor: u64,
}

impl Record {
    pub(super) fn new(stock: Stock, rules: Arc<VisibilityRules>) -> Self {
        let mut record = Self {
            epoch: stock.epoch,
            version: stock.version,
            departments: BTreeMap::new(),
            people: BTreeMap::new(),
            by_jid: HashMap::new(),
            rules,
            members: HashMap::new(),
            children: HashMap::new(),
            log: stock.log.into(),
            floor: stock.floor,
        };
        for department in stock.departments {
            record.put_department(department);
        }
        for person in stock.people {
            record.put_person(person);
        }
        record.shorten_log();
        record
    }

    pub(super) fn apply(&mut self, version: u64, changes: Vec<Change>) {
        self.version = version;
        for change in changes {
            let id = match change {
                Change::Department(department) => self.put_department(department),
                Change::Person(person) => self.put_person(*person),
                Change::DepartmentGone(id) => self.drop_department(&id),
                Change::PersonGone(id) => self.drop_person(&id),
            };
            self.log.push_back((version, id));
        }
        self.shorten_log();
    }

    fn put_department(&mut self, department: Department) -> EntryId {
        let id: Arc<str> = department.id.as_str().into();
        let before = self.departments.get(&id).cloned();
        let moved = before.as_ref().is_some_and(|before| before.parent != department.parent);
        if moved {
            self.unlink_department(&id);
        }
        if let Some(parent) = &department.parent {
            self.children.entry(parent.as_str().into()).or_default().insert(Arc::clone(&id));
        }
        self.departments.insert(Arc::clone(&id), Arc::new(department));
        if (moved || before.is_none()) && !self.rules.is_open() {
            self.log_below(&id);
        }
        EntryId::Department(id)
    }

    /// A move can hide or show all that lies below, though nothing there has changed.
    fn log_below(&mut self, id: &Arc<str>) {
        for below in self.downward(id) {
            let members = self.members.get(&below).cloned().unwrap_or_default();
            self.log.extend(members.into_iter().map(|person| (self.version, EntryId::Person(person))));
            self.log.push_back((self.version, EntryId::Department(below)));
        }
    }

    fn drop_department(&mut self, id: &str) -> EntryId {
        if !self.rules.is_open() {
            self.log_below(&id.into());
        }
        self.unlink_department(id);
        self.departments.remove(id);
        EntryId::Department(id.into())
    }

    fn unlink_department(&mut self, id: &str) {
        let parent = self.departments.get(id).and_then(|department| department.parent.clone());
        if let Some(siblings) = parent.and_then(|parent| self.children.get_mut(parent.as_str())) {
            siblings.remove(id);
        }
    }

    fn put_person(&mut self, person: Person) -> EntryId {
        let id: Arc<str> = person.id.as_str().into();
        self.unlink_person(&id);
        for post in &person.posts {
            self.members.entry(post.department.as_str().into()).or_default().insert(Arc::clone(&id));
        }
        self.by_jid.insert(person.jid.clone(), Arc::clone(&id));
        self.people.insert(Arc::clone(&id), Arc::new(person));
        EntryId::Person(id)
    }

    fn drop_person(&mut self, id: &str) -> EntryId {
        self.unlink_person(id);
        self.people.remove(id);
        EntryId::Person(id.into())
    }

    fn unlink_person(&mut self, id: &str) {
        let Some(person) = self.people.get(id) else { return };
        if self.by_jid.get(&person.jid).is_some_and(|owner| owner.as_ref() == id) {
            self.by_jid.remove(&person.jid);
        }
        for post in &person.posts {
            if let Some(members) = self.members.get_mut(post.department.as_str()) {
                members.remove(id);
            }
        }
    }

    fn shorten_log(&mut self) {
        while self.log.len() > LOG {
            if let Some((version, _)) = self.log.pop_front() {
                self.floor = self.floor.max(version);
            }
        }
    }

    pub(super) fn person_of(&self, account: &BareJid) -> Option<&Arc<Person>> {
        self.people.get(self.by_jid.get(account)?)
    }

    /// The department, the one above it, and so on.
    pub(super) fn upward(&self, id: &str) -> impl Iterator<Item = &Arc<Department>> {
        let first = self.departments.get(id);
        std::iter::successors(first, |department| self.departments.get(department.parent.as_deref()?))
            .take(DEPTH)
    }

    /// The department and all below it, parents first.
    pub(super) fn downward(&self, id: &Arc<str>) -> Vec<Arc<str>> {
        let mut found = vec![Arc::clone(id)];
        let mut known: BTreeSet<Arc<str>> = found.iter().cloned().collect();
        let mut next = 0;
        while let Some(parent) = found.get(next).cloned() {
            next += 1;
            let children = self.children.get(&parent).into_iter().flatten();
            found.extend(children.filter(|child| known.insert(Arc::clone(child))).cloned());
        }
        found
    }

    /// Departments in the order of the tree: parents first, siblings by priority, pinyin, name, id.
    pub(super) fn in_order(&self) -> Vec<&Arc<Department>> {
        let is_top = |department: &&Arc<Department>| {
            department.parent.as_deref().is_none_or(|parent| !self.departments.contains_key(parent))
        };
        let mut waiting: Vec<_> = self.departments.values().filter(is_top).collect();
        waiting.sort_by(|one, other| order_of(other).cmp(&order_of(one)));
        let mut ordered = Vec::with_capacity(self.departments.len());
        while let Some(department) = waiting.pop() {
            ordered.push(department);
            let children = self.children.get(department.id.as_str()).into_iter().flatten();
            let mut children: Vec<_> = children.filter_map(|child| self.departments.get(child)).collect();
            children.sort_by(|one, other| order_of(other).cmp(&order_of(one)));
            waiting.append(&mut children);
        }
        ordered
    }

    /// Ids that changed after `since`, each once; `None` when the log does not reach back.
    pub(super) fn changed_since(&self, since: u64) -> Option<BTreeSet<EntryId>> {
        if since < self.floor || since > self.version {
            return None;
        }
        let start = self.log.partition_point(|(version, _)| *version <= since);
        Some(self.log.iter().skip(start).map(|(_, id)| id.clone()).collect())
    }

    pub(super) fn gone(id: &EntryId) -> Gone {
        match id {
            EntryId::Department(id) => Gone { department: Some(id.to_string()), person: None },
            EntryId::Person(id) => Gone { department: None, person: Some(id.to_string()) },
        }
    }

    pub(super) fn nothing(&self) -> Seen {
        Seen { version: self.version, ..Seen::default() }
    }
}

fn order_of(department: &Department) -> (i32, &str, &str, &str) {
    (
        department.priority,
        department.pinyin.as_deref().unwrap_or_default(),
        department.name.as_str(),
        department.id.as_str(),
    )
}
