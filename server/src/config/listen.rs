//! Listening addresses.

use std::net::SocketAddr;

use serde::Deserialize;

/// Where the server listens; an empty list switches the door off, port 0 takes any free port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// XMPP with STARTTLS.
    pub starttls: Vec<SocketAddr>,
    /// XMPP inside TLS.
    pub direct_tls: Vec<SocketAddr>,
    /// Either, recognised by the first byte.
    pub any: Vec<SocketAddr>,
    /// Components (XEP-0114).
    pub component: Vec<SocketAddr>,
    /// HTTP in the clear.
    pub http: Vec<SocketAddr>,
    /// HTTP inside TLS.
    pub https: Vec<SocketAddr>,
    /// Prometheus.
    pub metrics: Vec<SocketAddr>,
}

/// The lists as they may be written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Lists {
    pub(super) starttls: Option<Vec<SocketAddr>>,
    pub(super) direct_tls: Option<Vec<SocketAddr>>,
    pub(super) any: Option<Vec<SocketAddr>>,
    pub(super) component: Option<Vec<SocketAddr>>,
    pub(super) http: Option<Vec<SocketAddr>>,
    pub(super) https: Option<Vec<SocketAddr>>,
    pub(super) metrics: Option<Vec<SocketAddr>>,
}

fn everywhere(port: u16) -> Vec<SocketAddr> {
    vec![
        SocketAddr::from((std::net::Ipv4Addr::UNSPECIFIED, port)),
        SocketAddr::from((std::net::Ipv6Addr::UNSPECIFIED, port)),
    ]
}

impl Listen {
    /// Of two places where a list may stand, takes the one that is there; answers the key that is in both.
    pub(super) fn of(top: Lists, table: Lists) -> Result<Self, &'static str> {
        let loopback = SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 9_555));
        Ok(Self {
            starttls: one("starttls", top.starttls, table.starttls)?.unwrap_or_else(|| everywhere(5_222)),
            direct_tls: one("direct_tls", top.direct_tls, table.direct_tls)?
                .unwrap_or_else(|| everywhere(5_223)),
            any: one("any", top.any, table.any)?.unwrap_or_else(|| everywhere(10_000)),
            component: one("component", top.component, table.component)?.unwrap_or_default(),
            http: one("http", top.http, table.http)?.unwrap_or_default(),
            https: one("https", top.https, table.https)?.unwrap_or_else(|| everywhere(5_281)),
            metrics: one("metrics", top.metrics, table.metrics)?.unwrap_or_else(|| vec![loopback]),
        })
    }

    /// All doors with the names they have in the settings.
    pub fn doors(&self) -> [(&'static str, &[SocketAddr]); 7] {
        [
            ("starttls", &self.starttls),
            ("direct_tls", &self.direct_tls),
            ("any", &self.any),
            ("component", &self.component),
            ("http", &self.http),
            ("https", &self.https),
            ("metrics", &self.metrics),
        ]
    }

    /// A failure to bind this address is only worth a warning: the same list holds its IPv4 twin, and the
    /// host may have no IPv6 at all.
    pub fn has_ipv4_twin(list: &[SocketAddr], address: SocketAddr) -> bool {
        address.is_ipv6()
            && address.ip().is_unspecified()
            && list
                .iter()
                .any(|other| other.is_ipv4() && other.ip().is_unspecified() && other.port() == address.port())
    }
}

type Addresses = Option<Vec<SocketAddr>>;

fn one(key: &'static str, top: Addresses, table: Addresses) -> Result<Addresses, &'static str> {
    match (top, table) {
        (Some(_), Some(_)) => Err(key),
        (top, table) => Ok(top.or(table)),
    }
}
