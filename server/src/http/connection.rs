//! Takes HTTP connections, in the clear or inside TLS, within the limits, and ends them in good order.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::admission::{Admission, Place};
use super::guard::Peer;
use super::limits::{HEAD_BYTES, HttpLimits, STOPPING, TLS_TIME};
use super::server::Routes;

/// Begins TLS with the certificate in force.
pub type Acceptor = Arc<dyn Fn() -> TlsAcceptor + Send + Sync>;

/// The door of business systems and browsers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct HttpDoor {
    routes: Routes,
    admission: Admission,
    header_time: Duration,
    stop: watch::Receiver<bool>,
}

impl HttpDoor {
    /// Answers with these routes until `stop` says true.
    pub fn new(routes: Routes, limits: &HttpLimits, stop: watch::Receiver<bool>) -> Self {
        Self { routes, admission: Admission::new(limits), header_time: limits.header_time, stop }
    }

    /// Takes connections at a socket until the door closes; then requests that have begun are answered.
    pub async fn listen(mut self, listener: TcpListener, acceptor: Option<Acceptor>) {
        let mut connections = JoinSet::new();
        let stop = self.stop.clone();
        loop {
            let accepted = tokio::select! {
                () = stopped(stop.clone()) => break,
                Some(_) = connections.join_next() => continue,
                accepted = listener.accept() => accepted,
            };
            self.welcome(accepted, acceptor.as_ref(), &mut connections).await;
        }
        drop(listener);
        let all = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(STOPPING, all).await.is_err() {
            tracing::info!("HTTP requests are broken off");
        }
    }

    async fn welcome(
        &mut self,
        accepted: std::io::Result<(TcpStream, SocketAddr)>,
        acceptor: Option<&Acceptor>,
        connections: &mut JoinSet<()>,
    ) {
        let (stream, connection) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Usually too many open files: other connections have to end first.
                tracing::warn!(%error, "an HTTP connection cannot be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                return;
            }
        };
        let address = connection.ip().to_canonical();
        let Some(place) = self.admission.admit(address) else {
            tracing::info!(%address, "too many HTTP connections");
            return;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "an HTTP connection is gone already");
            return;
        }
        let peer = Peer { connection, is_tls: acceptor.is_some() };
        let (door, tls) = (self.clone(), acceptor.map(|begin| begin()));
        connections.spawn(async move {
            match tls {
                None => door.answer(stream, peer, place).await,
                Some(tls) => match tokio::time::timeout(TLS_TIME, tls.accept(stream)).await {
                    Ok(Ok(stream)) => door.answer(stream, peer, place).await,
                    Ok(Err(error)) => tracing::debug!(%error, "TLS of an HTTP connection fails"),
                    Err(_) => tracing::debug!("TLS of an HTTP connection takes too long"),
                },
            }
        });
    }

    async fn answer(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: Peer,
        place: Place,
    ) {
        let routes = TowerToHyperService::new(self.routes.0);
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            routes.call(request)
        });
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(self.header_time)
                .max_buf_size(HEAD_BYTES)
                .serve_connection(TokioIo::new(stream), service)
        );
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stopped(self.stop) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "an HTTP connection breaks");
        }
        drop(place);
    }
}

/// Returns once the door closes.
async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|is_over| *is_over).await;
}
