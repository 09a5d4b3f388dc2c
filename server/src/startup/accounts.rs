//! Connects the accounts with the door for clients, and counts logins on the way.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;

use crate::accounts::lockout::Verdict;
use crate::accounts::password::{PasswordKeys, check_password};
use crate::accounts::{AccountState, Accounts, Hash, ScramCredentials};
use crate::clock::Clock;
use crate::metrics::{Counter, Family, Kind, Sample};
use crate::organization::changes::Nudge;
use crate::routing::accounts::{PasswordRefusal, Passwords};
use crate::stream::credentials::{Credentials, Permission};

/// Fewest characters of a password that its owner chooses.
const SHORTEST: usize = 8;

/// The accounts as the door for clients asks for them.
#[derive(Debug)]
pub struct AccountsAtTheDoor {
    accounts: Arc<Accounts>,
    clock: Arc<Clock>,
}

impl AccountsAtTheDoor {
    /// All accounts, with the time for their limits.
    pub fn new(accounts: Arc<Accounts>, clock: Arc<Clock>) -> Self {
        Self { accounts, clock }
    }
}

#[async_trait]
impl Credentials for AccountsAtTheDoor {
    async fn scram_keys(&self, login: &str, hash: Hash) -> ScramCredentials {
        self.accounts.scram_keys(login, hash).await
    }

    fn check(&self, login: &str, address: IpAddr) -> Permission {
        permission(self.accounts.check(login, address, self.clock.now()))
    }

    fn tried(&self, login: &str, address: IpAddr, is_right: bool) -> Permission {
        permission(self.accounts.tried(login, address, is_right, self.clock.now()))
    }

    async fn are_current(&self, login: &str, hash: Hash, keys: &ScramCredentials) -> bool {
        self.accounts.are_current(login, hash, keys).await.unwrap_or_else(|error| {
            tracing::error!(%error, login, "the account cannot be read; the session ends");
            false
        })
    }

    async fn state(&self, login: &str) -> AccountState {
        self.accounts.state(login).await.unwrap_or_else(|error| {
            tracing::error!(%error, login, "the account cannot be read; the login fails");
            AccountState::Unknown
        })
    }
}

fn permission(verdict: Verdict) -> Permission {
    match verdict {
        Verdict::Allowed => Permission::Allowed,
        Verdict::Wait(time) => Permission::Wait(time),
    }
}

/// The passwords of the accounts, for their owners.
#[derive(Debug)]
pub struct PasswordsOfAccounts {
    accounts: Arc<Accounts>,
    iterations: u32,
}

impl PasswordsOfAccounts {
    /// `iterations` of SCRAM for new passwords.
    pub fn new(accounts: Arc<Accounts>, iterations: u32) -> Self {
        Self { accounts, iterations }
    }
}

#[async_trait]
impl Passwords for PasswordsOfAccounts {
    async fn must_change(&self, login: &str) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.accounts.must_change_password(login).await?)
    }

    async fn is_right(
        &self,
        login: &str,
        password: &str,
    ) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        let stored = self.accounts.scram_keys(login, Hash::Sha256).await;
        let password = password.to_owned();
        let deriving = move || stored.known && check_password(&password, Hash::Sha256, &stored);
        Ok(tokio::task::spawn_blocking(deriving).await?)
    }

    async fn change(&self, login: &str, client: &str, password: &str) -> Result<(), PasswordRefusal> {
        let weak = |why: &str| Err(PasswordRefusal::TooWeak(why.to_owned()));
        if password.chars().count() < SHORTEST {
            return weak("A password has at least 8 characters.");
        }
        if password.to_lowercase().contains(&login.to_lowercase()) {
            return weak("The ID must not be a part of the password.");
        }
        let before = self.accounts.scram_keys(login, Hash::Sha256).await;
        let (password, iterations) = (password.to_owned(), self.iterations);
        let deriving = tokio::task::spawn_blocking(move || {
            if check_password(&password, Hash::Sha256, &before) {
                return Err(PasswordRefusal::TooWeak("This is the password there is already.".to_owned()));
            }
            PasswordKeys::derive(&password, iterations)
                .map_err(|error| PasswordRefusal::TooWeak(error.to_string()))
        });
        let keys = deriving.await.map_err(|error| PasswordRefusal::Failed(Box::new(error)))??;
        let stored = self.accounts.store_password(login, client, keys).await;
        stored.map_err(|error| PasswordRefusal::Failed(Box::new(error)))
    }
}

/// Logins since the start by their result.
#[derive(Debug, Default)]
pub(super) struct LoginCounts {
    signed_in: Counter,
    wrong_password: Counter,
    must_wait: Counter,
    disabled: Counter,
    gone: Counter,
}

impl LoginCounts {
    pub(super) fn family(&self) -> Family {
        let results = [
            ("signed_in", &self.signed_in),
            ("wrong_password", &self.wrong_password),
            ("must_wait", &self.must_wait),
            ("disabled", &self.disabled),
            ("gone", &self.gone),
        ];
        let samples = results.map(|(result, count)| Sample::labelled(&[("result", result)], count.value()));
        Family {
            name: "posthouse_logins_total",
            help: "Logins by their result; an unknown name counts as a wrong password",
            kind: Kind::Counter,
            samples: samples.into(),
        }
    }
}

/// Credentials whose answers are counted. Each login makes the server look for people who have just been added.
pub(super) struct Counted {
    pub(super) credentials: Arc<dyn Credentials>,
    pub(super) counts: Arc<LoginCounts>,
    /// Carries over what other processes write; a newcomer is known from then on.
    pub(super) edits: Option<Nudge>,
}

#[async_trait]
impl Credentials for Counted {
    async fn scram_keys(&self, login: &str, hash: Hash) -> ScramCredentials {
        self.credentials.scram_keys(login, hash).await
    }

    async fn are_current(&self, login: &str, hash: Hash, keys: &ScramCredentials) -> bool {
        self.credentials.are_current(login, hash, keys).await
    }

    fn check(&self, login: &str, address: IpAddr) -> Permission {
        let permission = self.credentials.check(login, address);
        if matches!(permission, Permission::Wait(_)) {
            self.counts.must_wait.add_one();
        }
        permission
    }

    fn tried(&self, login: &str, address: IpAddr, is_right: bool) -> Permission {
        let permission = self.credentials.tried(login, address, is_right);
        match permission {
            Permission::Allowed if is_right => {}
            Permission::Allowed => self.counts.wrong_password.add_one(),
            Permission::Wait(_) => self.counts.must_wait.add_one(),
        }
        permission
    }

    async fn state(&self, login: &str) -> AccountState {
        // What ended older sessions of the account must not end the one that begins now.
        if let Some(edits) = &self.edits {
            edits.caught_up().await;
        }
        let state = self.credentials.state(login).await;
        let counter = match state {
            AccountState::Live => &self.counts.signed_in,
            AccountState::Disabled => &self.counts.disabled,
            AccountState::Unknown => &self.counts.gone,
        };
        counter.add_one();
        state
    }
}
