//! The part of a roster that the organisation makes: written once for all who share it.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use jid::BareJid;
use parking_lot::Mutex;
use posthouse_protocol::organization::Person;
use posthouse_protocol::wire::escape;

use super::DELIMITER;
use crate::organization::directory::{Directory, Scope};

/// Written roster items by contact; whoever reads leaves out the own one.
#[derive(Debug, Default)]
pub(super) struct SharedItems {
    items: BTreeMap<BareJid, String>,
    fingerprint: u64,
}

impl SharedItems {
    pub(super) fn items(&self) -> &BTreeMap<BareJid, String> {
        &self.items
    }

    pub(super) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}

type ListKey = (Arc<str>, Vec<Arc<str>>);

/// The lists in use, of one version of the organisation.
#[derive(Debug)]
pub(super) struct SharedLists {
    directory: Arc<Directory>,
    lists: Mutex<(u64, HashMap<ListKey, Arc<SharedItems>>)>,
}

impl SharedLists {
    pub(super) fn new(directory: Arc<Directory>) -> Self {
        Self { directory, lists: Mutex::default() }
    }

    /// The list that this account shares, as of now.
    pub(super) fn of(&self, account: &BareJid) -> Arc<SharedItems> {
        let version = self.directory.version();
        let view = self.directory.view_of(account);
        let departments = match self.directory.scope(account) {
            Scope::Everybody => Vec::new(),
            Scope::Departments(own) => own.into_iter().collect(),
        };
        let key = (Arc::clone(view.id()), departments);
        let mut lists = self.lists.lock();
        if lists.0 != version {
            *lists = (version, HashMap::new());
        }
        if let Some(list) = lists.1.get(&key) {
            return Arc::clone(list);
        }
        let (people, _) = self.directory.colleagues(account);
        let list = Arc::new(self.write(&people));
        lists.1.insert(key, Arc::clone(&list));
        list
    }

    fn write(&self, people: &[Arc<Person>]) -> SharedItems {
        let mut paths: HashMap<&str, String> = HashMap::new();
        let mut items = BTreeMap::new();
        for person in people {
            let groups: Vec<String> = person
                .posts
                .iter()
                .map(|post| {
                    let path = paths.entry(post.department.as_str());
                    path.or_insert_with(|| group_of(&self.directory, &post.department)).clone()
                })
                .filter(|group| !group.is_empty())
                .collect();
            items.insert(person.jid.clone(), item(&person.jid, &person.name, &groups, "both"));
        }
        let mut hasher = DefaultHasher::new();
        items.hash(&mut hasher);
        SharedItems { items, fingerprint: hasher.finish() }
    }
}

/// Roster groups of a person: a path of departments for each post.
pub(super) fn groups_of(directory: &Directory, person: &Person) -> Vec<String> {
    let groups = person.posts.iter().map(|post| group_of(directory, &post.department));
    groups.filter(|group| !group.is_empty()).collect()
}

fn group_of(directory: &Directory, department: &str) -> String {
    directory.department_path(department).join(DELIMITER)
}

/// One roster item.
pub(super) fn item(contact: &BareJid, name: &str, groups: &[String], subscription: &str) -> String {
    let name = if name.is_empty() { String::new() } else { format!(" name='{}'", escape(name)) };
    let groups: String = groups.iter().map(|group| format!("<group>{}</group>", escape(group))).collect();
    let contact = escape(contact.as_str());
    format!("<item jid='{contact}'{name} subscription='{subscription}'>{groups}</item>")
}
