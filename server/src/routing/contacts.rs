//! The organisation's answers to what routing asks about accounts.

use std::sync::Arc;

use jid::BareJid;

use super::accounts::{Blocking, Contacts, LocalAccounts};
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
