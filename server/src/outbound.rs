//! Requests of the server to business systems: one POST, inside TLS that is verified, redirects never followed, within
//! a few seconds, and little of the answer read.

use std::io;
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
    /// It takes too long.
    #[error("it took too long to answer")]
    TimedOut,
}

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub struct Post<'a> {
    /// Where to; `https`, or `http` where the administrator has allowed it.
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
        let asking = self.ask(post);
        tokio::time::timeout(post.patience, asking).await.map_err(|_| OutboundError::TimedOut)?
    }

    async fn ask(&self, post: &Post<'_>) -> Result<u16, OutboundError> {
        let uri: Uri = post.url.parse().map_err(|_| OutboundError::Address)?;
        let authority = uri.authority().ok_or(OutboundError::Address)?;
        let host = authority.host().trim_matches(['[', ']']);
        let is_secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(OutboundError::Address),
        };
        let port = authority.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        let stream = TcpStream::connect((host, port)).await?;
        stream.set_nodelay(true)?;
        if is_secure {
            let name = ServerName::try_from(host.to_owned()).map_err(|_| OutboundError::Address)?;
            exchange(self.0.connect(name, stream).await?, post, &uri).await
        } else {
            exchange(stream, post, &uri).await
        }
    }
}

async fn exchange<S>(stream: S, post: &Post<'_>, uri: &Uri) -> Result<u16, OutboundError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let host = uri.authority().map(ToString::to_string).unwrap_or_default();
    let target = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(target)
        .header(header::HOST, host)
        .header(header::CONTENT_TYPE, post.kind)
        .header(header::USER_AGENT, concat!("Posthouse/", env!("CARGO_PKG_VERSION")))
        .header(header::CONNECTION, "close");
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
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::{Outbound, OutboundError, Post};

    fn post(url: &str) -> Post<'_> {
        Post {
            url,
            kind: "application/x-www-form-urlencoded",
            headers: &[],
            body: "a=b",
            patience: Duration::from_millis(500),
            longest_answer: 100,
        }
    }

    /// A system that says `answer` and tells what it was asked.
    async fn system(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?x=1", listener.local_addr().unwrap());
        let asked = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"a=b") {
                assert!(stream.read_buf(&mut request).await.unwrap() > 0);
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(request).unwrap()
        });
        (url, asked)
    }

    #[tokio::test]
    async fn a_system_is_asked_once_and_a_redirect_is_only_a_status() {
        let outbound = Outbound::new(Path::new("nowhere")).unwrap();
        let answer = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        let (url, asked) = system(answer).await;
        assert_eq!(outbound.post(&post(&url)).await.unwrap(), 302);
        let request = asked.await.unwrap().to_ascii_lowercase();
        assert!(request.starts_with("post /hook?x=1 http/1.1\r\nhost: 127.0.0.1:"), "{request}");
        assert!(request.contains("content-type: application/x-www-form-urlencoded\r\n"), "{request}");
    }

    #[tokio::test]
    async fn a_system_that_does_not_answer_is_given_up() {
        let outbound = Outbound::new(Path::new("nowhere")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        assert!(matches!(outbound.post(&post(&url)).await, Err(OutboundError::TimedOut)));
        assert!(matches!(outbound.post(&post("ftp://127.0.0.1/")).await, Err(OutboundError::Address)));
        drop(listener);
        assert!(matches!(outbound.post(&post(&url)).await, Err(OutboundError::Io(_))));
    }
}
