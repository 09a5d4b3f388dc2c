//! What a view shows of the directory's data.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use jid::BareJid;
use posthouse_protocol::organization::{Department, Person};

use super::record::Record;
use super::{EntryId, Scope, Seen};
use crate::organization::visibility::{View, ViewKey, names};

impl Record {
    pub(super) fn view_key(&self, account: &BareJid) -> ViewKey {
        let rules = &self.rules;
        if rules.is_open() {
            return ViewKey::default();
        }
        let Some(person) = self.person_of(account) else { return ViewKey::default() };
        let above: BTreeSet<&str> = self.above(person);
        if names(&rules.all_seeing_people, person)
            || rules.all_seeing_departments.iter().any(|id| above.contains(id.as_str()))
        {
            return ViewKey { all_seeing: true, ..ViewKey::default() };
        }
        let inside = rules.hidden_departments.iter().filter(|id| above.contains(id.as_str()));
        let departments = if rules.fields.depends_on_department() {
            person.posts.iter().map(|post| post.department.clone()).collect()
        } else {
            BTreeSet::new()
        };
        ViewKey {
            all_seeing: false,
            inside: inside.cloned().collect(),
            departments,
            hidden_self: names(&rules.hidden_people, person).then(|| person.id.clone()),
        }
    }

    pub(super) fn view(&self, key: ViewKey) -> View {
        // Not a secret: only has to differ when what is visible differs.
        let mut hasher = DefaultHasher::new();
        self.epoch.hash(&mut hasher);
        key.hash(&mut hasher);
        if !self.rules.is_open() {
            format!("{:?}", self.rules).hash(&mut hasher);
        }
        let id = format!("{:016x}", hasher.finish()).into();
        View { key, id, rules: Arc::clone(&self.rules) }
    }

    pub(super) fn everything(&self, view: &View) -> Seen {
        let departments = self.in_order().into_iter().filter(|department| self.shows(view, &department.id));
        let people = self.people.values().filter_map(|person| self.show_person(view, person));
        Seen {
            departments: departments.map(|department| Department::clone(department)).collect(),
            people: people.collect(),
            ..self.nothing()
        }
    }

    pub(super) fn changes_since(&self, view: &View, since: u64) -> Option<Seen> {
        let changed = self.changed_since(since)?;
        let all = self.departments.len().saturating_add(self.people.len());
        if changed.len() > all.max(1) {
            return None;
        }
        let mut seen = self.nothing();
        for id in changed {
            if !self.add_to(&mut seen, view, &id) {
                seen.gone.push(Self::gone(&id));
            }
        }
        Some(seen)
    }

    fn add_to(&self, seen: &mut Seen, view: &View, id: &EntryId) -> bool {
        match id {
            EntryId::Department(id) => {
                let shown = self.departments.get(id).filter(|_| self.shows(view, id));
                seen.departments.extend(shown.map(|department| Department::clone(department)));
                shown.is_some()
            }
            EntryId::Person(id) => {
                let shown = self.people.get(id).and_then(|person| self.show_person(view, person));
                let is_shown = shown.is_some();
                seen.people.extend(shown);
                is_shown
            }
        }
    }

    /// The view shows this department.
    pub(super) fn shows(&self, view: &View, department: &str) -> bool {
        if view.key.all_seeing || view.rules.hidden_departments.is_empty() {
            return self.departments.contains_key(department);
        }
        self.departments.contains_key(department)
            && self.upward(department).all(|above| {
                !view.rules.hidden_departments.contains(&above.id) || view.key.inside.contains(&above.id)
            })
    }

    /// The view shows this person.
    pub(super) fn shows_person(&self, view: &View, person: &Person) -> bool {
        if view.key.all_seeing || view.rules.hides_nobody() {
            return true;
        }
        if names(&view.rules.hidden_people, person) {
            return view.key.hidden_self.as_deref() == Some(person.id.as_str());
        }
        person.posts.is_empty() || person.posts.iter().any(|post| self.shows(view, &post.department))
    }

