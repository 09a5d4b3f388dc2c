//! A business system's site that knows nobody: it answers with the pages that a scene gives it, and notes all that
//! reaches it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use axum::serve::Listener;
use futures_util::stream::{self, Stream};
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use crate::port::Port;

/// What reached the site.
#[derive(Debug, Clone)]
pub struct Reached {
    /// `GET` or `POST`.
    pub method: String,
    /// With what stands behind the question mark.
    pub path: String,
    /// The cookies, as they came.
    pub cookies: String,
    /// As it came.
    pub body: String,
}

/// What the site answers at a path.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    tap: Option<watch::Receiver<Flow>>,
}

/// How much of a file comes.
#[derive(Debug, Clone, Copy)]
enum Flow {
    /// So many bytes from the start.
    UpTo(usize),
    /// No more, and the line is cut.
    Broken,
}

/// Lets a file through bit by bit; the line is cut when this is dropped before all of it has come.
#[derive(Debug)]
pub struct Tap(watch::Sender<Flow>);

impl Tap {
    /// So many bytes from the start have come, and no more.
    pub fn lets_through(&self, bytes: usize) {
        self.0.send_replace(Flow::UpTo(bytes));
    }

    /// The line is cut.
    pub fn cuts(&self) {
        self.0.send_replace(Flow::Broken);
    }
}

impl Answer {
    /// A page with this title and this in its body.
    #[must_use]
    pub fn page(title: &str, body: &str) -> Self {
        let html =
            format!("<!doctype html><html><meta charset='utf-8'><title>{title}</title><body>{body}</html>");
        Self { status: 200, body: html.into_bytes(), ..Self::default() }.with("content-type", "text/html")
    }

    /// Sends on to another address.
    #[must_use]
    pub fn redirect(to: &str) -> Self {
        Self { status: 303, ..Self::default() }.with("location", to)
    }

    /// Something of a kind, such as `audio/wav`.
    #[must_use]
    pub fn of_kind(kind: &str, bytes: Vec<u8>) -> Self {
        Self { status: 200, body: bytes, ..Self::default() }.with("content-type", kind)
    }

    /// A file to be stored under this name.
    #[must_use]
    pub fn file(name: &str, bytes: Vec<u8>) -> Self {
        let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        Self { status: 200, body: bytes, ..Self::default() }
            .with("content-type", "application/octet-stream")
            .with("content-disposition", &format!("attachment; filename*=UTF-8''{encoded}"))
    }

    /// The same file, of which only so much comes as the tap lets through: nothing at first.
    #[must_use]
    pub fn slow_file(name: &str, bytes: Vec<u8>) -> (Self, Tap) {
        let (tap, flow) = watch::channel(Flow::UpTo(0));
        let length = bytes.len().to_string();
        let answer = Self { tap: Some(flow), ..Self::file(name, bytes) };
        (answer.with("content-length", &length), Tap(tap))
    }

    /// With another header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// The site; it ends when this is dropped.
#[derive(Debug)]
pub struct BusinessSite {
    origin: String,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
    _port: Port,
}

#[derive(Debug)]
struct Shared {
    answers: Mutex<HashMap<String, Answer>>,
    reached: Mutex<Vec<Reached>>,
    count: watch::Sender<usize>,
}

impl Drop for BusinessSite {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl BusinessSite {
    /// A site without TLS.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn open() -> anyhow::Result<Self> {
        Self::start("http", None).await
    }

