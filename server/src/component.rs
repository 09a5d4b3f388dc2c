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
}

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
        Self { router, secrets, limits, next: AtomicU64::new(1) }
    }

    fn next_id(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}