    /// The person as the view shows them.
    pub(super) fn show_person(&self, view: &View, person: &Arc<Person>) -> Option<Arc<Person>> {
        if view.is_open() {
            return Some(Arc::clone(person));
        }
        if !self.shows_person(view, person) {
            return None;
        }
        let mut shown = Person::clone(person);
        shown.posts.retain(|post| self.shows(view, &post.department));
        let is_colleague = person.posts.iter().any(|post| view.key.departments.contains(&post.department));
        view.rules.fields.clear(&mut shown, is_colleague);
        Some(Arc::new(shown))
    }

    pub(super) fn keeps_apart(&self, one: &Person, other: &Person) -> bool {
        let (one, other) = (self.above(one), self.above(other));
        self.rules.no_chat.iter().any(|rule| {
            let (between, and) = (rule.between.as_str(), rule.and.as_str());
            (one.contains(between) && other.contains(and)) || (one.contains(and) && other.contains(between))
        })
    }

    /// A rule of texts lets this person write to phones.
    pub(super) fn may_text(&self, person: &Person) -> bool {
        let texts = &self.rules.texts;
        if texts.departments.is_empty() && texts.people.is_empty() {
            return true;
        }
        let above = self.above(person);
        names(&texts.people, person) || texts.departments.iter().any(|id| above.contains(id.as_str()))
    }

    pub(super) fn departments_over(&self, view: &View, person: &Person) -> BTreeSet<Arc<str>> {
        if !self.shows_person(view, person) {
            return BTreeSet::new();
        }
        let shown = person.posts.iter().filter(|post| self.shows(view, &post.department));
        let over = shown.flat_map(|post| self.upward(&post.department));
        over.filter_map(|department| self.departments.get_key_value(department.id.as_str()))
            .map(|(id, _)| Arc::clone(id))
            .collect()
    }

    /// Ids of the person's departments and all above them.
    fn above(&self, person: &Person) -> BTreeSet<&str> {
        let departments = person.posts.iter().flat_map(|post| self.upward(&post.department));
        departments.map(|department| department.id.as_str()).collect()
    }

    pub(super) fn scope(&self, account: &BareJid) -> Scope {
        if self.people.len() <= self.rules.roster_everybody_up_to {
            return Scope::Everybody;
        }
        let posts = self.person_of(account).map(|person| person.posts.as_slice()).unwrap_or_default();
        Scope::Departments(posts.iter().map(|post| post.department.as_str().into()).collect())
    }

    pub(super) fn colleagues(&self, view: &View, account: &BareJid) -> (Vec<Arc<Person>>, Scope) {
        let scope = self.scope(account);
        let ids: Vec<&Arc<str>> = match &scope {
            Scope::Everybody => self.people.keys().collect(),
            Scope::Departments(own) => self.members_of(own).collect(),
        };
        let people = ids.into_iter().filter_map(|id| self.people.get(id));
        (people.filter_map(|person| self.show_person(view, person)).collect(), scope)
    }

    /// Whether the account is among [`Record::colleagues`] of the viewer, who may see it.
    pub(super) fn is_colleague(&self, viewer: &BareJid, account: &BareJid) -> bool {
        let Scope::Departments(own) = self.scope(viewer) else { return true };
        let Some(person) = self.person_of(account) else { return false };
        if !person.posts.iter().any(|post| own.contains(post.department.as_str())) {
            return false;
        }
        let members = own.iter().filter_map(|id| self.members.get(id));
        let are_few = members.map(BTreeSet::len).sum::<usize>() <= self.rules.roster_everybody_up_to;
        are_few || self.members_of(&own).any(|id| **id == *person.id)
    }

    /// Members of these departments, each once; a department may itself be larger than what a standard client
    /// bears.
    fn members_of(&self, departments: &BTreeSet<Arc<str>>) -> impl Iterator<Item = &Arc<str>> {
        let members = departments.iter().filter_map(|id| self.members.get(id)).flatten();
        let members: BTreeSet<&Arc<str>> = members.collect();
        members.into_iter().take(self.rules.roster_everybody_up_to)
    }
}
