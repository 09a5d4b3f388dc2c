//! Listens at the ports for clients and starts a task for each connection.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};
use tokio::net::{TcpListener, TcpStream};
use tracing::Instrument;

use super::accepting;
use super::door::Door;

/// How connections at a port begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// Plain, STARTTLS required (5222).
    StartTls,
    /// TLS with the first byte (5223).
    DirectTls,
    /// Either, told apart by the first byte (10000).
    Any,
}

/// Binds `address`; port 0 is any free port. An IPv6 address takes no IPv4 connections, so that both can be
/// listed.
///
/// # Errors
/// The system's.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(4_096)?;
    TcpListener::from_std(socket.into())
}

/// Accepts connections until the door closes.
pub async fn listen(door: Arc<Door>, listener: TcpListener, port: Port) {
    let task = door.task();
    loop {
        let accepted = tokio::select! {
            () = task.stopped() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => welcome(&door, stream, peer, port),
            Err(error) => {
                // Usually too many open files: other connections have to end first.
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

fn welcome(door: &Arc<Door>, stream: TcpStream, peer: SocketAddr, port: Port) {
    let address = canonical(peer.ip());
    let Some(place) = door.admission.admit(address, Instant::now()) else {
        tracing::info!(%address, "too many connections");
        return;
    };
    if let Err(error) = prepare(&stream) {
        tracing::debug!(%error, "a connection is gone already");
        return;
    }
    let task = door.task();
    let door = Arc::clone(door);
    let id = door.next_session_id();
    // Of the highest level, so that every line of whatever level names the session.
    let span = tracing::error_span!("session", session = id.0, login = tracing::field::Empty);
    let connection = async move {
        let welcome = accepting::Welcome { door, address, place, id };
        Box::pin(welcome.run(stream, port)).await;
        drop(task);
    };
    tokio::spawn(connection.instrument(span));
}

/// Answers go out at once, and a computer that vanished is noticed in time.
fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let keepalive =
        TcpKeepalive::new().with_time(Duration::from_secs(90)).with_interval(Duration::from_secs(30));
    socket2::SockRef::from(stream).set_tcp_keepalive(&keepalive)
}

/// IPv4 addresses that come in the IPv6 form count as what they are.
fn canonical(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}
