//! Where a request may go: the hosts of the settings, and of the addresses that these names have today only those
//! that can be meant. A name that suddenly means this computer, or a cloud's own data, is not asked.

use std::net::IpAddr;

use url::{Host, Url};

/// Why a request is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::query_codes) enum Blocked {
    /// It is none.
    #[error("\"{0}\" is no http or https address")]
    NoAddress(String),
    /// Not one of the hosts.
    #[error("\"{0}\" is not one of the hosts that the code may ask")]
    Host(String),
    /// The name means something else than it may.
    #[error("the host has the address {0}, which the code may not ask")]
    Address(IpAddr),
    /// Others on the way could read it.
    #[error("plain http leaves this computer; use https, or set plain_http = true")]
    NotSecure,
}

/// Addresses with the same beginning: `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::query_codes) struct Network {
    first: IpAddr,
    length: u32,
}

/// What one code may ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::query_codes) struct Guard {
    /// Names, in small letters.
    pub(in crate::query_codes) hosts: Vec<String>,
    /// Networks that their addresses lie in; empty: every usual one.
    pub(in crate::query_codes) networks: Vec<Network>,
    /// Over the network without TLS.
    pub(in crate::query_codes) is_plain_allowed: bool,
}

impl Network {
    /// `None` when it is none.
    pub(in crate::query_codes) fn read(text: &str) -> Option<Self> {
        let (first, length) = match text.split_once('/') {
            Some((first, length)) => (first, Some(length.parse::<u32>().ok()?)),
            None => (text, None),
        };
        let first: IpAddr = first.trim().parse().ok()?;
        let most = if first.is_ipv4() { 32 } else { 128 };
        let length = length.unwrap_or(most);
        (length <= most).then_some(Self { first, length })
    }

    fn holds(self, address: IpAddr) -> bool {
        let (one, other, most) = match (self.first, address) {
            (IpAddr::V4(one), IpAddr::V4(other)) => {
                (u128::from(one.to_bits()), u128::from(other.to_bits()), 32_u32)
            }
            (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits(), other.to_bits(), 128),
            _ => return false,
        };
        // Shifting by all bits means: nothing has to be the same.
        let shift = most.saturating_sub(self.length);
        one.checked_shr(shift) == other.checked_shr(shift)
    }
}

impl Guard {
    /// The address, when its host is one of ours.
    pub(in crate::query_codes) fn judge_address(&self, text: &str) -> Result<Url, Blocked> {
        let url = Url::parse(text).map_err(|_| Blocked::NoAddress(text.to_owned()))?;
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some()
        {
            return Err(Blocked::NoAddress(text.to_owned()));
        }
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        if self.hosts.contains(&host) { Ok(url) } else { Err(Blocked::Host(host)) }
    }

    /// Every address that the host has: one that is wrong makes all suspicious.
    pub(in crate::query_codes) fn judge_addresses(
        &self,
        url: &Url,
        addresses: &[IpAddr],
    ) -> Result<(), Blocked> {
        let means_this_computer = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        for address in addresses.iter().map(IpAddr::to_canonical) {
            let is_fine = if self.networks.is_empty() {
                (!address.is_loopback() || means_this_computer) && is_usual(address)
            } else {
                self.networks.iter().any(|network| network.holds(address))
            };
            if !is_fine {
                return Err(Blocked::Address(address));
            }
        }
        let stays_here = addresses.iter().all(|address| address.to_canonical().is_loopback());
        if url.scheme() == "http" && !stays_here && !self.is_plain_allowed {
            return Err(Blocked::NotSecure);
        }
        Ok(())
    }
}

/// Neither "this network", nor everybody on it, nor link-local: there clouds have the keys of their machines.
fn is_usual(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            !(address.is_unspecified()
                || address.is_link_local()
                || address.is_multicast()
                || address.is_broadcast())
        }
        IpAddr::V6(address) => {
            !(address.is_unspecified() || address.is_unicast_link_local() || address.is_multicast())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{Blocked, Guard, Network};

    fn guard(hosts: &[&str], networks: &[&str]) -> Guard {
        Guard {
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            networks: networks.iter().map(|network| Network::read(network).unwrap()).collect(),
            is_plain_allowed: false,
        }
    }

    fn judged(guard: &Guard, url: &str, addresses: &[&str]) -> Result<(), Blocked> {
        let url = guard.judge_address(url)?;
        let addresses: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
        guard.judge_addresses(&url, &addresses)
    }

    #[test]
    fn only_named_hosts_are_asked_whatever_was_filled_in() {
        let guard = guard(&["oa.example.org"], &[]);
        assert_eq!(judged(&guard, "https://OA.example.org/x", &["10.0.0.5"]), Ok(()));
        for url in [
            "https://evil.example.org/",
            "https://oa.example.org.evil.test/",
            "https://oa.example.org@evil.test/",
            "https://evil.test/?oa.example.org",
            "file:///etc/passwd",
            "oa.example.org",
        ] {
            assert!(judged(&guard, url, &["10.0.0.5"]).is_err(), "{url}");
        }
    }

    #[test]
    fn a_name_that_means_this_computer_or_a_clouds_own_data_is_not_asked() {
        let guard = guard(&["oa.example.org"], &[]);
        for address in ["127.0.0.1", "::1", "169.254.169.254", "fe80::1", "0.0.0.0", "::ffff:127.0.0.1"] {
            let refused = judged(&guard, "https://oa.example.org/", &["10.0.0.5", address]);
            assert!(matches!(refused, Err(Blocked::Address(_))), "{address}: {refused:?}");
        }
    }

    #[test]
    fn this_computer_is_asked_when_the_settings_name_it() {
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            let guard = guard(&[host], &[]);
            assert_eq!(judged(&guard, &format!("http://{host}:8080/"), &["127.0.0.1", "::1"]), Ok(()));
        }
    }

    #[test]
    fn networks_hold_every_address_of_the_name() {
        let guard = guard(&["oa.example.org"], &["10.1.0.0/16", "fd00::/8"]);
        assert_eq!(judged(&guard, "https://oa.example.org/", &["10.1.2.3", "fd12::5"]), Ok(()));
        assert!(judged(&guard, "https://oa.example.org/", &["10.1.2.3", "10.2.0.1"]).is_err());
        assert!(Network::read("0.0.0.0/0").unwrap().holds("9.9.9.9".parse().unwrap()));
        assert!(Network::read("10.0.0.7").unwrap().holds("10.0.0.7".parse().unwrap()));
        assert!(Network::read("10.0.0.0/33").is_none() && Network::read("ten").is_none());
    }

    #[test]
    fn plain_http_leaves_this_computer_only_when_that_is_said() {
        let mut guard = guard(&["oa.example.org"], &[]);
        assert_eq!(judged(&guard, "http://oa.example.org/", &["10.0.0.5"]), Err(Blocked::NotSecure));
        guard.is_plain_allowed = true;
        assert_eq!(judged(&guard, "http://oa.example.org/", &["10.0.0.5"]), Ok(()));
    }
}
