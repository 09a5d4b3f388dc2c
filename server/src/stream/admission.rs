//! How many connections there may be, and how many one address may have and open: keeps one computer from
//! taking the door for itself.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::metrics::{Counter, Family};

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
    most: usize,
    limits: AddressLimits,
    open: AtomicUsize,
    admitted: Counter,
    refused: Counter,
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
    /// An empty count; `most` connections may be open in all.
    pub fn new(most: usize, limits: AddressLimits) -> Self {
        Self(Arc::new(Inner {
            most,
            limits,
            open: AtomicUsize::new(0),
            admitted: Counter::default(),
            refused: Counter::default(),
            addresses: Mutex::default(),
        }))
    }

    /// A place for a connection from `address`, unless there are too many or it opens them too fast.
    pub fn admit(&self, address: IpAddr, now: Instant) -> Option<Place> {
        let place = self.place(address, now);
        let counter = if place.is_some() { &self.0.admitted } else { &self.0.refused };
        counter.add_one();
        place
    }

    fn place(&self, address: IpAddr, now: Instant) -> Option<Place> {
        let limits = self.0.limits;
        let full = f64::from(limits.burst);
        let mut addresses = self.0.addresses.lock();
        let usage = addresses.entry(address).or_insert(Usage { connections: 0, tokens: full, since: now });
        let earned = now.saturating_duration_since(usage.since).as_secs_f64() * f64::from(limits.rate);
        usage.tokens = (usage.tokens + earned).min(full);
        usage.since = now;
        let is_full = self.0.open.load(Ordering::Relaxed) >= self.0.most;
        if is_full || usage.connections >= limits.connections || usage.tokens < 1.0 {
            return None;
        }
        // Only added to under the lock; connections that close meanwhile make room for the next one.
        self.0.open.fetch_add(1, Ordering::Relaxed);
        usage.tokens -= 1.0;
        usage.connections = usage.connections.saturating_add(1);
        Some(Place { admission: Arc::clone(&self.0), address })
    }

    /// For Prometheus.
    pub fn families(&self) -> Vec<Family> {
        let open = u64::try_from(self.0.open.load(Ordering::Relaxed)).unwrap_or(u64::MAX);
        vec![
            Family::gauge("posthouse_connections", "Open connections of clients, signed in or not", open),
            Family::counter(
                "posthouse_connections_total",
                "Connections of clients that were accepted",
                self.0.admitted.value(),
            ),
            Family::counter(
                "posthouse_connections_refused_total",
                "Connections of clients that were closed at once because of a limit",
                self.0.refused.value(),
            ),
        ]
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
        self.admission.open.fetch_sub(1, Ordering::Relaxed);
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
        let admission = Admission::new(10, AddressLimits { connections: 2, rate: 100, burst: 100 });
        let now = Instant::now();
        let first = admission.admit(ADDRESS, now);
        let second = admission.admit(ADDRESS, now);
        assert!(first.is_some() && second.is_some());
        assert!(admission.admit(ADDRESS, now).is_none());
        drop(first);
        assert!(admission.admit(ADDRESS, now).is_some());
    }

    #[test]
    fn all_addresses_together_have_so_many_connections_and_no_more() {
        let admission = Admission::new(2, AddressLimits::default());
        let now = Instant::now();
        let from = |last: u8| IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, last));
        let first = admission.admit(from(1), now);
        let second = admission.admit(from(2), now);
        assert!(first.is_some() && second.is_some());
        assert!(admission.admit(from(3), now).is_none());
        drop(first);
        assert!(admission.admit(from(3), now).is_some());
    }

    #[test]
    fn connections_come_no_faster_than_the_rate() {
        let admission = Admission::new(10, AddressLimits { connections: 100, rate: 2, burst: 3 });
        let now = Instant::now();
        let admitted = (0..10).filter(|_| admission.admit(ADDRESS, now).is_some()).count();
        assert_eq!(admitted, 3);
        assert!(admission.admit(ADDRESS, now + Duration::from_millis(400)).is_none());
        assert!(admission.admit(ADDRESS, now + Duration::from_millis(600)).is_some());
    }
}
