//! What routing and features need to know about accounts.

use async_trait::async_trait;
use jid::{BareJid, Jid};

/// Which addresses are accounts of this server.
pub trait LocalAccounts: Send + Sync + std::fmt::Debug {
    /// Whether somebody can sign in with this address. Quick: asked for every message.
    fn exists(&self, account: &BareJid) -> bool;
}

/// Who does not want to hear from whom (XEP-0191).
pub trait Blocking: Send + Sync + std::fmt::Debug {
    /// Whether `account` has blocked `other`. Quick: asked for every stanza.
    fn has_blocked(&self, account: &BareJid, other: &Jid) -> bool;

    /// Whether one of the two has blocked the other. Quick: asked for every receiver of a presence.
    fn are_apart(&self, one: &BareJid, other: &BareJid) -> bool;
}

/// Who sees whose presence.
pub trait Contacts: Send + Sync + std::fmt::Debug {
    /// `viewer` is told the presence of `account`: a subscription, or colleagues who see each other.
    fn shares_presence(&self, account: &BareJid, viewer: &BareJid) -> bool;

    /// The accounts that are told the presence of `account`, itself not among them.
    fn viewers_of(&self, account: &BareJid) -> Vec<BareJid>;
}

/// What accounts publish about themselves (XEP-0163), for service discovery.
#[async_trait]
pub trait PersonalNodes: Send + Sync {
    /// The nodes of `owner` that `viewer` may read: name and title.
    async fn nodes(&self, owner: &BareJid, viewer: &BareJid) -> Vec<(String, String)>;
}

/// Why a password that its owner chose is not taken.
#[derive(Debug, thiserror::Error)]
pub enum PasswordRefusal {
    /// It cannot be used; the text says why, for people.
    #[error("{0}")]
    TooWeak(String),
    /// A failure of ours.
    #[error(transparent)]
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

/// Passwords, as far as their owners may change them.
#[async_trait]
pub trait Passwords: Send + Sync {
    /// Whether the account still has the password that somebody else chose for it.
    ///
    /// # Errors
    /// A failure of ours.
    async fn must_change(&self, login: &str) -> Result<bool, Box<dyn std::error::Error + Send + Sync>>;

    /// Whether that is the password of the account.
    ///
    /// # Errors
    /// A failure of ours.
    async fn is_right(
        &self,
        login: &str,
        password: &str,
    ) -> Result<bool, Box<dyn std::error::Error + Send + Sync>>;

    /// Stores a password that its owner chose in the client with this full address. It is durable when this returns.
    ///
    /// # Errors
    /// Why it is not taken.
    async fn change(&self, login: &str, client: &str, password: &str) -> Result<(), PasswordRefusal>;
}
