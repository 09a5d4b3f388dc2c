//! The organisation's answers to what routing asks about accounts.

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::BareJid;

use super::accounts::{Contacts, LocalAccounts};
use super::audience::Audience;
use crate::organization::directory::Directory;

/// The people of the organisation are the accounts.
impl LocalAccounts for Directory {
    fn exists(&self, account: &BareJid) -> bool {
        self.is_member(account)
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
