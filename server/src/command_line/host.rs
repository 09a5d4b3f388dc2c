//! Names and addresses of this computer, for the certificate.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};

/// The computer's name, if it has one.
pub(crate) fn name() -> Option<String> {
    let files = ["/proc/sys/kernel/hostname", "/etc/hostname"];
    let from_file = files.into_iter().find_map(|file| std::fs::read_to_string(file).ok());
    let text = match from_file {
        Some(text) => text,
        // The command of that name exists on Windows, macOS and the BSDs.
        None => String::from_utf8(std::process::Command::new("hostname").output().ok()?.stdout).ok()?,
    };
    let name = text.trim().to_lowercase();
    let is_name = !name.is_empty()
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-.".contains(letter));
    is_name.then_some(name)
}

/// Loopback, the addresses that the computer's name stands for, and those it reaches others from.
pub(crate) fn addresses() -> BTreeSet<IpAddr> {
    let mut found = BTreeSet::from([IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]);
    if let Some(resolved) = name().and_then(|name| (name, 0).to_socket_addrs().ok()) {
        found.extend(resolved.map(|address| address.ip()));
    }
    // Connecting a UDP socket sends nothing: it only asks the routing table which address is ours. The peers are
    // documentation addresses (RFC 5737, RFC 3849) and those of private networks.
    for peer in ["192.0.2.1:9", "10.255.255.1:9", "172.31.255.1:9", "192.168.255.1:9", "[2001:db8::1]:9"] {
        found.extend(source_towards(peer));
    }
    found.retain(|address| !address.is_unspecified());
    found
}

fn source_towards(peer: &str) -> Option<IpAddr> {
    let peer: SocketAddr = peer.parse().ok()?;
    let local: SocketAddr =
        if peer.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
    let socket = UdpSocket::bind(local).ok()?;
    socket.connect(peer).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}
