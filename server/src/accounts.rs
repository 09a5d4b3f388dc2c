//! Accounts: who may sign in, and the keys that prove a password without storing it.

use std::net::IpAddr;

use aws_lc_rs::{digest, hmac};
use parking_lot::Mutex;
use posthouse_sign_on::session::End;

use crate::clock::Timestamp;
use crate::storage::sign_on::{self, Apps};
use crate::storage::{Connection, Database, StorageError, accounts as table};

pub mod application_key;
pub mod derivation;
pub mod lockout;
pub mod password;

use lockout::{LoginGuard, LoginLimits, Verdict};
pub use password::Hash;

/// What SCRAM (RFC 5802) needs to know about an account.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramCredentials {
    /// Salt.
    pub salt: Vec<u8>,
    /// Iterations of PBKDF2.
    pub iterations: u32,
    /// `H(ClientKey)`.
    pub stored_key: Vec<u8>,
    /// `HMAC(SaltedPassword, "Server Key")`.
    pub server_key: Vec<u8>,
    /// Whether the account exists; if not, the rest is invented, the same every time, and fits no password.
    pub known: bool,
}

impl std::fmt::Debug for ScramCredentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ScramCredentials")
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}

/// Whether somebody may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// May sign in.
    Live,
    /// Locked by an administrator.
    Disabled,
    /// There is no such account.
    Unknown,
}

/// All accounts. Shared by reference; asks the database every time, so that edits by the command line count at once.
pub struct Accounts {
    database: Database,
    secret: Vec<u8>,
    iterations: u32,
    guard: Mutex<LoginGuard>,
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Accounts").finish_non_exhaustive()
    }
}

impl Accounts {
    /// Accounts of that database. `iterations` are told to clients for names that nobody has; `attempts`
    /// wrong passwords are free.
    ///
    /// # Errors
    /// The database does not answer, or there is no randomness for its secret.
    pub async fn open(database: Database, iterations: u32, attempts: u32) -> Result<Self, StorageError> {
        let fresh = password::random::<32>().map_err(|_| StorageError::NoRandomness)?;
        let secret = database.write(move |connection| table::secret(connection, "scram", &fresh)).await?;
        Ok(Self {
            database,
            secret,
            iterations,
            guard: Mutex::new(LoginGuard::new(LoginLimits::new(attempts))),
        })
    }

    /// The keys of a login name. The answer for a name nobody has costs the same and looks the same.
    pub async fn scram_keys(&self, login: &str, hash: Hash) -> ScramCredentials {
        let name = login.to_owned();
        let invented = self.invented(login, hash);
        let found =
            self.database.read(move |connection| table::credential(connection, &name, hash.number())).await;
        match found {
            Ok(Some(row)) => ScramCredentials {
                salt: row.salt,
                iterations: row.iterations,
                stored_key: row.stored_key,
                server_key: row.server_key,
                known: true,
            },
            Ok(None) => invented,
            Err(error) => {
                tracing::error!(%error, "credentials cannot be read; the login will fail");
                invented
            }
        }
    }

    fn invented(&self, login: &str, hash: Hash) -> ScramCredentials {
        let key = hmac::Key::new(hmac::HMAC_SHA512, &self.secret);
        let take = |label: &str, length: usize| -> Vec<u8> {
            let mut context = hmac::Context::with_key(&key);
            context.update(label.as_bytes());
            context.update(&[0, hash.number()]);
            context.update(login.as_bytes());
            context.sign().as_ref().iter().copied().take(length).collect()
        };
        ScramCredentials {
            salt: take("salt", password::SALT),
            iterations: self.iterations,
            stored_key: take("stored", hash.length()),
            server_key: take("server", hash.length()),
            known: false,
        }
    }

    /// Whether a login with these keys would still succeed: nobody has closed the account or changed its password
    /// since they were read.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn are_current(
        &self,
        login: &str,
        hash: Hash,
        keys: &ScramCredentials,
    ) -> Result<bool, StorageError> {
        let (name, stored_key) = (login.to_owned(), keys.stored_key.clone());
        let read = move |connection: &Connection| {
            let account = table::account(connection, &name)?;
            let row = table::credential(connection, &name, hash.number())?;
            let is_live = account.is_some_and(|account| !account.disabled);
            Ok(is_live && row.is_some_and(|row| row.stored_key == stored_key))
        };
        self.database.read(read).await
    }

    /// Whether this account may sign in.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn state(&self, login: &str) -> Result<AccountState, StorageError> {
        let name = login.to_owned();
        let account = self.database.read(move |connection| table::account(connection, &name)).await?;
        Ok(match account {
            Some(account) if account.disabled => AccountState::Disabled,
            Some(_) => AccountState::Live,
            None => AccountState::Unknown,
        })
    }

    /// Whether the account still has the password that somebody else chose for it.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn must_change_password(&self, login: &str) -> Result<bool, StorageError> {
        let name = login.to_owned();
        let account = self.database.read(move |connection| table::account(connection, &name)).await?;
        Ok(account.is_some_and(|account| account.must_change))
    }

    /// Stores a password that its owner chose in the client with this full address. What was entered by single
    /// sign-on through other clients ends with the same step; whoever calls this ends the clients that must not go on.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn store_password(
        &self,
        login: &str,
        client: &str,
        keys: password::PasswordKeys,
    ) -> Result<(), StorageError> {
        let (name, client) = (login.to_owned(), client.to_owned());
        self.database
            .write(move |connection| {
                table::replace_password(connection, &name, &keys.rows(), false)?;
                sign_on::mark(connection, &name, Apps::AllBut(&client), End::PasswordChanged.code())
            })
            .await
    }

    /// Whether a login may be tried now.
    pub fn check(&self, login: &str, address: IpAddr, now: Timestamp) -> Verdict {
        self.guard.lock().check(login, address, now)
    }

    /// A password was tried; whether the answer may say if it was right.
    pub fn tried(&self, login: &str, address: IpAddr, is_right: bool, now: Timestamp) -> Verdict {
        self.guard.lock().tried(login, address, is_right, now)
    }
}

/// Names a login in tables without keeping it: the first half of its SHA-256.
fn fingerprint(login: &str) -> [u8; 16] {
    let mut short = [0; 16];
    for (to, from) in short.iter_mut().zip(digest::digest(&digest::SHA256, login.as_bytes()).as_ref()) {
        *to = *from;
    }
    short
}

#[cfg(test)]
mod tests;
