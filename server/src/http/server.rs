//! Serves routes at a socket until it is told to stop.

use axum::Router;
use tokio::net::TcpListener;

/// What is answered at a port.
#[derive(Debug, Clone)]
pub struct Routes(pub(super) Router);

/// Answers requests for as long as it is polled.
pub async fn serve(listener: TcpListener, routes: Routes) {
    if let Err(error) = axum::serve(listener, routes.0).await {
        tracing::error!(%error, "the HTTP port is closed");
    }
}
