//! Modems behind a terminal server (ser2net and the like).

use std::io;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

use super::Port;

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn open(address: &str) -> io::Result<Box<dyn Port>> {
    let connecting = tokio::time::timeout(PATIENCE, TcpStream::connect(address));
    let stream = connecting.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    stream.set_nodelay(true)?;
    // A modem may say nothing for hours: a terminal server that vanished has to be noticed all the same.
    let keepalive =
        TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(15));
    SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
    Ok(Box::new(stream))
}
