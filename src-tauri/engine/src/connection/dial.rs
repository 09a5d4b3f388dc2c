//! One TCP connection to the first address that answers (RFC 8305 in a simple form).

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;

use super::fault::Fault;

/// How long an address may be silent before the next one is tried beside it (RFC 8305 section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// Connects within `patience`.
pub(super) async fn dial(addresses: &[SocketAddr], patience: Duration) -> Result<TcpStream, Fault> {
    let unreachable = |source: io::Error| {
        let address = addresses.first().map(ToString::to_string).unwrap_or_default();
        Fault::Unreachable { address, source }
    };
    let outcome = tokio::time::timeout(patience, race(addresses)).await;
    let stream = outcome.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(unreachable)?;
    // Messages are small and wait for nobody.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

async fn race(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut waiting = addresses.iter().copied();
    let mut racing = FuturesUnordered::new();
    let mut problem = io::Error::from(io::ErrorKind::AddrNotAvailable);
    loop {
        if let Some(address) = waiting.next() {
            racing.push(TcpStream::connect(address));
        } else if racing.is_empty() {
            return Err(problem);
        }
        let next = racing.next();
        let finished = if waiting.len() == 0 {
            next.await
        } else {
            // Time is up: the next address joins.
            tokio::time::timeout(HEAD_START, next).await.unwrap_or(None)
        };
        match finished {
            Some(Ok(stream)) => return Ok(stream),
            Some(Err(error)) => problem = error,
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_dead_address_does_not_keep_from_a_live_one() {
        let dead = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let alive = listener.local_addr().unwrap();
        let stream = dial(&[dead, alive], Duration::from_secs(5)).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), alive);
    }

    #[tokio::test]
    async fn without_a_live_address_the_server_is_unreachable() {
        let dead = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let fault = dial(&[dead, dead], Duration::from_secs(5)).await.unwrap_err();
        assert!(matches!(fault, Fault::Unreachable { address, .. } if address == dead.to_string()));
        assert!(dial(&[], Duration::from_secs(5)).await.is_err());
    }
}
