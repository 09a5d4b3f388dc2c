//! Who is there, who watches whom, how many are there: kept so that a change costs only its watchers.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use jid::BareJid;
use posthouse_protocol::presence::{Availability, DepartmentCount, State};

use super::{Standing, WatcherId, person_state};
use crate::organization::directory::Directory;
use crate::organization::visibility::View;
use crate::routing::accounts::Blocking;
use crate::routing::session::Session;

/// What one session has on its screen.
#[derive(Debug)]
pub(super) struct Watcher {
    pub(super) session: Session,
    pub(super) view: Arc<View>,
    pub(super) people: HashSet<BareJid>,
    pub(super) departments: HashSet<Arc<str>>,
}

/// Counts of one view: online and total of each department with all below it.
#[derive(Debug)]
struct Counts {
    view: Arc<View>,
    departments: HashMap<Arc<str>, (u32, u32)>,
}

/// A department as one view counts it: the view's id, the department's.
type Counted = (Arc<str>, Arc<str>);

#[derive(Debug)]
pub(super) struct Board {
    directory: Arc<Directory>,
    blocking: Arc<dyn Blocking>,
    /// Everybody who is there; absent means offline.
    present: HashMap<BareJid, Standing>,
    watchers: HashMap<WatcherId, Watcher>,
    by_person: HashMap<BareJid, HashSet<WatcherId>>,
    by_department: HashMap<Counted, HashSet<WatcherId>>,
    counts: HashMap<Arc<str>, Counts>,
    changed_people: HashSet<BareJid>,
    /// Whom watchers see or no longer see because one has blocked the other.
    changed_sights: HashSet<(WatcherId, BareJid)>,
    changed_departments: HashSet<Counted>,
}

/// What has changed for one watcher; equal news are written once.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct News {
    people: Vec<(BareJid, Standing)>,
    counts: Vec<(Arc<str>, u32, u32)>,
}

impl News {
    pub(super) fn state(&self) -> State {
        let counts = self.counts.iter().map(|(department, online, total)| DepartmentCount {
            department: department.to_string(),
            online: *online,
            total: *total,
        });
        State {
            people: self.people.iter().map(|(jid, standing)| person_state(jid, standing)).collect(),
            counts: counts.collect(),
        }
    }
}

impl Board {
    pub(super) fn new(directory: Arc<Directory>, blocking: Arc<dyn Blocking>) -> Self {
        Self {
            directory,
            blocking,
            present: HashMap::new(),
            watchers: HashMap::new(),
            by_person: HashMap::new(),
            by_department: HashMap::new(),
            counts: HashMap::new(),
            changed_people: HashSet::new(),
            changed_sights: HashSet::new(),
            changed_departments: HashSet::new(),
        }
    }

    /// Notes how a person stands now; true when there is something to tell.
    pub(super) fn set(&mut self, account: &BareJid, standing: Standing) -> bool {
        let is_there = standing.0 != Availability::Offline;
        let before = if is_there {
            self.present.insert(account.clone(), standing.clone())
        } else {
            self.present.remove(account)
        };
        if before.as_ref() == Some(&standing) {
            return false;
        }
        if self.by_person.contains_key(account) {
            self.changed_people.insert(account.clone());
        }
        if before.is_some() != is_there {
            self.count(account, is_there);
        }
        !self.changed_people.is_empty() || !self.changed_departments.is_empty()
    }

    /// One has blocked the other, or does no longer: each side sees the other go or come (XEP-0191 section 3.3).
    /// True when there is somebody to tell.
    pub(super) fn blocking_changed(&mut self, one: &BareJid, other: &BareJid) -> bool {
        for (viewer, person) in [(one, other), (other, one)] {
            let watchers = self.by_person.get(person).into_iter().flatten();
            let own = watchers
                .filter(|id| self.watchers.get(*id).is_some_and(|watcher| watcher.session.bare() == viewer));
            self.changed_sights.extend(own.map(|id| (*id, person.clone())));
        }
        !self.changed_sights.is_empty()
    }

    fn count(&mut self, account: &BareJid, came: bool) {
        for (id, counts) in &mut self.counts {
            for department in self.directory.departments_over(&counts.view, account) {
                let (online, _) = counts.departments.entry(Arc::clone(&department)).or_default();
                *online = if came { online.saturating_add(1) } else { online.saturating_sub(1) };
                let counted = (Arc::clone(id), department);
                if self.by_department.contains_key(&counted) {
                    self.changed_departments.insert(counted);
                }
            }
        }
    }

    /// The organisation has changed: counts everything again for the views that are looked at.
    pub(super) fn recount(&mut self) {
        // Views can have changed as well: each watcher is put in again under the one it has now.
        let ids: Vec<WatcherId> = self.watchers.keys().copied().collect();
        self.counts.clear();
        for id in ids {
            let Some(mut watcher) = self.remove(id) else { continue };
            let directory = &self.directory;
            watcher.view = directory.view_of(watcher.session.bare());
            watcher.people.retain(|person| directory.may_see(watcher.session.bare(), person));
            self.put(watcher);
        }
        self.changed_departments.extend(self.by_department.keys().cloned());
    }

