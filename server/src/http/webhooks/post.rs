//! Brings one delivery to an application: one connection, five seconds, no redirect is followed.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::letter::{self, WebhookSecret, is_good_address};
use crate::clock::Timestamp;
use crate::storage::notices::{Delivery, Told};

/// How long an application may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Knows the authorities that this computer trusts.
#[derive(Debug)]
pub(super) struct Postman {
    roots: Arc<RootCertStore>,
}

/// Why an application was not told.
#[derive(Debug, thiserror::Error)]
enum PostError {
    #[error("it may not be told there")]
    Address,
    #[error("no connection: {0}")]
    Connection(#[from] io::Error),
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    #[error("HTTP: {0}")]
    Http(#[from] hyper::Error),
    #[error("the request cannot be made: {0}")]
    Request(#[from] hyper::http::Error),
    #[error("no answer in 5 seconds")]
    Silent,
}

impl Postman {
    pub(super) fn new() -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Self { roots: Arc::new(roots) }
    }

    /// Tells it.
    pub(super) async fn tell(&self, delivery: &Delivery, now: Timestamp) -> Told {
        let asked = tokio::time::timeout(PATIENCE, self.post(delivery, now)).await;
        match asked.unwrap_or(Err(PostError::Silent)) {
            Ok(status) if status.is_success() => Told::Yes,
            Ok(StatusCode::GONE) => Told::Never("it answers 410: it wants to hear nothing more".to_owned()),
            Ok(status) if status.is_redirection() => {
                Told::No(format!("it answers {}; redirects are not followed", status.as_u16()))
            }
            Ok(status) => Told::No(format!("it answers {}", status.as_u16())),
            Err(error) => Told::No(error.to_string()),
        }
    }

    async fn post(&self, delivery: &Delivery, now: Timestamp) -> Result<StatusCode, PostError> {
        let webhook = &delivery.webhook;
        if !is_good_address(&webhook.url, webhook.may_be_plain) {
            return Err(PostError::Address);
        }
        let uri: Uri = webhook.url.parse().map_err(|_| PostError::Address)?;
        let host = uri.host().ok_or(PostError::Address)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let is_tls = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let (id, seconds, body) = (letter::id(delivery), now.seconds(), letter::body(delivery, now));
        let signature = WebhookSecret::new(webhook.secret.clone()).signature(&id, seconds, &body);
        let authority = uri.authority().map_or(host, |authority| authority.as_str());
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let request = Request::post(path)
            .header(header::HOST, authority)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, "posthouse")
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signature)
            .body(Full::new(Bytes::from(body)))?;
        let stream = TcpStream::connect((bare.as_str(), port)).await?;
        if !is_tls && !stream.peer_addr()?.ip().is_loopback() {
            return Err(PostError::Address);
        }
        if !is_tls {
            return exchange(stream, request).await;
        }
        let name = ServerName::try_from(bare).map_err(|_| PostError::Address)?;
        exchange(self.connector()?.connect(name, stream).await?, request).await
    }

    fn connector(&self) -> Result<TlsConnector, rustls::Error> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

/// Sends the request and reads the head of the answer; what else is said is of no interest.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<StatusCode, PostError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let answered = sender.send_request(request);
    tokio::pin!(answered, connection);
    tokio::select! {
        answer = &mut answered => Ok(answer?.status()),
        ended = &mut connection => {
            // The answer may be there although the connection has ended.
            ended?;
            Ok(answered.await?.status())
        }
    }
}
