//! The components that are connected (XEP-0114), by their domain.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::RwLock;
use tokio::sync::{Notify, mpsc, watch};

/// A connected component's outbox. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ComponentLink {
    id: u64,
    outbox: mpsc::Sender<Bytes>,
    address: Option<IpAddr>,
}

impl ComponentLink {
    /// A link whose connection reads the other end of `outbox`; `id` differs between connections.
    pub fn new(id: u64, outbox: mpsc::Sender<Bytes>) -> Self {
        Self { id, outbox, address: None }
    }

    /// The same, from this address.
    #[must_use]
    pub fn from(mut self, address: Option<IpAddr>) -> Self {
        self.address = address;
        self
    }

    /// Where the component is connected from, if that is known.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Differs between connections.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Puts a stanza in the namespace `jabber:component:accept` into the outbox; never waits. False when the
    /// component is gone or too slow.
    pub fn send(&self, bytes: Bytes) -> bool {
        self.outbox.try_send(bytes).is_ok()
    }
}

/// All components: the domains the configuration knows, and who is connected for them.
/// Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Components(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    links: RwLock<HashMap<String, Option<ComponentLink>>>,
    connected: Notify,
    /// How often a component has connected.
    arrivals: watch::Sender<u64>,
}

impl Components {
    /// Nobody is connected for any of these domains yet.
    pub fn new(domains: impl IntoIterator<Item = String>) -> Self {
        let links = RwLock::new(domains.into_iter().map(|domain| (domain, None)).collect());
        Self(Arc::new(Shared { links, ..Shared::default() }))
    }

    /// Connects a component. An older connection for the same domain stays and wins: false.
    pub fn connect(&self, domain: &str, link: ComponentLink) -> bool {
        match self.0.links.write().get_mut(domain) {
            Some(place @ None) => *place = Some(link),
            _ => return false,
        }
        self.0.connected.notify_one();
        self.0.arrivals.send_modify(|count| *count = count.wrapping_add(1));
        true
    }

    /// Takes out the connection that was made with this id.
    pub fn disconnect(&self, domain: &str, id: u64) {
        if let Some(place) = self.0.links.write().get_mut(domain)
            && place.as_ref().is_some_and(|link| link.id == id)
        {
            *place = None;
        }
    }

    /// `None`: no component of ours. `Some(None)`: one that is not connected now.
    pub fn find(&self, domain: &str) -> Option<Option<ComponentLink>> {
        self.0.links.read().get(domain).cloned()
    }

    /// Waits until a component connects. For one task only.
    pub async fn connected(&self) {
        self.0.connected.notified().await;
    }

    /// Changes whenever a component connects.
    pub fn arrivals(&self) -> watch::Receiver<u64> {
        self.0.arrivals.subscribe()
    }

    /// The domains of all configured components, for service discovery.
    pub fn domains(&self) -> Vec<String> {
        self.0.links.read().keys().cloned().collect()
    }
}
