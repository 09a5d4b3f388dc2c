//! The password in the keyring of the operating system. A keyring that is missing, locked or silent counts
//! as none: the password is then asked for at each start and is never written anywhere else.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use keyring::{Entry, Error};
use posthouse_engine::secrets::Secrets;
use tokio::sync::Semaphore;
use tracing::info;

/// A locked keyring asks its owner for a password and blocks the caller for as long: long enough to type
/// one, short enough not to look like a hang.
const PATIENCE: Duration = Duration::from_secs(20);

/// The keyring as one account of this program uses it.
#[derive(Debug, Clone)]
pub(crate) struct Keyring {
    service: String,
    /// While one question hangs, no further one is asked.
    free: Arc<Semaphore>,
    patience: Duration,
}

impl Keyring {
    /// Entries are kept under the program's identifier, so that two profiles do not mix.
    pub(crate) fn new(identifier: &str) -> Self {
        Self { service: identifier.to_owned(), free: Arc::new(Semaphore::new(1)), patience: PATIENCE }
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce() -> keyring::Result<T> + Send + 'static,
    ) -> Option<T> {
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        let asked = tokio::task::spawn_blocking(move || {
            let answer = question();
            drop(permit);
            answer
        });
        match tokio::time::timeout(self.patience, asked).await {
            Ok(Ok(Ok(answer))) => Some(answer),
            Ok(Ok(Err(error))) => {
                // Only the sentence: some errors carry the secret itself.
                info!(%error, "the keyring cannot be used");
                None
            }
            Ok(Err(error)) => {
                info!(?error, "the keyring library failed");
                None
            }
            Err(_) => {
                info!("the keyring does not answer");
                None
            }
        }
    }
}

#[async_trait]
impl Secrets for Keyring {
    async fn is_there(&self) -> bool {
        self.ask(|| match Entry::store_status() {
            Ok(()) => Ok(()),
            Err(_) => Err(Error::NoDefaultStore),
        })
        .await
        .is_some()
    }

    async fn load(&self, account: &str) -> Option<String> {
        let (service, account) = (self.service.clone(), account.to_owned());
        self.ask(move || match Entry::new(&service, &account)?.get_password() {
            Ok(password) => Ok(Some(password)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
        .await
        .flatten()
    }

    async fn save(&self, account: &str, password: &str) -> bool {
        let (service, account, password) = (self.service.clone(), account.to_owned(), password.to_owned());
        self.ask(move || Entry::new(&service, &account)?.set_password(&password)).await.is_some()
    }

    async fn forget(&self, account: &str) {
        let (service, account) = (self.service.clone(), account.to_owned());
        self.ask(move || match Entry::new(&service, &account)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::Keyring;

    #[tokio::test]
    async fn an_error_of_the_keyring_is_no_password() {
        let keyring = Keyring::new("org.posthouse.test");
        let answer = keyring.ask(|| Err::<(), _>(keyring::Error::NoDefaultStore)).await;
        assert_eq!(answer, None);
    }

    #[tokio::test]
    async fn a_silent_keyring_is_given_up_and_not_asked_again_meanwhile() {
        let keyring = Keyring { patience: Duration::from_millis(20), ..Keyring::new("org.posthouse.test") };
        let (release, released) = mpsc::channel::<()>();
        let silent = keyring.ask(move || Ok(released.recv().is_ok())).await;
        assert_eq!(silent, None);
        assert_eq!(keyring.ask(|| Ok(1)).await, None, "the first question still hangs");
        drop(release);
        drop(keyring.free.acquire().await.unwrap());
        assert_eq!(keyring.ask(|| Ok(1)).await, Some(1));
    }
}
