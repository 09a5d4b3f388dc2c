//! Requests of the server to business systems: one POST, or a look at a page, inside TLS that is verified, redirects never followed, within
//! a few seconds, and little of the answer read. Plain HTTP does not leave this computer unless that is said.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::{Method, Request, Uri, header};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

/// Why a system was not reached.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// It cannot be reached, or its certificate is not to be trusted.
    #[error("it cannot be reached: {0}")]
    Io(#[from] io::Error),
    /// It does not speak HTTP.
    #[error("it does not speak HTTP: {0}")]
    Http(#[from] hyper::Error),
    /// The address is none.
    #[error("the address is none that can be asked")]
    Address,
    /// Others on the way could read along and change what is said.
    #[error("the address is plain http on another computer")]
    NotSecure,
    /// It takes too long.
    #[error("it took too long to answer")]
    TimedOut,
}

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub struct Post<'a> {
    /// Where to; `https`, or `http` on this computer.
    pub url: &'a str,
    /// `Content-Type`
    pub kind: &'static str,
    /// More headers.
    pub headers: &'a [(&'static str, String)],
    /// The body.
    pub body: &'a str,
    /// How long it may take in all.
    pub patience: Duration,
    /// Most bytes of the answer that are read.
    pub longest_answer: usize,
}

/// Sends requests. Cheap to clone.
#[derive(Clone)]
pub struct Outbound(TlsConnector);

impl std::fmt::Debug for Outbound {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Outbound")
    }
}

impl Outbound {
    /// Trusts what the operating system trusts, and the authority in `own`, when that file is there.
    ///
    /// # Errors
    /// The file is no certificate.
    pub fn new(own: &Path) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if own.is_file() {
            for certificate in CertificateDer::pem_file_iter(own).map_err(io::Error::other)? {
                roots.add(certificate.map_err(io::Error::other)?).map_err(io::Error::other)?;
            }
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// Posts; answers the status.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn post(&self, post: &Post<'_>) -> Result<u16, OutboundError> {
        self.ask_in_time(post, Plain::OnThisComputer).await
    }

    /// The same also in the clear, for what is no secret and goes where the administrator has chosen plain HTTP.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn post_in_the_clear(&self, post: &Post<'_>) -> Result<u16, OutboundError> {
        self.ask_in_time(post, Plain::Anywhere).await
    }

    /// Looks at a page, as far as its status.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn look(&self, url: &str, patience: Duration) -> Result<u16, OutboundError> {
        let post = Post { url, kind: "", headers: &[], body: "", patience, longest_answer: 65_536 };
        let asking = self.ask(Method::GET, &post, Plain::Anywhere);
        tokio::time::timeout(patience, asking).await.map_err(|_| OutboundError::TimedOut)?
    }

    async fn ask_in_time(&self, post: &Post<'_>, plain: Plain) -> Result<u16, OutboundError> {
        let asking = self.ask(Method::POST, post, plain);
        tokio::time::timeout(post.patience, asking).await.map_err(|_| OutboundError::TimedOut)?
    }

    async fn ask(&self, method: Method, post: &Post<'_>, plain: Plain) -> Result<u16, OutboundError> {
        // As browsers read it: names and paths may have been registered in Chinese.
        let url = Url::parse(post.url).map_err(|_| OutboundError::Address)?;
        let is_secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(OutboundError::Address),
        };
        let uri: Uri = url.as_str().parse().map_err(|_| OutboundError::Address)?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let port = url.port_or_known_default().ok_or(OutboundError::Address)?;
        let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
        let stays = addresses.iter().all(|address| address.ip().is_loopback());
        if !is_secure && !stays && plain == Plain::OnThisComputer {
            return Err(OutboundError::NotSecure);
        }
        let stream = TcpStream::connect(addresses.as_slice()).await?;
        stream.set_nodelay(true)?;
        if is_secure {
            let name = ServerName::try_from(host.to_owned()).map_err(|_| OutboundError::Address)?;
            exchange(self.0.connect(name, stream).await?, method, post, &uri).await
        } else {
            exchange(stream, method, post, &uri).await
        }
    }
}

/// Where plain HTTP may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plain {
    OnThisComputer,
    Anywhere,
}

async fn exchange<S>(stream: S, method: Method, post: &Post<'_>, uri: &Uri) -> Result<u16, OutboundError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let host = uri.authority().map(ToString::to_string).unwrap_or_default();
    let target = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder()
        .method(method)
        .uri(target)
        .header(header::HOST, host)
        .header(header::USER_AGENT, concat!("Posthouse/", env!("CARGO_PKG_VERSION")))
        .header(header::CONNECTION, "close");
    if !post.kind.is_empty() {
        request = request.header(header::CONTENT_TYPE, post.kind);
    }
    for (name, value) in post.headers {
        request = request.header(*name, value);
    }
    let body = Full::new(Bytes::from(post.body.to_owned()));
    let request = request.body(body).map_err(|_| OutboundError::Address)?;
    let mut answering = std::pin::pin!(async {
        let answer = sender.send_request(request).await?;
        let status = answer.status().as_u16();
        // The answer is read so that the system can end in good order; a long one is left where it is.
        let _ = Limited::new(answer.into_body(), post.longest_answer).collect().await;
        Ok(status)
    });
    tokio::select! {
        answer = answering.as_mut() => answer,
        ended = connection => {
            ended?;
            // The system has closed behind its answer.
            answering.await
        }
    }
}

#[cfg(test)]
mod tests;
