//! Opens the ports for HTTP, and closes them in good order.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::ports::{self, Addresses};
use super::{StartError, WebPorts};
use crate::http::{self, Acceptor, HttpDoor, HttpLimits};
use crate::stream::tls::Tls;

/// What the ports for HTTP need.
pub(super) struct WebParts {
    pub(super) limits: HttpLimits,
    pub(super) tls: Arc<Tls>,
    pub(super) parts: http::Parts,
}

/// Open ports for HTTP.
#[derive(Debug)]
pub(super) struct Web {
    stop: watch::Sender<bool>,
    listeners: JoinSet<()>,
}

/// Opens the ports and notes where they are.
pub(super) fn open(web: WebParts, wanted: &WebPorts, noted: &mut Addresses) -> Result<Web, StartError> {
    let WebParts { limits, tls, parts } = web;
    let (stop, stopped) = watch::channel(false);
    let door = HttpDoor::new(http::routes(parts, &limits), &limits, stopped);
    let acceptor: Acceptor = Arc::new(move || tls.https());
    let mut listeners = JoinSet::new();
    for (name, list, acceptor) in
        [("http", &wanted.http, None), ("https", &wanted.https, Some(Arc::clone(&acceptor)))]
    {
        let sockets = ports::bind(name, list)?;
        noted.insert(name, ports::addresses(name, &sockets)?);
        for socket in sockets {
            listeners.spawn(door.clone().listen(socket, acceptor.clone()));
        }
    }
    Ok(Web { stop, listeners })
}

impl Web {
    /// Takes no more connections and waits until those that are there have had their answers.
    pub(super) async fn stop(self) {
        self.stop.send_replace(true);
        self.listeners.join_all().await;
    }
}
