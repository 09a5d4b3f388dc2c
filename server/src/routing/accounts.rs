//! What routing and features need to know about accounts.

use jid::BareJid;

/// Which addresses are accounts of this server.
pub trait LocalAccounts: Send + Sync + std::fmt::Debug {
    /// Whether somebody can sign in with this address. Quick: asked for every message.
    fn exists(&self, account: &BareJid) -> bool;
}

/// Who does not want to hear from whom (XEP-0191).
pub trait Blocking: Send + Sync {
    /// Whether `account` has blocked `other`. Quick: asked for every stanza.
    fn has_blocked(&self, account: &BareJid, other: &jid::Jid) -> bool;
}
