//! What people type into "server" and "ID", understood.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use jid::{BareJid, DomainPart};

use super::fault::Fault;

/// An IP address or a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    Ip(IpAddr),
    /// Lower case, ASCII (internationalised names in their `xn--` form), without the dot of the root.
    Name(String),
}

impl Host {
    /// Understands a host, an IPv6 address with or without brackets.
    pub(crate) fn read(text: &str) -> Result<Self, Fault> {
        let bad = || Fault::BadAddress(text.to_owned());
        let inside = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if let Some(inside) = inside {
            return inside.parse::<Ipv6Addr>().map(|ip| Self::Ip(ip.into())).map_err(|_| bad());
        }
        if let Ok(ip) = text.parse() {
            return Ok(Self::Ip(ip));
        }
        let name = idna::domain_to_ascii(text.trim_end_matches('.')).map_err(|_| bad())?;
        // Letters and digits of other scripts have become plain ones: it may be an address after all.
        if let Ok(ip) = name.parse() {
            return Ok(Self::Ip(ip));
        }
        let is_name = !name.is_empty()
            && name.split('.').all(|label| !label.is_empty() && label.len() <= 63)
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
        if is_name { Ok(Self::Name(name)) } else { Err(bad()) }
    }

    /// As a domain of XMPP addresses, where IPv6 addresses stand in brackets (RFC 7622 section 3.2).
    pub(crate) fn as_domain(&self) -> String {
        match self {
            Self::Ip(IpAddr::V6(ip)) => format!("[{ip}]"),
            Self::Ip(IpAddr::V4(ip)) => ip.to_string(),
            Self::Name(name) => name.clone(),
        }
    }

    /// Whether it may have SRV records: a short name or an address has none.
    pub(crate) fn is_domain(&self) -> bool {
        matches!(self, Self::Name(name) if name.contains('.'))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.as_domain())
    }
}

/// A host, and a port if one was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) host: Host,
    pub(crate) port: Option<u16>,
}

impl Address {
    /// Understands `host`, `host:port`, IPv6 addresses with and without brackets, and the wide colons and full
    /// stops of Chinese keyboards.
    pub(crate) fn read(typed: &str) -> Result<Self, Fault> {
        let plain: String = typed
            .trim()
            .chars()
            .map(|letter| match letter {
                '：' => ':',
                '。' | '．' => '.',
                other => other,
            })
            .collect();
        let bad = || Fault::BadAddress(typed.trim().to_owned());
        if plain.is_empty() {
            return Err(bad());
        }
        // Several colons and no brackets: an IPv6 address without a port.
        let is_bare_v6 = !plain.starts_with('[') && plain.matches(':').count() > 1;
        let (host, port) = match plain.rsplit_once(':') {
            Some((host, port)) if !is_bare_v6 && !port.ends_with(']') => (host, Some(port)),
            _ => (plain.as_str(), None),
        };
        let port = match port {
            None => None,
            Some(port) => Some(port.parse::<u16>().ok().filter(|port| *port != 0).ok_or_else(bad)?),
        };
        let host = Host::read(host).map_err(|_| bad())?;
        Ok(Self { host, port })
    }
}

/// Who signs in, and where the person's domain is to be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination {
    pub(crate) address: Address,
    /// The name the password belongs to, without domain.
    pub(crate) login: String,
    /// The domain, when it is known before the server has said it.
    pub(crate) domain: Option<Host>,
}

impl Destination {
    /// Understands the sign-in form. A full address in place of the ID says its domain; without a server, that
    /// domain is the server.
    pub(crate) fn read(server: &str, login: &str) -> Result<Self, Fault> {
        let login = login.trim();
        let (login, domain) = match login.rsplit_once('@') {
            None => (login.to_owned(), None),
            Some((local, _)) => {
                // Without a valid address there is no such account.
                let address = BareJid::new(login).map_err(|_| Fault::NotAuthorized)?;
                let domain = Host::read(address.domain().as_str()).map_err(|_| Fault::NotAuthorized)?;
                (
                    address.node().map_or_else(|| local.to_owned(), |node| node.as_str().to_owned()),
                    Some(domain),
                )
            }
        };
        let address = match (&domain, server.trim()) {
            (Some(domain), "") => Address { host: domain.clone(), port: None },
            (_, server) => Address::read(server)?,
        };
        let domain = domain.or_else(|| Some(address.host.clone()).filter(Host::is_domain));
        Ok(Self { address, login, domain })
    }

    /// What the stream header asks for: the domain or, as long as nobody has said it, the host.
    pub(crate) fn asked(&self) -> String {
        self.domain.as_ref().unwrap_or(&self.address.host).as_domain()
    }

    /// The names of which the certificate must have one: the domain and what was typed.
    pub(crate) fn names(&self) -> Vec<Host> {
        let mut names: Vec<Host> = self.domain.clone().into_iter().collect();
        if !names.contains(&self.address.host) {
            names.push(self.address.host.clone());
        }
        names
    }
}

/// The domain the server calls its own in the stream header, if it is one.
pub(crate) fn domain_of_header(from: Option<&str>, asked: &str) -> String {
    from.and_then(|from| DomainPart::new(from).ok())
        .map_or_else(|| asked.to_owned(), |domain| domain.as_str().to_owned())
}

#[cfg(test)]
mod tests;
