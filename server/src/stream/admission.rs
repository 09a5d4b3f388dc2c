//! How many connections one address may have and open: keeps one computer from taking the door for itself.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Limits for one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressLimits {
    /// Connections at a time.
    pub connections: u32,
    /// New connections a second, over a longer time.
    pub rate: u32,
    /// New connections at once.
    pub burst: u32,
}

impl Default for AddressLimits {
    /// Enough for an office behind one address.
    fn default() -> Self {
        Self { connections: 20_000, rate: 500, burst: 5_000 }
    }
}

/// Counts connections by address. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Admission(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: AddressLimits,
    addresses: Mutex<HashMap<IpAddr, Usage>>,
}

#[derive(Debug)]
struct Usage {
    connections: u32,
    tokens: f64,
    since: Instant,
}

/// A place for one connection; given back when dropped.
#[derive(Debug)]
pub struct Place {
    admission: Arc<Inner>,
    address: IpAddr,
}

impl Admission {
    /// An empty count.
    pub fn new(limits: AddressLimits) -> Self {
        Self(Arc::new(Inner { limits, addresses: Mutex::default() }))
    }

    /// A place for a connection from `address`, unless it has too many or opens them too fast.
    pub fn admit(&self, address: IpAddr, now: Instant) -> Option<Place> {
        let limits = self.0.limits;
        let full = f64::from(limits.burst);
        let mut addresses = self.0.addresses.lock();
        let usage = addresses.entry(address).or_insert(Usage { connections: 0, tokens: full, since: now });
        let earned = now.saturating_duration_since(usage.since).as_secs_f64() * f64::from(limits.rate);
        usage.tokens = (usage.tokens + earned).min(full);
        usage.since = now;
        if usage.connections >= limits.connections || usage.tokens < 1.0 {
            return None;
        }
        usage.tokens -= 1.0;
        usage.connections = usage.connections.saturating_add(1);
        Some(Place { admission: Arc::clone(&self.0), address })
    }

    /// Forgets addresses that have no connection and had none for a while.
    pub fn forget_idle(&self, now: Instant) {
        let idle = Duration::from_secs(60);
        self.0
            .addresses
            .lock()
            .retain(|_, usage| usage.connections > 0 || now.saturating_duration_since(usage.since) < idle);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(usage) = self.admission.addresses.lock().get_mut(&self.address) {
            usage.connections = usage.connections.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn an_address_has_so_many_connections_and_no_more() {
        let admission = Admission::new(AddressLimits { connections: 2, rate: 100, burst: 100 });
        let now = Instant::now();
        let first = admission.admit(ADDRESS, now);
        let second = admission.admit(ADDRESS, now);
        assert!(first.is_some() && second.is_some());
        assert!(admission.admit(ADDRESS, now).is_none());
        drop(first);
        assert!(admission.admit(ADDRESS, now).is_some());
    }

    #[test]
    fn connections_come_no_faster_than_the_rate() {
        let admission = Admission::new(AddressLimits { connections: 100, rate: 2, burst: 3 });
        let now = Instant::now();
        let admitted = (0..10).filter(|_| admission.admit(ADDRESS, now).is_some()).count();
        assert_eq!(admitted, 3);
        assert!(admission.admit(ADDRESS, now + Duration::from_millis(400)).is_none());
        assert!(admission.admit(ADDRESS, now + Duration::from_millis(600)).is_some());
    }
}