    /// Puts a watcher in the place of what it watched before.
    pub(super) fn put(&mut self, watcher: Watcher) {
        let id = watcher.session.id();
        self.remove(id);
        for person in &watcher.people {
            self.by_person.entry(person.clone()).or_default().insert(id);
        }
        for department in &watcher.departments {
            let counted = (Arc::clone(watcher.view.id()), Arc::clone(department));
            self.by_department.entry(counted).or_default().insert(id);
        }
        self.counts_of(&watcher.view);
        if !watcher.people.is_empty() || !watcher.departments.is_empty() {
            self.watchers.insert(id, watcher);
        }
    }

    pub(super) fn remove(&mut self, id: WatcherId) -> Option<Watcher> {
        let watcher = self.watchers.remove(&id)?;
        for person in &watcher.people {
            forget(&mut self.by_person, person, id);
        }
        for department in &watcher.departments {
            let counted = (Arc::clone(watcher.view.id()), Arc::clone(department));
            forget(&mut self.by_department, &counted, id);
        }
        Some(watcher)
    }

    /// All that a watcher has on its screen.
    pub(super) fn state_for(&mut self, watcher: &Watcher) -> State {
        let viewer = watcher.session.bare();
        let shown = |person: &BareJid| (person.clone(), self.standing_for(viewer, person));
        let people = watcher.people.iter().map(shown).collect();
        let counts = self.counts_of(&watcher.view);
        let counts = watcher.departments.iter().filter_map(|id| {
            counts.departments.get(id).map(|(online, total)| (Arc::clone(id), *online, *total))
        });
        News { people, counts: counts.collect() }.state()
    }

    /// All that the watcher of that id has on its screen.
    pub(super) fn state_of(&mut self, id: WatcherId) -> Option<State> {
        let watcher = self.watchers.remove(&id)?;
        let state = self.state_for(&watcher);
        self.watchers.insert(id, watcher);
        Some(state)
    }

    /// What has changed since the last call, for each watcher that has it on the screen.
    pub(super) fn take_news(&mut self) -> Vec<(Session, News)> {
        let mut news: HashMap<WatcherId, News> = HashMap::new();
        for person in std::mem::take(&mut self.changed_people) {
            let standing = self.standing(&person);
            for id in self.by_person.get(&person).into_iter().flatten() {
                let Some(watcher) = self.watchers.get(id) else { continue };
                let is_due = self.changed_sights.contains(&(*id, person.clone()));
                // To whom one has blocked nothing is told, not even that there was something to tell.
                if !is_due && !self.blocking.are_apart(watcher.session.bare(), &person) {
                    news.entry(*id).or_default().people.push((person.clone(), standing.clone()));
                }
            }
        }
        for (id, person) in std::mem::take(&mut self.changed_sights) {
            let Some(watcher) = self.watchers.get(&id) else { continue };
            let standing = self.standing_for(watcher.session.bare(), &person);
            news.entry(id).or_default().people.push((person, standing));
        }
        for counted in std::mem::take(&mut self.changed_departments) {
            let counts = self.counts.get(&counted.0).and_then(|counts| counts.departments.get(&counted.1));
            let Some((online, total)) = counts.copied() else { continue };
            for watcher in self.by_department.get(&counted).into_iter().flatten() {
                news.entry(*watcher).or_default().counts.push((Arc::clone(&counted.1), online, total));
            }
        }
        let watched = |id| self.watchers.get(&id).map(|watcher| watcher.session.clone());
        news.into_iter().filter_map(|(id, news)| Some((watched(id)?, news))).collect()
    }

    fn standing(&self, account: &BareJid) -> Standing {
        self.present.get(account).cloned().unwrap_or_else(offline)
    }

    /// Who has blocked somebody, or was blocked, looks absent.
    fn standing_for(&self, viewer: &BareJid, account: &BareJid) -> Standing {
        if self.blocking.are_apart(viewer, account) { offline() } else { self.standing(account) }
    }

    fn counts_of(&mut self, view: &Arc<View>) -> &Counts {
        // Views that nobody looks at any more go when there are too many.
        if self.counts.len() > 64 && !self.counts.contains_key(view.id()) {
            let used: BTreeSet<_> =
                self.watchers.values().map(|watcher| Arc::clone(watcher.view.id())).collect();
            self.counts.retain(|id, _| used.contains(id));
        }
        let (directory, present) = (&self.directory, &self.present);
        self.counts.entry(Arc::clone(view.id())).or_insert_with(|| Counts {
            view: Arc::clone(view),
            departments: directory.counts(view, |account| present.contains_key(account)),
        })
    }
}

fn offline() -> Standing {
    (Availability::Offline, "".into())
}

fn forget<K: std::hash::Hash + Eq>(index: &mut HashMap<K, HashSet<WatcherId>>, key: &K, id: WatcherId) {
    if let Some(watchers) = index.get_mut(key) {
        watchers.remove(&id);
        if watchers.is_empty() {
            index.remove(key);
        }
    }
}
