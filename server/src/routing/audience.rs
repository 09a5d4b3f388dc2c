//! Which standard clients are shown whose presence: an index, so that a broadcast costs only its receivers.
//! Clients that read the directory are not in it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jid::BareJid;
use parking_lot::RwLock;

use super::session::{Session, SessionId};

/// Why a session is shown somebody's presence.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Circle {
    /// Everybody's.
    Everybody,
    /// That of the members of a department.
    Department(Arc<str>),
    /// That of one contact.
    Contact(BareJid),
}

#[derive(Debug, Default)]
struct Index {
    circles: HashMap<Circle, HashMap<SessionId, Session>>,
    places: HashMap<SessionId, Vec<Circle>>,
}

/// Available standard clients by what they are shown.
#[derive(Debug, Default)]
pub struct Audience(RwLock<Index>);

impl Audience {
    /// Shows the session the presence of everybody (`departments` is `None`) or of those departments' members,
    /// and of those contacts.
    pub fn enroll(
        &self,
        session: &Session,
        departments: Option<&BTreeSet<Arc<str>>>,
        contacts: Vec<BareJid>,
    ) {
        let mut circles: Vec<Circle> = contacts.into_iter().map(Circle::Contact).collect();
        match departments {
            None => circles.push(Circle::Everybody),
            Some(departments) => circles.extend(departments.iter().cloned().map(Circle::Department)),
        }
        let mut index = self.0.write();
        index.remove(session.id());
        for circle in &circles {
            index.circles.entry(circle.clone()).or_default().insert(session.id(), session.clone());
        }
        index.places.insert(session.id(), circles);
    }

    /// Shows an enrolled session one contact more.
    pub fn add_contact(&self, session: &Session, contact: &BareJid) {
        let mut index = self.0.write();
        let circle = Circle::Contact(contact.clone());
        let Some(places) = index.places.get_mut(&session.id()) else { return };
        if !places.contains(&circle) {
            places.push(circle.clone());
            index.circles.entry(circle).or_default().insert(session.id(), session.clone());
        }
    }

    /// Shows an enrolled session that contact no longer.
    pub fn remove_contact(&self, session: &Session, contact: &BareJid) {
        let mut index = self.0.write();
        let circle = Circle::Contact(contact.clone());
        if let Some(places) = index.places.get_mut(&session.id()) {
            places.retain(|other| *other != circle);
        }
        index.leave(&circle, session.id());
    }

    /// Takes a session out.
    pub fn remove(&self, session: SessionId) {
        self.0.write().remove(session);
    }

    /// The sessions that are shown the presence of this account, whose departments these are; each once.
    pub fn of<'a>(&self, account: &BareJid, departments: impl Iterator<Item = &'a str>) -> Vec<Session> {
        let index = self.0.read();
        let own = departments.map(|department| Circle::Department(department.into()));
        let circles = own.chain([Circle::Everybody, Circle::Contact(account.clone())]);
        let mut found: HashMap<SessionId, &Session> = HashMap::new();
        for circle in circles {
            let sessions = index.circles.get(&circle).into_iter().flatten();
            found.extend(sessions.map(|(id, session)| (*id, session)));
        }
        found.into_values().cloned().collect()
    }
}

impl Index {
    fn remove(&mut self, session: SessionId) {
        for circle in self.places.remove(&session).unwrap_or_default() {
            self.leave(&circle, session);
        }
    }

    fn leave(&mut self, circle: &Circle, session: SessionId) {
        if let Some(sessions) = self.circles.get_mut(circle) {
            sessions.remove(&session);
            if sessions.is_empty() {
                self.circles.remove(circle);
            }
        }
    }
}
