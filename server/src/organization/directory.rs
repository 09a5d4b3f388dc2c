//! The organisation as users see it: people and departments in memory, versions, changes, who may see and
//! reach whom. The data itself is kept by the editor; this is what all features ask.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jid::BareJid;
use parking_lot::{Mutex, RwLock};
use posthouse_protocol::organization::{Department, Gone, Person};
use tokio::sync::watch;

use super::visibility::{View, VisibilityRules};
use record::Record;

mod groups;
mod record;
mod sight;

/// One step of the organisation's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A department is new or has changed.
    Department(Department),
    /// A person is new or has changed.
    Person(Box<Person>),
    /// A department is gone.
    DepartmentGone(String),
    /// A person is gone.
    PersonGone(String),
}

/// Names an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EntryId {
    /// A department.
    Department(Arc<str>),
    /// A person.
    Person(Arc<str>),
}

/// What the directory starts with.
#[derive(Debug, Clone, Default)]
pub struct Stock {
    /// Differs whenever versions of the past mean nothing any more: random at `init`, new after a restore.
    pub epoch: String,
    /// Version of what follows.
    pub version: u64,
    /// All departments.
    pub departments: Vec<Department>,
    /// All people.
    pub people: Vec<Person>,
    /// Which entries changed with which version, oldest first; each at least with its newest version.
    pub log: Vec<(u64, EntryId)>,
    /// The log knows every change after this version.
    pub floor: u64,
}

/// Entries as one view shows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The directory's version.
    pub version: u64,
    /// Departments; in a whole directory parents come before children, siblings in their order.
    pub departments: Vec<Department>,
    /// People.
    pub people: Vec<Arc<Person>>,
    /// No longer there, or not visible.
    pub gone: Vec<Gone>,
}

/// The organisation, shared by all features.
#[derive(Debug)]
pub struct Directory {
    record: RwLock<Record>,
    views: Mutex<HashMap<super::visibility::ViewKey, Arc<View>>>,
    announce: watch::Sender<u64>,
}

impl Directory {
    /// A directory of that stock under those rules.
    pub fn new(stock: Stock, rules: VisibilityRules) -> Self {
        let (announce, _) = watch::channel(stock.version);
        Self { record: RwLock::new(Record::new(stock, Arc::new(rules))), views: Mutex::default(), announce }
    }

    /// Brings in what one version changed. A version that is not newer is ignored.
    pub fn apply(&self, version: u64, changes: Vec<Change>) {
        let mut record = self.record.write();
        if version <= record.version {
            return;
        }
        record.apply(version, changes);
        drop(record);
        self.announce.send_replace(version);
    }

    /// Starts over with another stock, as after a restore or when the log was cut.
    pub fn replace(&self, stock: Stock) {
        let version = stock.version;
        let rules = Arc::clone(&self.record.read().rules);
        *self.record.write() = Record::new(stock, rules);
        self.views.lock().clear();
        self.announce.send_replace(version);
    }

    /// Puts other rules in force.
    pub fn set_rules(&self, rules: VisibilityRules) {
        self.record.write().rules = Arc::new(rules);
        self.views.lock().clear();
        self.announce.send_modify(|_| ());
    }

    /// The rules in force.
    pub fn rules(&self) -> Arc<VisibilityRules> {
        Arc::clone(&self.record.read().rules)
    }

    /// The version now.
    pub fn version(&self) -> u64 {
        self.record.read().version
    }