    /// A site with a certificate: PEM files. `with_root`: whether it sends more than its own certificate.
    ///
    /// # Errors
    /// There is no free port, or the files are none.
    pub async fn open_with(chain: &Path, key: &Path, with_root: bool) -> anyhow::Result<Self> {
        let mut chain = CertificateDer::pem_file_iter(chain)?.collect::<Result<Vec<_>, _>>()?;
        if !with_root {
            chain.truncate(1);
        }
        let key = PrivateKeyDer::from_pem_file(key)?;
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        Self::start("https", Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn start(scheme: &str, tls: Option<TlsAcceptor>) -> anyhow::Result<Self> {
        let port = Port::take()?;
        let listener = TcpListener::bind(port.address()).await.context("no port for the site")?;
        let shared = Arc::new(Shared {
            answers: Mutex::default(),
            reached: Mutex::default(),
            count: watch::Sender::new(0),
        });
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        // A port that fails shows in every page that does not open.
        let task = match tls {
            None => tokio::spawn(async move {
                let _ = axum::serve(listener, routes).await;
            }),
            Some(tls) => tokio::spawn(async move {
                let _ = axum::serve(TlsListener { listener, tls }, routes).await;
            }),
        };
        Ok(Self { origin: format!("{scheme}://{}", port.address()), shared, task, _port: port })
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Answers nobody any more; its port stays its own.
    pub fn close(&self) {
        self.task.abort();
    }

    /// From now on it answers that at a path, whatever stands behind the question mark.
    pub fn answers(&self, path: &str, answer: Answer) {
        self.shared.answers.lock().insert(path.to_owned(), answer);
    }

    /// All that has reached it at a path.
    #[must_use]
    pub fn reached(&self, path: &str) -> Vec<Reached> {
        let is_there = |one: &&Reached| one.path.split('?').next() == Some(path);
        self.shared.reached.lock().iter().filter(is_there).cloned().collect()
    }

    /// Waits until something has reached a path so many times; answers with the last of them.
    ///
    /// # Errors
    /// It does not in time; says what has come.
    pub async fn is_reached(&self, path: &str, times: usize) -> anyhow::Result<Reached> {
        let mut count = self.shared.count.subscribe();
        let waiting = count.wait_for(|_| self.reached(path).len() >= times);
        let is_late = tokio::time::timeout(Duration::from_secs(40), waiting).await.is_err();
        let paths: Vec<String> = self.shared.reached.lock().iter().map(|one| one.path.clone()).collect();
        anyhow::ensure!(!is_late, "{path} was not reached {times} times: {paths:?}");
        self.reached(path).pop().context("nothing")
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let cookies = headers.get("cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
    shared.reached.lock().push(Reached {
        method: method.to_string(),
        path: uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        cookies: cookies.to_owned(),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    shared.count.send_modify(|count| *count += 1);
    let known = shared.answers.lock().get(uri.path()).cloned();
    let answer = known.unwrap_or_else(|| Answer { status: 404, ..Answer::default() });
    let mut response = Response::builder().status(answer.status).header("cache-control", "no-store");
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    let body = match answer.tap {
        Some(flow) => Body::from_stream(drops(answer.body, flow)),
        None => Body::from(answer.body),
    };
    response.body(body).unwrap_or_default()
}

/// What comes out of a tap.
fn drops(bytes: Vec<u8>, flow: watch::Receiver<Flow>) -> impl Stream<Item = std::io::Result<Bytes>> {
    let cut = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    stream::try_unfold((Bytes::from(bytes), 0, flow), move |(rest, passed, mut flow)| async move {
        if rest.is_empty() {
            return Ok(None);
        }
        let waiting = flow.wait_for(|flow| !matches!(flow, Flow::UpTo(bytes) if *bytes <= passed)).await;
        let Flow::UpTo(bytes) = *waiting.map_err(|_| cut())? else { return Err(cut()) };
        let mut rest = rest;
        let next = rest.split_to((bytes - passed).min(rest.len()));
        let passed = passed + next.len();
        Ok(Some((next, (rest, passed, flow))))
    })
}

struct TlsListener {
    listener: TcpListener,
    tls: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            // Whoever does not like the certificate goes away.
            if let Ok((stream, address)) = self.listener.accept().await
                && let Ok(stream) = self.tls.accept(stream).await
            {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
