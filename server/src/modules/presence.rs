//! Presence of standard clients (RFC 6121 section 4): broadcast to those who may see it, probes, directed
//! presence and its end. Clients that read the directory get none of it: `modules/presence_watch` serves them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use bytes::Bytes;
use jid::{BareJid, Jid};
use parking_lot::Mutex;
use posthouse_protocol::wire::{Frame, StanzaKind, escape};

use crate::organization::directory::{Directory, Scope};
use crate::routing::accounts::Blocking;
use crate::routing::audience::Audience;
use crate::routing::passage::{Origin, Passage};
use crate::routing::session::{Session, SessionId};
use crate::routing::sessions::Sessions;
use crate::routing::stages::{Accept, AcceptStep, Observer, Observers, StepError};
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::roster::RosterStore;

/// Most addresses a session may send directed presence to.
const DIRECTED: usize = 500;

/// The presence service.
#[derive(Debug)]
pub struct PresenceService {
    directory: Arc<Directory>,
    sessions: Arc<Sessions>,
    roster: RosterStore,
    audience: Arc<Audience>,
    blocking: Arc<dyn Blocking>,
    observers: Arc<Observers>,
    /// Whom sessions have sent directed presence (RFC 6121 section 4.6).
    directed: Mutex<HashMap<SessionId, HashSet<Jid>>>,
}

impl PresenceService {
    /// The service over these.
    pub fn new(
        directory: Arc<Directory>,
        sessions: Arc<Sessions>,
        roster: RosterStore,
        audience: Arc<Audience>,
        blocking: Arc<dyn Blocking>,
        observers: Arc<Observers>,
    ) -> Self {
        Self { directory, sessions, roster, audience, blocking, observers, directed: Mutex::default() }
    }

    async fn available(&self, session: &Session, frame: &Frame) {
        let switches = session.switches();
        switches.priority.store(priority_of(frame), Ordering::Release);
        session.set_presence(Some(frame.bytes().clone()));
        let was_available = switches.available.swap(true, Ordering::AcqRel);
        if !was_available {
            self.enroll(session).await;
        }
        self.broadcast(session, frame);
        if !was_available {
            self.show_others(session).await;
        }
        for observer in self.observers.all() {
            observer.presence_changed(session);
        }
        if !was_available {
            for observer in self.observers.all() {
                observer.session_available(session).await;
            }
        }
    }

    /// Puts a standard client where it gets the presence of those in its roster.
    async fn enroll(&self, session: &Session) {
        if session.switches().directory.load(Ordering::Acquire) {
            return;
        }
        let contacts = self.contacts(session.bare()).await;
        match self.directory.scope(session.bare()) {
            Scope::Everybody => self.audience.enroll(session, None, contacts),
            Scope::Departments(own) => self.audience.enroll(session, Some(&own), contacts),
        }
    }

    /// Contacts beyond the colleagues whose presence the user wants.
    async fn contacts(&self, account: &BareJid) -> Vec<BareJid> {
        let items = self.roster.items_of(account.clone()).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the own contacts cannot be read");
            Vec::new()
        });
        items.into_iter().filter(|item| item.subscribed).map(|item| item.contact).collect()
    }

    /// Tells a client that has just become available who else is (RFC 6121 section 4.2.2): the answer to
    /// probes of all contacts at once.
    async fn show_others(&self, session: &Session) {
        for other in self.sessions.of(session.bare()) {
            if other.id() != session.id() {
                show(&other, session);
            }
        }
        if session.switches().directory.load(Ordering::Acquire) {
            return;
        }
        let (colleagues, _) = self.directory.colleagues(session.bare());
        let colleagues = colleagues.iter().map(|person| person.jid.clone());
        let contacts = self.contacts(session.bare()).await;
        let seen: HashSet<BareJid> = colleagues.chain(contacts).collect();
        for account in seen.iter().filter(|account| *account != session.bare()) {
            if self.shows(account, session.bare()) {
                for other in self.sessions.of(account) {
                    show(&other, session);
                }
            }
        }
    }

    /// The organisation lets them see each other, and neither has blocked the other (XEP-0191 section 3.3).
    fn shows(&self, account: &BareJid, viewer: &BareJid) -> bool {
        self.directory.may_see(viewer, account) && !self.blocking.are_apart(account, viewer)
    }

    /// Sends a presence to the user's own clients and to all who are shown it.
    fn broadcast(&self, session: &Session, frame: &Frame) {
        for own in self.sessions.of(session.bare()) {
            if own.switches().available.load(Ordering::Acquire) {
                send(frame, &own, session);
            }
        }
        let account = session.bare();
        let person = self.directory.person(account);
        let posts = person.iter().flat_map(|person| &person.posts).map(|post| post.department.as_str());
        for watcher in self.audience.of(account, posts) {
            let is_other = watcher.bare() != account;
            // A client may have turned to the directory after it became available.
            let is_standard = !watcher.switches().directory.load(Ordering::Acquire);
            if is_other && is_standard && self.shows(account, watcher.bare()) {
                send(frame, &watcher, session);
            }
        }
    }

    fn unavailable(&self, session: &Session, frame: &Frame) {
        session.set_presence(None);
        let was_available = session.switches().available.swap(false, Ordering::AcqRel);
        self.audience.remove(session.id());
        if was_available {
            self.broadcast(session, frame);
            send(frame, session, session);
        }
        self.end_directed(session, frame);
        if was_available {
            for observer in self.observers.all() {
                observer.presence_changed(session);
            }
        }
    }

    /// RFC 6121 section 4.6.3: who got directed presence learns of its end. Rooms and components watch
    /// sessions themselves.
    fn end_directed(&self, session: &Session, frame: &Frame) {
        for address in self.directed.lock().remove(&session.id()).unwrap_or_default() {
            let receivers = match address.try_as_full() {
                Ok(full) => self.sessions.find(full).into_iter().collect(),
                Err(bare) => self.sessions.of(bare),
            };
            for receiver in receivers {
                send(frame, &receiver, session);
            }
        }
    }

    fn note_directed(&self, session: &Session, to: &Jid, is_available: bool) -> Result<(), StanzaError> {
        let mut directed = self.directed.lock();
        let addresses = directed.entry(session.id()).or_default();
        if !is_available {
            addresses.remove(to);
        } else if addresses.len() < DIRECTED {
            addresses.insert(to.clone());
        } else {
            return Err(StanzaError::new(Condition::ResourceConstraint));
        }
        Ok(())
    }

    /// A client should not probe (RFC 6121 section 4.3.1), but some do; the answer costs little.
    fn answer_probe(&self, session: &Session, to: &Jid) {
        let account = to.to_bare();
        if !self.directory.may_see(session.bare(), &account) {
            return;
        }
        let others = self.sessions.of(&account);
        let is_there = others.iter().any(|other| other.presence().is_some());
        if is_there && !self.blocking.are_apart(&account, session.bare()) {
            others.iter().for_each(|other| show(other, session));
        } else {
            say_absent(&account, session);
        }
    }

    async fn undirected(&self, session: &Session, frame: &Frame) -> Accept {
        match frame.type_().as_deref() {
            None => self.available(session, frame).await,
            Some("unavailable") => self.unavailable(session, frame),
            Some(_) => return Accept::Reject(StanzaError::new(Condition::BadRequest)),
        }
        Accept::Taken
    }
}