    /// A receiver that changes with every version and every change of rules.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.announce.subscribe()
    }

    /// Number of people.
    pub fn people_count(&self) -> usize {
        self.record.read().people.len()
    }

    /// The person with this address, with all fields: for features that decide, not for showing.
    pub fn person(&self, account: &BareJid) -> Option<Arc<Person>> {
        self.record.read().person_of(account).cloned()
    }

    /// The address belongs to a person of the organisation.
    pub fn is_member(&self, account: &BareJid) -> bool {
        self.record.read().by_jid.contains_key(account)
    }

    /// Names of a department and those above it, from the top.
    pub fn department_path(&self, id: &str) -> Vec<String> {
        let record = self.record.read();
        let mut names: Vec<String> = record.upward(id).map(|department| department.name.clone()).collect();
        names.reverse();
        names
    }

    /// What this user may see.
    pub fn view_of(&self, account: &BareJid) -> Arc<View> {
        let record = self.record.read();
        let key = record.view_key(account);
        let mut views = self.views.lock();
        if let Some(view) = views.get(&key)
            && Arc::ptr_eq(&view.rules, &record.rules)
        {
            return Arc::clone(view);
        }
        // Departments that come and go make keys that nobody has any more.
        if views.len() >= 4_096 {
            views.clear();
        }
        let view = Arc::new(record.view(key.clone()));
        views.insert(key, Arc::clone(&view));
        view
    }

    /// Everything the view shows.
    pub fn everything(&self, view: &View) -> Seen {
        self.record.read().everything(view)
    }

    /// What changed after `since`, as the view shows it now; `None` when that is not known any more or
    /// would not be less than everything.
    pub fn changes_since(&self, view: &View, since: u64) -> Option<Seen> {
        self.record.read().changes_since(view, since)
    }

    /// The person as this view shows them.
    pub fn person_in(&self, view: &View, account: &BareJid) -> Option<Arc<Person>> {
        let record = self.record.read();
        let person = record.person_of(account)?;
        record.show_person(view, person)
    }

    /// The person as another user sees them; oneself with all fields.
    pub fn person_for(&self, viewer: &BareJid, account: &BareJid) -> Option<Arc<Person>> {
        if viewer == account {
            return self.person(account);
        }
        let view = self.view_of(viewer);
        self.person_in(&view, account)
    }

    /// All people the view shows, in no particular order, those for whom `wanted` holds.
    pub fn people_in(&self, view: &View, mut wanted: impl FnMut(&Person) -> bool) -> Vec<Arc<Person>> {
        let record = self.record.read();
        let shown = record.people.values().filter_map(|person| record.show_person(view, person));
        shown.filter(|person| wanted(person)).collect()
    }

    /// One may see the other. Nobody sees an address outside the organisation.
    pub fn may_see(&self, viewer: &BareJid, account: &BareJid) -> bool {
        if viewer == account {
            return true;
        }
        let record = self.record.read();
        if record.rules.hides_nobody() {
            return record.by_jid.contains_key(account);
        }
        drop(record);
        let view = self.view_of(viewer);
        let record = self.record.read();
        record.person_of(account).is_some_and(|person| record.shows_person(&view, person))
    }

    /// Whether there is any rule by which people of the organisation could not see or reach each other.
    pub fn keeps_anybody_apart(&self) -> bool {
        let record = self.record.read();
        !record.rules.no_chat.is_empty() || !record.rules.hides_nobody()
    }

    /// One may write to the other: both belong to the organisation, at least one sees the other (who is
    /// written to may answer), and no rule keeps their departments apart.
    pub fn may_chat(&self, from: &BareJid, to: &BareJid) -> bool {
        if from == to {
            return true;
        }
        let record = self.record.read();
        let (Some(sender), Some(receiver)) = (record.person_of(from), record.person_of(to)) else {
            return false;
        };
        if !record.rules.no_chat.is_empty() && record.keeps_apart(sender, receiver) {
            return false;
        }
        if record.rules.hides_nobody() {
            return true;
        }
        drop(record);
        self.may_see(from, to) || self.may_see(to, from)
    }

    /// One may write to the other's phone: they may chat, and the rules of texts let the sender.
    pub fn may_text(&self, from: &BareJid, to: &BareJid) -> bool {
        let is_allowed = {
            let record = self.record.read();
            record.person_of(from).is_some_and(|sender| record.may_text(sender))
        };
        is_allowed && self.may_chat(from, to)
    }

    /// This person may write to any phone, whosever it is.
    pub fn may_text_strangers(&self, from: &BareJid) -> bool {
        let record = self.record.read();
        record.rules.texts.strangers && record.person_of(from).is_some_and(|sender| record.may_text(sender))
    }

    /// The person with the highest rank, of those that have one; with all fields, for features that decide.
    pub fn best_person<R: Ord>(&self, rank: impl Fn(&Person) -> Option<R>) -> Option<Arc<Person>> {
        let record = self.record.read();
        let ranked = record.people.values().filter_map(|person| Some((rank(person)?, person)));
        ranked.max_by(|(one, _), (other, _)| one.cmp(other)).map(|(_, person)| Arc::clone(person))
    }

    /// Departments of the person's posts and all above them that the view shows, each once.
    pub fn departments_over(&self, view: &View, account: &BareJid) -> BTreeSet<Arc<str>> {
        let record = self.record.read();
        record.person_of(account).map(|person| record.departments_over(view, person)).unwrap_or_default()
    }

    /// Of each department that the view shows, with all below it: how many people hold for `is_online`, and
    /// how many there are. Each person counts once.
    pub fn counts(&self, view: &View, is_online: impl Fn(&BareJid) -> bool) -> HashMap<Arc<str>, (u32, u32)> {
        let record = self.record.read();
        let shown = record.departments.keys().filter(|id| record.shows(view, id));
        let mut counts: HashMap<Arc<str>, (u32, u32)> = shown.map(|id| (Arc::clone(id), (0, 0))).collect();
        for person in record.people.values() {
            let online = u32::from(is_online(&person.jid));
            for department in record.departments_over(view, person) {
                let (there, all) = counts.entry(department).or_default();
                *there = there.saturating_add(online);
                *all = all.saturating_add(1);
            }
        }
        counts
    }

    /// Who stands in a standard client's roster of this user by themselves: everybody visible in a small
    /// organisation, otherwise the members of the own departments, the user among them. The second value
    /// says which.
    pub fn colleagues(&self, account: &BareJid) -> (Vec<Arc<Person>>, Scope) {
        let view = self.view_of(account);
        self.record.read().colleagues(&view, account)
    }

    /// Which part of the organisation shares a roster with this user.
    pub fn scope(&self, account: &BareJid) -> Scope {
        self.record.read().scope(account)
    }

    /// `account` stands in the roster of `viewer` by itself.
    pub fn is_colleague(&self, viewer: &BareJid, account: &BareJid) -> bool {
        if viewer == account || !self.may_see(viewer, account) {
            return false;
        }
        self.record.read().is_colleague(viewer, account)
    }

    /// The addresses of all people of the organisation.
    pub fn addresses(&self) -> Vec<BareJid> {
        self.record.read().by_jid.keys().cloned().collect()
    }
}

/// With whom a user shares rosters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The whole organisation.
    Everybody,
    /// The members of these departments.
    Departments(BTreeSet<Arc<str>>),
}

#[cfg(test)]
mod tests;
