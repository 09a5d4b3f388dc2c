//! The organisation as the features ask for it: accounts, and who sees whom.

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::BareJid;

use crate::organization::directory::Directory;
use crate::routing::accounts::{Contacts, LocalAccounts};
use crate::routing::sessions::Sessions;

/// The organisation's answer to who is an account, and who sees whom.
#[derive(Debug, Clone)]
pub struct Members {
    /// The organisation.
    pub directory: Arc<Directory>,
    /// Who is signed in.
    pub sessions: Arc<Sessions>,
}

impl LocalAccounts for Members {
    fn exists(&self, account: &BareJid) -> bool {
        self.directory.is_member(account)
    }
}

impl Contacts for Members {
    fn shares_presence(&self, account: &BareJid, viewer: &BareJid) -> bool {
        self.directory.may_see(viewer, account)
    }

    fn viewers_of(&self, account: &BareJid) -> Vec<BareJid> {
        let online: BTreeSet<BareJid> =
            self.sessions.all().iter().map(|session| session.bare().clone()).collect();
        online
            .into_iter()
            .filter(|viewer| viewer != account && self.directory.may_see(viewer, account))
            .collect()
    }
}
