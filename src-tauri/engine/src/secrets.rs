//! Where passwords are kept: the keyring of the operating system, which the shell knows and the engine does not.

use std::fmt::Debug;

use async_trait::async_trait;

/// A place for passwords. A keyring that is missing, locked or silent counts as none; the engine then asks for
/// the password at each start and writes it nowhere else.
#[async_trait]
pub trait Secrets: Send + Sync + Debug {
    /// Whether there is such a place at all, so that "remember" can be offered.
    async fn is_there(&self) -> bool;
    /// The password of an account, when it is kept.
    async fn load(&self, account: &str) -> Option<String>;
    /// Keeps a password; false when it could not be kept.
    async fn save(&self, account: &str, password: &str) -> bool;
    /// Forgets the password of an account.
    async fn forget(&self, account: &str);
}
