//! The second door: components (XEP-0114), such as the SMS gateway. They prove that they know their secret and
//! then speak for their whole domain.

mod handshake;
mod link;
mod listener;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use posthouse_protocol::wire::Limits;
use tokio_rustls::TlsAcceptor;

use crate::config::Component;
use crate::routing::router::Router;

pub use listener::listen;

/// What all connections of components share.
pub struct ComponentDoor {
    router: Router,
    /// Secrets by domain.
    secrets: HashMap<String, String>,
    limits: Limits,
    next: AtomicU64,
    /// Begins TLS for components that do.
    tls: Option<Acceptors>,
}

/// Gives the TLS in force.
type Acceptors = Box<dyn Fn() -> TlsAcceptor + Send + Sync>;

impl std::fmt::Debug for ComponentDoor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ComponentDoor").field("domains", &self.secrets.len()).finish_non_exhaustive()
    }
}

impl ComponentDoor {
    /// A door for these components.
    pub fn new(router: Router, components: &[Component], limits: Limits) -> Self {
        let secrets =
            components.iter().map(|component| (component.domain.clone(), component.secret.clone())).collect();
        Self { router, secrets, limits, next: AtomicU64::new(1), tls: None }
    }

    /// With TLS for components that begin with it; others go on without.
    #[must_use]
    pub fn with_tls(mut self, acceptors: impl Fn() -> TlsAcceptor + Send + Sync + 'static) -> Self {
        self.tls = Some(Box::new(acceptors));
        self
    }

    fn next_id(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}
