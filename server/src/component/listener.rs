//! Accepts connections of components and starts a task for each.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::ComponentDoor;
use super::link;

/// Accepts until this is dropped; the connections end with it.
pub async fn listen(door: Arc<ComponentDoor>, socket: TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = socket.accept() => match accepted {
                Ok((stream, address)) => {
                    tracing::debug!(%address, "a component connects");
                    let door = Arc::clone(&door);
                    connections.spawn(async move { link::serve(&door, stream).await });
                }
                Err(error) => {
                    // Usually too many open files: other connections have to end first.
                    tracing::warn!(%error, "a component's connection cannot be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}
