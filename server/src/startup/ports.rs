//! Opens the ports for clients, components and figures, and writes down where they are.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::{ClientPorts, StartError};
use crate::component::{self, ComponentDoor};
use crate::config::Listen;
use crate::stream::door::Door;
use crate::stream::listener::{self, Port};

/// The addresses listened at, by the name of the port in the settings.
pub(super) type Addresses = BTreeMap<&'static str, Vec<SocketAddr>>;

/// Binds all addresses of one door.
pub(super) fn bind(door: &'static str, addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, StartError> {
    let mut bound = Vec::new();
    for address in addresses {
        match listener::bind(*address) {
            Ok(socket) => bound.push(socket),
            // A host without IPv6 is served at the IPv4 twin.
            Err(error) if Listen::has_ipv4_twin(addresses, *address) => {
                tracing::warn!(%address, %error, "cannot listen; IPv4 is served");
            }
            Err(source) => return Err(StartError::Listen { door, address: *address, source }),
        }
    }
    Ok(bound)
}

/// Where these sockets really are.
pub(super) fn addresses(door: &'static str, sockets: &[TcpListener]) -> Result<Vec<SocketAddr>, StartError> {
    let unknown = |source| StartError::Listen { door, address: ([0, 0, 0, 0], 0).into(), source };
    sockets.iter().map(|socket| socket.local_addr().map_err(unknown)).collect()
}

/// Opens the ports for clients.
pub(super) fn open(door: &Arc<Door>, ports: &ClientPorts) -> Result<Addresses, StartError> {
    let lists = [
        ("starttls", &ports.starttls, Port::StartTls),
        ("direct_tls", &ports.direct_tls, Port::DirectTls),
        ("any", &ports.any, Port::Any),
    ];
    let mut open = BTreeMap::new();
    for (name, list, port) in lists {
        let sockets = bind(name, list)?;
        open.insert(name, addresses(name, &sockets)?);
        for socket in sockets {
            tokio::spawn(listener::listen(Arc::clone(door), socket, port));
        }
    }
    Ok(open)
}

/// Opens the ports for components; they close with `background`.
pub(super) fn open_components(
    door: ComponentDoor,
    list: &[SocketAddr],
    background: &mut JoinSet<()>,
) -> Result<Vec<SocketAddr>, StartError> {
    let sockets = bind("component", list)?;
    let bound = addresses("component", &sockets)?;
    let door = Arc::new(door);
    for socket in sockets {
        background.spawn(component::listen(Arc::clone(&door), socket));
    }
    Ok(bound)
}

/// Complete or not there: who waits for the file must not read half of it.
pub(super) fn write_addresses(data: &Path, addresses: &Addresses) -> Result<(), StartError> {
    let path = data.join("addresses.json");
    let draft = data.join("addresses.json.new");
    let at = |source| StartError::Addresses { path: path.clone(), source };
    let text = serde_json::to_string_pretty(addresses).map_err(|error| at(io::Error::other(error)))?;
    std::fs::write(&draft, text).map_err(at)?;
    std::fs::rename(&draft, &path).map_err(at)
}
