//! Who is there, as far as the window looks, and what the window has to hear about it.

use std::collections::{BTreeMap, BTreeSet};

use jid::BareJid;
use posthouse_protocol::presence::{
    self, PersonState, State, WATCHED_DEPARTMENTS, WATCHED_PEOPLE, Watch, WatchDepartment, WatchPerson,
};

use crate::model::{Availability, DepartmentCount, PersonPresence};

/// What the window looks at, and what is known about it.
#[derive(Debug, Default)]
pub(super) struct Board {
    departments: BTreeSet<String>,
    people: BTreeSet<BareJid>,
    /// People who are there; everybody else is not.
    present: BTreeMap<BareJid, Standing>,
    counts: BTreeMap<String, Count>,
}

/// What the window is to be told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct News {
    pub(super) people: Vec<PersonPresence>,
    pub(super) counts: Vec<DepartmentCount>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Standing {
    availability: Availability,
    status: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Count {
    online: u32,
    total: u32,
}

impl Board {
    /// The window looks at these now. Answers whether that is something else than before. More than the server
    /// allows is left out.
    pub(super) fn look(&mut self, departments: Vec<String>, people: Vec<BareJid>) -> bool {
        let departments: BTreeSet<String> = departments.into_iter().take(WATCHED_DEPARTMENTS).collect();
        let people: BTreeSet<BareJid> = people.into_iter().take(WATCHED_PEOPLE).collect();
        if departments == self.departments && people == self.people {
            return false;
        }
        self.present.retain(|person, _| people.contains(person));
        self.counts.retain(|department, _| departments.contains(department));
        self.departments = departments;
        self.people = people;
        true
    }

    /// Whether the window looks at nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.departments.is_empty() && self.people.is_empty()
    }

    /// What the server is to tell.
    pub(super) fn watch(&self) -> Watch {
        Watch {
            departments: self.departments.iter().map(|id| WatchDepartment { id: id.clone() }).collect(),
            people: self.people.iter().map(|jid| WatchPerson { jid: jid.clone() }).collect(),
        }
    }

    /// Everything that is looked at, as the server has answered: who is not in it is not there.
    pub(super) fn answered(&mut self, state: State) -> News {
        self.present.clear();
        self.counts.clear();
        state.people.into_iter().for_each(|person| drop(self.note_person(person)));
        state.counts.into_iter().for_each(|count| drop(self.note_count(count)));
        News {
            people: self.people.iter().map(|person| self.presence_of(person)).collect(),
            counts: self.counts.iter().map(|(department, count)| count.model(department)).collect(),
        }
    }

    /// What has changed.
    pub(super) fn pushed(&mut self, state: State) -> News {
        News {
            people: state.people.into_iter().filter_map(|person| self.note_person(person)).collect(),
            counts: state.counts.into_iter().filter_map(|count| self.note_count(count)).collect(),
        }
    }

    /// Without a line nobody is there.
    pub(super) fn broken(&mut self) -> News {
        let present = std::mem::take(&mut self.present);
        let mut news =
            News { people: present.into_keys().map(|person| offline(&person)).collect(), ..News::default() };
        for (department, count) in &mut self.counts {
            if count.online > 0 {
                count.online = 0;
                news.counts.push(count.model(department));
            }
        }
        news
    }

    /// What a person does now, as far as it is looked at.
    pub(super) fn presence_of(&self, person: &BareJid) -> PersonPresence {
        self.present.get(person).map_or_else(|| offline(person), |standing| standing.model(person))
    }

    fn note_person(&mut self, state: PersonState) -> Option<PersonPresence> {
        let PersonState { jid, availability, status } = state;
        if !self.people.contains(&jid) {
            return None;
        }
        let standing =
            Standing { availability: model(availability), status: Some(status).filter(|it| !it.is_empty()) };
        let before = self.presence_of(&jid);
        if standing.availability == Availability::Offline {
            self.present.remove(&jid);
        } else {
            self.present.insert(jid.clone(), standing);
        }
        Some(self.presence_of(&jid)).filter(|now| *now != before)
    }

    fn note_count(&mut self, state: presence::DepartmentCount) -> Option<DepartmentCount> {
        let presence::DepartmentCount { department, online, total } = state;
        if !self.departments.contains(&department) {
            return None;
        }
        let count = Count { online, total };
        let before = self.counts.insert(department.clone(), count);
        (before != Some(count)).then(|| count.model(&department))
    }
}

impl News {
    /// Whether there is nothing to tell.
    pub(super) fn is_empty(&self) -> bool {
        self.people.is_empty() && self.counts.is_empty()
    }
}

impl Standing {
    fn model(&self, person: &BareJid) -> PersonPresence {
        let Self { availability, status } = self.clone();
        PersonPresence { person: person.to_string(), availability, status }
    }
}

impl Count {
    fn model(self, department: &str) -> DepartmentCount {
        DepartmentCount { department: department.to_owned(), online: self.online, total: self.total }
    }
}

fn offline(person: &BareJid) -> PersonPresence {
    PersonPresence { person: person.to_string(), availability: Availability::Offline, status: None }
}

fn model(availability: presence::Availability) -> Availability {
    match availability {
        presence::Availability::Online => Availability::Online,
        presence::Availability::DoNotDisturb => Availability::DoNotDisturb,
        presence::Availability::Away => Availability::Away,
        presence::Availability::ExtendedAway => Availability::ExtendedAway,
        presence::Availability::Offline => Availability::Offline,
    }
}

#[cfg(test)]
mod tests;
