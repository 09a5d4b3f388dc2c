//! What the door needs to know about accounts; `startup` connects it with `accounts`.

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;

pub use crate::accounts::{AccountState, Hash, ScramCredentials};

/// Whether a login may be tried now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// It may.
    Allowed,
    /// Too many wrong passwords: not before this time has passed.
    Wait(Duration),
}

/// Accounts as the login sees them.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// Keys of a login name, prepared by SASLprep and without domain. For a name nobody has, keys that look
    /// the same every time and fit no password; `known` is false then.
    async fn scram_keys(&self, login: &str, hash: Hash) -> ScramCredentials;

    /// Whether a login with these keys, proved a while ago, would still succeed.
    async fn are_current(&self, login: &str, hash: Hash, keys: &ScramCredentials) -> bool;

    /// Whether this address may try this login now.
    fn check(&self, login: &str, address: IpAddr) -> Permission;

    /// A password was tried, and the client is told whether it was right only if this allows it: logins that
    /// began together get no more tries than one after the other.
    fn tried(&self, login: &str, address: IpAddr, is_right: bool) -> Permission;

    /// Whether the owner of a right password may sign in.
    async fn state(&self, login: &str) -> AccountState;
}
