//! Locks out who guesses passwords: waits that grow per account and address, in bounded memory. Pure: the
//! time is passed in.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use super::fingerprint;
use crate::clock::Timestamp;

/// Whether a login may be tried now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Allowed,
    /// Not before this time has passed.
    Wait(Duration),
}

/// When waits begin and how long they get.
#[derive(Debug, Clone, Copy)]
pub struct LoginLimits {
    /// Wrong passwords for one account from one address that cost nothing.
    pub attempts: u32,
    /// Most names that are remembered.
    pub entries: usize,
}

impl LoginLimits {
    /// Limits with that many free attempts.
    pub fn new(attempts: u32) -> Self {
        Self { attempts, entries: 65_536 }
    }
}

/// What failures are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Counted {
    /// One account from one address: guessing by hand.
    Pair([u8; 16], IpAddr),
    /// One account from anywhere: guessing from many addresses. Its owner must not be locked out for long.
    Account([u8; 16]),
    /// One address for any account: trying one password on everybody. An office may share an address.
    Address(IpAddr),
}

impl Counted {
    /// Free failures as a multiple of the limit, and the longest wait in seconds.
    fn allowance(self) -> (u32, u32) {
        match self {
            Self::Pair(..) => (1, 900),
            Self::Account(_) => (10, 30),
            Self::Address(_) => (20, 60),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
}

/// Remembers failures of the past hour.
#[derive(Debug)]
pub struct LoginGuard {
    limits: LoginLimits,
    failures: HashMap<Counted, Failures>,
}

const MEMORY: i64 = 3_600 * 1_000_000;

impl LoginGuard {
    /// Nobody has failed yet.
    pub fn new(limits: LoginLimits) -> Self {
        Self { limits, failures: HashMap::new() }
    }

    /// Whether this address may try this login now.
    pub fn check(&self, login: &str, address: IpAddr, now: Timestamp) -> Verdict {
        let waits = counted(login, address).into_iter().filter_map(|key| self.wait(key, now));
        waits.max().map_or(Verdict::Allowed, Verdict::Wait)
    }

    /// A password was tried. Of logins that began together some may have used up the tries meanwhile: then
    /// nobody may learn whether this one was right, and it counts as little as if it had not begun.
    pub fn tried(&mut self, login: &str, address: IpAddr, is_right: bool, now: Timestamp) -> Verdict {
        let verdict = self.check(login, address, now);
        match verdict {
            Verdict::Allowed if is_right => self.succeeded(login, address),
            Verdict::Allowed => self.failed(login, address, now),
            Verdict::Wait(_) => {}
        }
        verdict
    }

    /// The password was wrong.
    fn failed(&mut self, login: &str, address: IpAddr, now: Timestamp) {
        for key in counted(login, address) {
            self.make_room(now);
            let entry = self.failures.entry(key).or_insert(Failures { count: 0, last: now });
            if is_old(entry.last, now) {
                entry.count = 0;
            }
            entry.count = entry.count.saturating_add(1);
            entry.last = now;
        }
    }

    /// The password was right: this address is forgiven what it did with this account, not with others.
    fn succeeded(&mut self, login: &str, address: IpAddr) {
        let [pair, account, _] = counted(login, address);
        self.failures.remove(&pair);
        self.failures.remove(&account);
    }

    fn wait(&self, key: Counted, now: Timestamp) -> Option<Duration> {
        let failures = self.failures.get(&key).filter(|failures| !is_old(failures.last, now))?;
        let (times, longest) = key.allowance();
        let over = failures.count.checked_sub(self.limits.attempts.saturating_mul(times))?;
        let seconds = 1_u32.checked_shl(over).unwrap_or(u32::MAX).min(longest);
        let end = failures.last.0.saturating_add(i64::from(seconds).saturating_mul(1_000_000));
        let left = u64::try_from(end.saturating_sub(now.0)).ok().filter(|left| *left > 0)?;
        Some(Duration::from_micros(left))
    }

    /// Forgets what is old and, if that is not enough, the oldest quarter.
    fn make_room(&mut self, now: Timestamp) {
        if self.failures.len() < self.limits.entries {
            return;
        }
        self.failures.retain(|_, failures| !is_old(failures.last, now));
        if self.failures.len() < self.limits.entries {
            return;
        }
        let mut times: Vec<Timestamp> = self.failures.values().map(|failures| failures.last).collect();
        times.sort_unstable();
        let quarter = times.len().div_ceil(4);
        let border = times.get(quarter).copied().unwrap_or(now);
        let mut left = quarter;
        self.failures.retain(|_, failures| {
            let goes = left > 0 && failures.last <= border;
            left = left.saturating_sub(usize::from(goes));
            !goes
        });
    }
}

fn is_old(last: Timestamp, now: Timestamp) -> bool {
    now.0.saturating_sub(last.0) > MEMORY
}

fn counted(login: &str, address: IpAddr) -> [Counted; 3] {
    let (login, address) = (fingerprint(login), network(address));
    [Counted::Pair(login, address), Counted::Account(login), Counted::Address(address)]
}

/// IPv6 hosts choose addresses within their /64 as they like; IPv4 in IPv6 is IPv4.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Duration;

    use super::{LoginGuard, LoginLimits, Verdict};
    use crate::clock::Timestamp;

    fn second(number: i64) -> Timestamp {
        Timestamp(number * 1_000_000)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn waits_grow_after_the_free_attempts_and_end_with_the_right_password() {
        let mut guard = LoginGuard::new(LoginLimits::new(3));
        let home = address("192.0.2.1");
        for _ in 0..2 {
            guard.failed("alice", home, second(0));
        }
        assert_eq!(guard.check("alice", home, second(0)), Verdict::Allowed);
        guard.failed("alice", home, second(0));
        assert_eq!(guard.check("alice", home, second(0)), Verdict::Wait(Duration::from_secs(1)));
        assert_eq!(guard.check("alice", home, second(1)), Verdict::Allowed);
        guard.failed("alice", home, second(1));
        assert_eq!(guard.check("alice", home, second(1)), Verdict::Wait(Duration::from_secs(2)));
        assert_eq!(guard.check("bob", home, second(1)), Verdict::Allowed);
        assert_eq!(guard.check("alice", address("192.0.2.2"), second(1)), Verdict::Allowed);
        guard.succeeded("alice", home);
        assert_eq!(guard.check("alice", home, second(1)), Verdict::Allowed);
    }

    #[test]
    fn guesses_at_the_same_time_get_no_more_tries_than_one_after_the_other() {
        let mut guard = LoginGuard::new(LoginLimits::new(3));
        let home = address("192.0.2.1");
        for _ in 0..100 {
            assert_eq!(guard.check("alice", home, second(0)), Verdict::Allowed, "all of them begin");
        }
        let mut tries = |is_right| guard.tried("alice", home, is_right, second(0));
        for _ in 0..3 {
            assert_eq!(tries(false), Verdict::Allowed);
        }
        for is_right in [false, true, false] {
            assert_eq!(tries(is_right), Verdict::Wait(Duration::from_secs(1)), "{is_right}");
        }
        assert_eq!(guard.tried("alice", home, true, second(1)), Verdict::Allowed);
    }

    #[test]
    fn nobody_waits_longer_than_a_quarter_of_an_hour_and_an_hour_forgives() {
        let mut guard = LoginGuard::new(LoginLimits::new(1));
        for _ in 0..200 {
            guard.failed("alice", address("192.0.2.1"), second(0));
        }
        assert_eq!(
            guard.check("alice", address("192.0.2.1"), second(0)),
            Verdict::Wait(Duration::from_secs(900))
        );
        assert_eq!(
            guard.check("alice", address("192.0.2.9"), second(0)),
            Verdict::Wait(Duration::from_secs(30))
        );
        assert_eq!(
            guard.check("bob", address("192.0.2.1"), second(0)),
            Verdict::Wait(Duration::from_secs(60))
        );
        assert_eq!(guard.check("alice", address("192.0.2.1"), second(3_601)), Verdict::Allowed);
    }

    #[test]
    fn addresses_of_one_ipv6_network_count_as_one() {
        let mut guard = LoginGuard::new(LoginLimits::new(1));
        guard.failed("alice", address("2001:db8::1"), second(0));
        assert_ne!(guard.check("alice", address("2001:db8::2"), second(0)), Verdict::Allowed);
        assert_eq!(guard.check("alice", address("2001:db8:0:1::2"), second(0)), Verdict::Allowed);
    }

    #[test]
    fn a_flood_of_names_does_not_fill_the_memory() {
        let mut guard = LoginGuard::new(LoginLimits { attempts: 3, entries: 100 });
        for number in 0..10_000 {
            guard.failed(&format!("name{number}"), address("192.0.2.1"), second(number));
        }
        assert!(guard.failures.len() <= 100);
    }
}
