//! How many HTTP connections there may be, and how many one address may have.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use super::limits::HttpLimits;

/// Counts connections. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Admission {
    most: usize,
    most_of_one: usize,
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A place for one connection; given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    open: Arc<Mutex<Open>>,
    address: IpAddr,
}

impl Admission {
    pub(super) fn new(limits: &HttpLimits) -> Self {
        let (most, most_of_one) = (limits.connections, limits.connections_per_address);
        Self { most, most_of_one, open: Arc::default() }
    }

    /// A place for a connection from there, unless there are too many.
    pub(super) fn admit(&self, address: IpAddr) -> Option<Place> {
        let mut open = self.open.lock();
        let of_one = open.by_address.get(&address).copied().unwrap_or_default();
        // A proxy on this computer speaks for everybody.
        let is_held = !address.is_loopback() && of_one >= self.most_of_one;
        if open.all >= self.most || is_held {
            return None;
        }
        open.all = open.all.saturating_add(1);
        open.by_address.insert(address, of_one.saturating_add(1));
        Some(Place { open: Arc::clone(&self.open), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock();
        open.all = open.all.saturating_sub(1);
        if let Some(count) = open.by_address.get_mut(&self.address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use super::*;

    fn admission(connections: usize, connections_per_address: usize) -> Admission {
        Admission::new(&HttpLimits {
            connections,
            connections_per_address,
            header_time: Duration::from_secs(1),
            body_bytes: 1,
            requests_per_second: 1,
        })
    }

    #[test]
    fn one_address_has_so_many_connections_and_gives_them_back() {
        let admission = admission(10, 1);
        let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
        let first = admission.admit(address);
        assert!(first.is_some() && admission.admit(address).is_none());
        drop(first);
        assert!(admission.admit(address).is_some());
        assert!(admission.open.lock().by_address.is_empty());
    }

    #[test]
    fn a_proxy_on_this_computer_is_held_to_the_limit_of_all_only() {
        let admission = admission(2, 1);
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let places: Vec<Place> = (0..5).filter_map(|_| admission.admit(address)).collect();
        assert_eq!(places.len(), 2);
    }
}
