//! What the line takes from the computer it runs on: time, randomness, trusted authorities, patience.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::RootCertStore;
use tokio::sync::OnceCell;

use crate::clock::Clock;

/// How long the line waits for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Patience {
    /// For one TCP connection.
    pub(crate) connect: Duration,
    /// For TLS, and for each of the steps from the stream header to the bound resource together.
    pub(crate) negotiate: Duration,
    /// For SRV records.
    pub(crate) records: Duration,
    /// For the answer to a request.
    pub(crate) answer: Duration,
    /// Silence after which the server is asked for a sign of life.
    pub(crate) silence: Duration,
    /// For that sign of life.
    pub(crate) sign_of_life: Duration,
    /// The same, when there is reason to believe that the connection is gone.
    pub(crate) quick_sign_of_life: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            negotiate: Duration::from_secs(20),
            records: Duration::from_secs(4),
            answer: Duration::from_secs(30),
            silence: Duration::from_secs(45),
            sign_of_life: Duration::from_secs(20),
            quick_sign_of_life: Duration::from_secs(6),
        }
    }
}

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

/// A source of random bytes.
pub(crate) struct Random(Box<Fill>);

impl Random {
    /// The given source.
    #[cfg(test)]
    pub(crate) fn new(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Box::new(fill))
    }

    /// The system's source; it never fails once the system has started.
    pub(crate) fn system() -> Self {
        Self(Box::new(|bytes| {
            if aws_lc_rs::rand::fill(bytes).is_err() {
                tracing::error!("the system has no random numbers");
            }
        }))
    }

    /// A number from 0 to below 1.
    pub(crate) fn fraction(&self) -> f64 {
        let mut bytes = [0; 4];
        (self.0)(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    }

    /// Letters, digits, `-` and `_` that stand for so many random bytes.
    pub(crate) fn text(&self, bytes: usize) -> String {
        let mut buffer = vec![0; bytes];
        (self.0)(&mut buffer);
        URL_SAFE_NO_PAD.encode(buffer)
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Random")
    }
}

/// Made once by the engine and shared by its lines.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    pub(crate) patience: Patience,
    roots: OnceCell<Arc<RootCertStore>>,
}

impl Environment {
    /// This computer, with the certificate authorities of its operating system.
    pub(crate) fn of_this_computer(clock: Clock) -> Self {
        Self { clock, random: Random::system(), patience: Patience::default(), roots: OnceCell::new() }
    }

    /// The authorities of the operating system; read at the first call.
    pub(crate) async fn roots(&self) -> Arc<RootCertStore> {
        let roots = self.roots.get_or_init(|| async {
            let loaded = tokio::task::spawn_blocking(native_roots).await;
            Arc::new(loaded.unwrap_or_else(|_| RootCertStore::empty()))
        });
        Arc::clone(roots.await)
    }
}

fn native_roots() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "certificate authorities of the system cannot be read");
    }
    let mut roots = RootCertStore::empty();
    let (good, bad) = roots.add_parsable_certificates(found.certs);
    tracing::debug!(good, bad, "certificate authorities of the system");
    roots
}
