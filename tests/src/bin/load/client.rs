//! A light client: TLS, bytes in and bytes out.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use memchr::memmem;
use posthouse_tests::server_process::DOMAIN;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// How long an answer may take on a machine that is busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Most bytes read at once.
const PIECE: usize = 16 * 1_024;

/// Opens connections.
#[derive(Clone)]
pub(crate) struct Connector {
    tls: TlsConnector,
    name: ServerName<'static>,
}

impl Connector {
    /// Trusts the certificate authority in that file. Every handshake is a full one.
    pub(crate) fn trusting(authority: &Path) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(authority).context("the certificate authority")?)?;
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        let name = ServerName::try_from(DOMAIN).context("the domain")?;
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), name })
    }

    /// Connects and shakes hands.
    pub(crate) async fn open(&self, address: SocketAddr) -> anyhow::Result<Line> {
        let opening = async {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            self.tls.connect(self.name.clone(), stream).await
        };
        let stream = tokio::time::timeout(PATIENCE, opening)
            .await
            .with_context(|| format!("{address} does not shake hands"))?
            .with_context(|| format!("no connection to {address}"))?;
        Ok(Line { stream: Box::new(stream), received: Vec::new() })
    }
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Line {
    stream: Box<TlsStream<TcpStream>>,
    /// What came and has not been looked at.
    pub(crate) received: Vec<u8>,
}

impl Line {
    /// Sends bytes as they are.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.stream.write_all(bytes).await.context("the server takes nothing more")?;
        self.stream.flush().await.context("the server takes nothing more")
    }

    /// Waits for more bytes, which go behind those in `received`; how many came, 0 at the end.
    pub(crate) async fn read(&mut self) -> anyhow::Result<usize> {
        self.received.reserve(PIECE);
        self.stream.read_buf(&mut self.received).await.context("the connection broke")
    }

    /// Waits until `end` has come; answers with everything up to it.
    pub(crate) async fn read_until(&mut self, end: &[u8]) -> anyhow::Result<Vec<u8>> {
        let waiting = async {
            let mut looked_at = 0_usize;
            loop {
                let from = looked_at.saturating_sub(end.len());
                let fresh = self.received.get(from..).unwrap_or_default();
                if let Some(at) = memmem::find(fresh, end) {
                    let length = from.saturating_add(at).saturating_add(end.len());
                    return Ok(self.received.drain(..length).collect());
                }
                looked_at = self.received.len();
                anyhow::ensure!(self.read().await? > 0, "the server closed: {}", self.shown());
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(outcome) => outcome,
            Err(_) => anyhow::bail!("{} did not come: {}", String::from_utf8_lossy(end), self.shown()),
        }
    }

    /// Closes in good order and waits until the server has done so, too.
    pub(crate) async fn close(mut self) -> anyhow::Result<()> {
        let closing = async {
            // The server may have closed first.
            let _ = self.stream.shutdown().await;
            while self.read().await.unwrap_or_default() > 0 {
                self.received.clear();
            }
        };
        tokio::time::timeout(PATIENCE, closing).await.context("the server does not close")
    }

    /// Gives back memory that an idle connection does not need.
    pub(crate) fn rest(&mut self) {
        self.received.shrink_to_fit();
    }

    fn shown(&self) -> String {
        let shown: String = String::from_utf8_lossy(&self.received).chars().take(500).collect();
        format!("got “{shown}”")
    }
}
