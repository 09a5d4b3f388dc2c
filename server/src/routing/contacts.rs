//! The organisation's answers to what routing asks about accounts.

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::BareJid;

use super::accounts::{Blocking, Contacts, LocalAccounts};
use super::audience::Audience;
use crate::organization::directory::Directory;

/// The people of the organisation are the accounts.
impl LocalAccounts for Directory {
    fn exists(&self, account: &BareJid) -> bool {
        self.is_member(account)
    }
}

/// Contacts without those of whom one has blocked the other (XEP-0191 section 3.3).
#[derive(Debug)]
pub struct Unblocked {
    contacts: Arc<dyn Contacts>,
    blocking: Arc<dyn Blocking>,
}

impl Unblocked {
    /// These contacts, as far as nobody has blocked them.
    pub fn new(contacts: Arc<dyn Contacts>, blocking: Arc<dyn Blocking>) -> Self {
        Self { contacts, blocking }
    }
}

impl Contacts for Unblocked {
    fn shares_presence(&self, account: &BareJid, viewer: &BareJid) -> bool {
        self.contacts.shares_presence(account, viewer) && !self.blocking.are_apart(account, viewer)
    }

    fn viewers_of(&self, account: &BareJid) -> Vec<BareJid> {
        let mut viewers = self.contacts.viewers_of(account);
        viewers.retain(|viewer| !self.blocking.are_apart(account, viewer));
        viewers
    }
}

/// Who is shown whose presence.
#[derive(Debug)]
pub struct PresenceContacts {
    directory: Arc<Directory>,
    audience: Arc<Audience>,
}

impl PresenceContacts {
    /// By the organisation, and by what available standard clients have asked for.
    pub fn new(directory: Arc<Directory>, audience: Arc<Audience>) -> Self {
        Self { directory, audience }
    }
}

impl Contacts for PresenceContacts {
    fn shares_presence(&self, account: &BareJid, viewer: &BareJid) -> bool {
        // Nobody in the organisation has to be asked: who may see a person may see the person's presence.
        self.directory.may_see(viewer, account)
    }

    fn viewers_of(&self, account: &BareJid) -> Vec<BareJid> {
        let person = self.directory.person(account);
        let posts = person.iter().flat_map(|person| &person.posts).map(|post| post.department.as_str());
        let shown = self.audience.of(account, posts);
        let viewers: BTreeSet<BareJid> = shown
            .iter()
            .map(|session| session.bare())
            .filter(|viewer| *viewer != account && self.directory.may_see(viewer, account))
            .cloned()
            .collect();
        viewers.into_iter().collect()
    }
}