/// RFC 6121 section 4.7.2.3.
fn priority_of(frame: &Frame) -> i16 {
    let child = frame.child("priority", "jabber:client");
    let number = child.and_then(|child| child.text().trim().parse::<i16>().ok());
    number.unwrap_or_default().clamp(-128, 127)
}

/// RFC 6121 section 4.3.2: nobody is there.
fn say_absent(account: &BareJid, session: &Session) {
    let (from, to) = (escape(account.as_str()), escape(session.bare().as_str()));
    let bytes = Bytes::from(format!("<presence type='unavailable' from='{from}' to='{to}'/>"));
    if session.send_when_active(account.as_str(), bytes).is_err() {
        tracing::debug!(session = session.id().0, "a presence found no place");
    }
}

/// Shows one client another's presence.
fn show(other: &Session, session: &Session) {
    if let Some(frame) = other.presence().and_then(|bytes| Frame::parse(bytes).ok()) {
        send(&frame, session, other);
    }
}

/// RFC 6121 section 4.2.2 wants `to` to be the receiver's bare address, and clients file presence by it.
fn send(frame: &Frame, receiver: &Session, sender: &Session) {
    let bytes = frame.edit().to(Some(receiver.bare().as_str())).finish().bytes().clone();
    if receiver.send_when_active(sender.jid().as_str(), bytes).is_err() {
        tracing::debug!(session = receiver.id().0, "a presence found no place");
    }
}

#[async_trait]
impl AcceptStep for PresenceService {
    fn concerns(&self, passage: &Passage) -> bool {
        passage.frame.kind() == StanzaKind::Presence
    }

    async fn accept(&self, passage: &mut Passage) -> Result<Accept, StepError> {
        let Origin::Session(session) = &passage.origin else { return Ok(Accept::Continue) };
        if passage.frame.to().is_none() {
            return Ok(self.undirected(session, &passage.frame).await);
        }
        let accept = match passage.frame.type_().as_deref() {
            Some("probe") => {
                self.answer_probe(session, &passage.to);
                Accept::Taken
            }
            kind @ (None | Some("unavailable")) => {
                match self.note_directed(session, &passage.to, kind.is_none()) {
                    Ok(()) => Accept::Continue,
                    Err(error) => Accept::Reject(error),
                }
            }
            Some(_) => Accept::Continue,
        };
        Ok(accept)
    }
}

#[async_trait]
impl Observer for PresenceService {
    async fn session_closed(&self, session: &Session) {
        let bytes = format!("<presence type='unavailable' from='{}'/>", escape(session.jid().as_str()));
        match Frame::parse(Bytes::from(bytes)) {
            Ok(frame) => self.unavailable(session, &frame),
            Err(error) => tracing::error!(%error, "an unavailable presence cannot be written"),
        }
    }
}

#[cfg(test)]
mod tests;
